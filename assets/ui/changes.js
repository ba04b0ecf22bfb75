// What waits to be shown in a list that somebody is busy with. It stands where nothing moves
// when it comes.

import { html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { useKeys } from '../lib/keys.js';

/** @param {{ count: number, show: () => void }} props */
export function Changes({ count, show }) {
  const key = { keys: 'R', label: t('changes.key'), run: show };
  useKeys(count > 0 ? [key] : []);
  return html`<span class="changes" role="status">
    ${count > 0 &&
    html`<button class="button" type="button" aria-keyshortcuts="R" onClick=${show}>
      ${t('changes.show', { count })} <kbd aria-hidden="true">R</kbd>
    </button>`}
  </span>`;
}
