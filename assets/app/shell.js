// The frame: header, rail, the screen, and what lies above it. Screens before sign-in stand
// alone.

import { Fragment, classes, h, html, signal, useEffect, useRef } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { useKeys } from '../lib/keys.js';
import { link } from '../lib/link.js';
import { navigate, place, preload } from '../lib/router.js';
import { can, session } from '../lib/session.js';
import { useWaitingReviews } from '../lib/waiting-reviews.js';
import { Asked } from '../ui/dialog.js';
import { Empty, Failed, Loading, NotAllowed } from '../ui/state.js';
import { Toasts } from '../ui/toast.js';
import { Notices } from './notices.js';
import { Header } from './header.js';
import { Help } from './help.js';
import { lock } from './lock.js';
import { Palette } from './palette.js';
import { AREAS } from './routes.js';
import { Icon } from '../ui/icon.js';

/** @type {import('../lib/ui.js').Signal<'none' | 'palette' | 'help'>} */
export const above = signal(/** @type {'none' | 'palette' | 'help'} */ ('none'));

export function Shell() {
  const here = place.value;
  useTitle();
  if (here.screen?.meta.public || (here.screen?.meta.bare && session.value)) {
    return html`<${Fragment}>
      ${h(here.screen.Screen, { params: here.params, given: here.given })}
      ${h(Toasts, {})}${h(Asked, {})}
    <//>`;
  }
  if (!session.value || session.value.state !== 'open') return null;
  return h(Frame, {});
}

function Frame() {
  useFrameKeys();
  // F2 must be there at once: what is typed before a screen has its cursor would be lost.
  useEffect(() => preload('/patients'), []);
  const narrow = place.value.screen?.meta.patient ?? false;
  const close = () => {
    above.value = 'none';
  };
  return html`<${Fragment}>
    <a class="skip" href="#main">${t('shell.skip')}</a>
    <div class=${classes('frame', narrow && 'narrow', link.value.state === 'lost' && 'stale')}>
      ${h(Header, {
        onPalette: () => (above.value = 'palette'),
        onHelp: () => (above.value = 'help'),
      })}
      ${h(Rail, {})}
      <div class="middle">
        ${h(Notices, {})}
        <main class="main" id="main" tabindex="-1">${h(Content, {})}</main>
      </div>
    </div>
    ${above.value === 'palette' && h(Palette, { onClose: close })}
    ${above.value === 'help' && h(Help, { onClose: close })} ${h(Toasts, {})} ${h(Asked, {})}
  <//>`;
}

function Content() {
  const here = place.value;
  useHeadingFocus(here.path, here.state);
  if (here.state === 'loading') return h(Loading, { what: t('state.this_page') });
  if (here.state === 'failed') return h(OldFiles, {});
  if (here.state === 'missing' || !here.screen) {
    return html`<div class="screen">
      <h1 tabindex="-1">${t('shell.no_page')}</h1>
      ${h(Empty, { title: t('shell.no_page_hint') })}
      <p><a href="/">${t('shell.to_today')}</a></p>
    </div>`;
  }
  const { meta, Screen } = here.screen;
  if (!can(meta.permission)) {
    return html`<div class="screen">
      <h1 tabindex="-1">${t(meta.title)}</h1>
      ${h(NotAllowed, { what: t(meta.title) })}
    </div>`;
  }
  return h(Screen, { key: here.path, params: here.params, given: here.given });
}

/** After an upgrade the files of the old version are gone. */
function OldFiles() {
  return html`<div class="screen">
    <h1 tabindex="-1">${t('shell.reload_title')}</h1>
    ${h(Failed, {
      problem: null,
      what: t('state.this_page'),
      retry: () => location.reload(),
    })}
  </div>`;
}

function Rail() {
  const lit = place.value.screen?.meta.area;
  const waiting = useWaitingReviews();
  return html`<nav class="rail" aria-label=${t('shell.areas')}>
    ${AREAS.filter((area) => can(area.permission)).map(
      (area, i) => html`<a
        key=${area.area}
        href=${area.path}
        aria-current=${lit === area.area ? 'page' : undefined}
        aria-keyshortcuts=${`Alt+${i + 1}`}
      >
        ${h(Icon, { name: area.icon })} <span>${t(area.label)}</span>
        ${area.area === 'break_glass' &&
        0 < waiting &&
        html`<span class="rail-count" title=${t('break_glass.count', { count: waiting })}
          >${waiting}</span
        >`}
      </a>`,
    )}
    <p class="foot">${t('shell.help_hint')}</p>
  </nav>`;
}

function useFrameKeys() {
  const allowed = AREAS.filter((area) => can(area.permission));
  useKeys([
    { keys: 'Ctrl+K', label: t('keys.palette'), run: () => (above.value = 'palette') },
    { keys: 'F1', label: t('keys.help'), run: () => (above.value = 'help') },
    ...(can('patients.read')
      ? [{ keys: 'F2', label: t('keys.find'), run: () => findPatient() }]
      : []),
    { keys: 'Ctrl+Shift+L', label: t('keys.lock'), run: () => lock(), always: true },
    ...allowed.map((area, i) => ({
      keys: `Alt+${i + 1}`,
      label: t('keys.area', { area: t(area.label) }),
      run: () => navigate(area.path),
    })),
  ]);
}

/** Opens the search, or puts the cursor into it when it is open. */
function findPatient() {
  above.value = 'none';
  const field = document.getElementById('find-q');
  if (place.value.path === '/patients' && field instanceof HTMLInputElement) {
    field.focus();
    field.select();
  } else {
    navigate('/patients');
  }
}

/** The window title names the kind of page, never a patient. */
function useTitle() {
  const meta = place.value.screen?.meta;
  useEffect(() => {
    document.title = meta ? `${t(meta.title)} – HealthFlow` : 'HealthFlow';
  }, [meta]);
}

/** @param {string} path @param {string} state */
function useHeadingFocus(path, state) {
  const first = useRef(true);
  useEffect(() => {
    if (state === 'loading') return;
    if (first.current) {
      first.current = false;
      return;
    }
    const at = document.activeElement;
    // A screen may have put the cursor into its first field already.
    if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) return;
    const heading = document.querySelector('main h1');
    if (heading instanceof HTMLElement) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  }, [path, state]);
}
