// What waits to be shown in a list that somebody is busy with. It stands where nothing moves
// when it comes.

import { html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { useKeys } from '../lib/keys.js';
import { COUNTED_MAX } from '../lib/steady.js';

/** @param {{ count: number, show: () => void }} props */
export function Changes({ count, show }) {
  const key = { keys: 'R', label: t('changes.key'), run: show };
  const told =
    COUNTED_MAX < count
      ? t('changes.many', { count: COUNTED_MAX })
      : t('changes.show', { count });
  useKeys(count > 0 ? [key] : []);
  return html`<span class="changes" role="status">
    ${count > 0 &&
    html`<button class="button" type="button" aria-keyshortcuts="R" onClick=${show}>
      ${told} <kbd aria-hidden="true">R</kbd>
    </button>`}
  </span>`;
}
