// What stands before the frame: the first set-up and the sign-in.

import { classes, h, html, onText } from '../../lib/ui.js';
import { LANGUAGES, t } from '../../lib/i18n.js';
import { language, setLanguage } from '../../lib/prefs.js';
import { Mark } from '../../ui/icon.js';

/** @param {{ wide?: boolean, children: import('../../lib/ui.js').Children }} props */
export function Door({ wide, children }) {
  return html`<div class="door">
    <header class="door-top">${h(Mark, {})} HealthFlow ${h(Languages, {})}</header>
    <main class="door-body" id="main">
      <div class=${classes('door-card', wide && 'wide')}>${children}</div>
    </main>
  </div>`;
}

/** Each language is named in itself, for who cannot read the others. */
function Languages() {
  return html`<label class="door-language">
    <span class="spoken">${t('menu.language')}</span>
    <select class="input" value=${language.value} onChange=${onText(setLanguage)}>
      ${LANGUAGES.map(
        (one) => html`<option key=${one.code} value=${one.code} lang=${one.code} dir=${one.dir}>
          ${one.name}
        </option>`,
      )}
    </select>
  </label>`;
}
