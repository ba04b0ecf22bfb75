// The header: who, where, the find box, and whether news come.

import { classes, h, html, useEffect } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { timeText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { link } from '../lib/link.js';
import { setTheme, theme } from '../lib/prefs.js';
import { roleName } from '../lib/roles.js';
import { can, hospital, session } from '../lib/session.js';
import { now } from '../lib/time.js';
import { Icon, Mark } from '../ui/icon.js';
import { LanguageChoice } from '../ui/language-choice.js';
import { Menu } from '../ui/menu.js';
import { Bell } from './bell.js';
import { lock, signOut } from './lock.js';

/** How often a page to which no news come asks whether the server is there. */
const BEAT_MS = 4000;

/** @param {{ onPalette: () => void, onHelp: () => void }} props */
export function Header({ onPalette, onHelp }) {
  return html`<header class="header">
    <a class="brand" href="/">${h(Mark, {})} <span class="label">HealthFlow</span></a>
    ${can('patients.read') &&
    html`<a class="find" href="/patients" aria-keyshortcuts="F2">
      ${h(Icon, { name: 'search' })} <span class="label">${t('shell.find')}</span>
      <kbd aria-hidden="true">F2</kbd>
    </a>`}
    <button class="plain" type="button" aria-keyshortcuts="Control+K" onClick=${onPalette}>
      ${t('shell.go')} <kbd aria-hidden="true">Ctrl K</kbd>
    </button>
    <span class="spring"></span>
    <bdi class="house">${hospital.value}</bdi>
    ${h(Live, {})}
    <button class="plain" type="button" aria-keyshortcuts="F1" onClick=${onHelp}>
      ${h(Icon, { name: 'help' })} <span class="label">${t('shell.help')}</span>
    </button>
    ${can('system.read') && h(Bell, {})} ${h(UserMenu, {})}
  </header>`;
}

/** The server's time while news come, and since when it was not heard. */
function Live() {
  const { state, since } = link.value;
  useHeartbeat(state !== 'live');
  if (state === 'lost') {
    return html`<span class="live lost" role="alert">
      <span class="dot" aria-hidden="true"></span>
      ${t('live.lost', { time: timeText(since) })}
    </span>`;
  }
  return html`<span class=${classes('live', state)} title=${t(`live.${state}_title`)}>
    <span class="dot" aria-hidden="true"></span>
    <span>${t(`live.${state}`)}</span> <bdi class="nums">${timeText(now.value)}</bdi>
  </span>`;
}

/** @param {boolean} wanted */
function useHeartbeat(wanted) {
  useEffect(() => {
    if (!wanted) return undefined;
    const beat = () => {
      if (!document.hidden) api.get('/api/health/live', {}, { timeoutMs: 8000 }).catch(() => {});
    };
    const timer = setInterval(beat, BEAT_MS);
    window.addEventListener('online', beat);
    document.addEventListener('visibilitychange', beat);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', beat);
      document.removeEventListener('visibilitychange', beat);
    };
  }, [wanted]);
}

function UserMenu() {
  const user = session.value?.user;
  if (!user) return null;
  return h(Menu, {
    id: 'user-menu',
    button: html`${h(Icon, { name: 'person' })} <bdi class="label">${user.display_name}</bdi> ${h(
        Icon,
        { name: 'down' },
      )}`,
    children: (close) => html`<p class="menu-head">
        <bdi>${user.display_name}</bdi>
        <span class="quiet small">${roleName({ code: user.role, name: user.role_name })}</span>
      </p>
      ${h(ThemeChoice, {})}
      ${h(LanguageChoice, { class: 'menu-choice menu-language', labelClass: 'small quiet' })}
      <a href="/me" onClick=${close}>${h(Icon, { name: 'person' })} ${t('me.title')}</a>
      <button type="button" onClick=${() => lock()}>
        ${h(Icon, { name: 'lock' })} ${t('menu.lock')} <kbd>Ctrl Shift L</kbd>
      </button>
      <button type="button" onClick=${() => signOut()}>
        ${h(Icon, { name: 'leave' })} ${t('menu.sign_out')}
      </button>`,
  });
}

function ThemeChoice() {
  /** @type {import('../lib/prefs.js').Theme[]} */
  const choices = ['system', 'light', 'dark'];
  return html`<fieldset class="menu-choice">
    <legend class="small quiet">${t('menu.theme')}</legend>
    <div class="segments">
      ${choices.map(
        (one) => html`<label key=${one} class=${classes(theme.value === one && 'on')}>
          <input
            type="radio"
            name="theme"
            checked=${theme.value === one}
            onChange=${() => setTheme(one)}
          />
          ${t(`theme.${one}`)}
        </label>`,
      )}
    </div>
  </fieldset>`;
}
