// The choice of the page's language. Each is named in itself, for who cannot read the others.

import { h, html, onText } from '../lib/ui.js';
import { LANGUAGES, t } from '../lib/i18n.js';
import { language, setLanguage } from '../lib/prefs.js';

/** @param {{ class: string, labelClass?: string }} props */
export function LanguageChoice({ class: name, labelClass }) {
  return html`<label class=${name}>
    <span class=${labelClass}>${t('menu.language')}</span>
    <select class="input" value=${language.value} onChange=${onText(setLanguage)}>
      ${LANGUAGES.map((one) =>
        h('option', { key: one.code, value: one.code, lang: one.code, dir: one.dir }, one.name),
      )}
    </select>
  </label>`;
}
