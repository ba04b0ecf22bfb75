// What stands before the frame: the first set-up and the sign-in.

import { classes, h, html } from '../../lib/ui.js';
import { Mark } from '../../ui/icon.js';
import { LanguageChoice } from '../../ui/language-choice.js';

/** @param {{ wide?: boolean, children: import('../../lib/ui.js').Children }} props */
export function Door({ wide, children }) {
  return html`<div class="door">
    <header class="door-top">
      ${h(Mark, {})} HealthFlow${' '}
      ${h(LanguageChoice, { class: 'door-language', labelClass: 'spoken' })}
    </header>
    <main class="door-body" id="main">
      <div class=${classes('door-card', wide && 'wide')}>${children}</div>
    </main>
  </div>`;
}
