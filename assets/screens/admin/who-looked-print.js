// The story of one patient on paper, in plain words, for the patient who asks who looked.

import { h, html, useEffect, useRef } from '../../lib/ui.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { back } from '../../lib/router.js';
import { can, hospital, session } from '../../lib/session.js';
import { serverNow } from '../../lib/time.js';
import { Icon } from '../../ui/icon.js';
import { NotAllowed, Shown } from '../../ui/state.js';
import { Days, Whose, storyOf } from './who-looked.js';

/** @typedef {import('./who-looked.js').Story} Story */

/** @type {import('../../types/ui.js').ScreenMeta} */
export const meta = { title: 'who.title', permission: 'audit.read', bare: true };

/** Pages of the answer on paper; whoever was looked at more often than that gets a file. */
const PAGES_MAX = 20;

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params }) {
  const id = params.id ?? '';
  const leave = () => back(`/admin/audit/patient/${encodeURIComponent(id)}`);
  const print = () => window.print();
  useKeys([
    { keys: 'F9', label: t('print.do'), run: print },
    { keys: 'Escape', label: t('print.back'), run: leave },
  ]);
  return html`<div class="paper-desk">
    <header class="paper-bar">
      <h1 tabindex="-1">${t('who.title')}</h1>
      <button class="button primary" type="button" onClick=${print}>
        ${h(Icon, { name: 'print' })} ${t('print.do')} <kbd>F9</kbd>
      </button>
      <button class="button" type="button" onClick=${leave}>
        ${t('print.back')} <kbd>Esc</kbd>
      </button>
      <span class="quiet small">${t('who.on_record')}</span>
    </header>
    <main id="main">
      ${can('audit.read') ? h(Loader, { id }) : h(NotAllowed, { what: t('who.title') })}
    </main>
  </div>`;
}

/** @param {{ id: string }} props */
function Loader({ id }) {
  const loaded = useResource(`story on paper ${id}`, async (signal) => {
    let story = await storyOf(id, null, signal);
    for (let page = 1; story.next && page < PAGES_MAX; page += 1) {
      const more = await storyOf(id, story.next, signal);
      story = { ...more, groups: [...story.groups, ...more.groups] };
    }
    return story;
  });
  return h(Shown, {
    of: loaded.value,
    what: t('who.what'),
    retry: loaded.reload,
    children: () => loaded.value.data && h(Paper, { of: loaded.value.data }),
  });
}

/** @param {{ of: Story }} props */
function Paper({ of }) {
  const printed = useRef(instantText(serverNow()));
  useEffect(() => {
    // After the sheet has been laid out.
    const timer = setTimeout(() => window.print(), 100);
    return () => clearTimeout(timer);
  }, []);
  const name = session.value?.user.display_name ?? '';
  return html`<article class="paper">
    <div class="sheet-head">
      <p class="sheet-line">
        <bdi>${hospital.value}</bdi><b>${t('who.title')}</b>
        <span>${t('print.printed', { when: printed.current, name })}</span>
      </p>
      <p class="sheet-who">${h(Whose, { of })}</p>
    </div>
    <p>${t('who.for_patient')}</p>
    ${of.groups.length === 0
      ? html`<p>${t('who.none')}</p>`
      : h(Days, { groups: of.groups, paper: true })}
    ${of.next && html`<p class="paper-more">${t('who.partial')}</p>`}
    <p class="paper-end">${t('who.not_counted')}</p>
  </article>`;
}
