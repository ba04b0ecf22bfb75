// Recovery codes: shown once, to be printed or written down.

import { html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { hospital, session } from '../lib/session.js';

/** @param {{ codes: string[], onDone: () => void }} props */
export function RecoveryCodes({ codes, onDone }) {
  return html`<div class="stack recovery" role="status">
    <h2>${t('recovery.title')}</h2>
    <p>${t('recovery.lead')}</p>
    <p class="quiet"><bdi>${hospital.value}</bdi> · <bdi>${session.value?.user.username}</bdi></p>
    <ol class="recovery-codes" dir="ltr">
      ${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}
    </ol>
    <div class="buttons">
      <button class="button primary" type="button" onClick=${() => window.print()}>
        ${t('recovery.print')}
      </button>
      <button class="button" type="button" onClick=${onDone}>${t('recovery.done')}</button>
    </div>
  </div>`;
}
