// For somebody whose password somebody else has set: nothing else is possible before they have
// chosen one that only they know.

import { h, html, useLayoutEffect } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { session } from '../../lib/session.js';
import { OwnPassword } from '../../ui/own-password.js';
import { Door } from './door.js';
import { goOn, leave } from './way-on.js';

export const meta = { title: 'new_password.title', public: true };

export function Screen() {
  useLayoutEffect(() => document.getElementById('current_password')?.focus(), []);
  return h(Door, {
    wide: true,
    children: html`<div class="stack">
      <h1>${t('new_password.title')}</h1>
      <p>${t('new_password.lead', { name: session.value?.user.display_name ?? '' })}</p>
      ${h(OwnPassword, { onDone: goOn })}
      <p>
        <button class="link" type="button" onClick=${leave}>${t('enrol.leave')}</button>
      </p>
    </div>`,
  });
}
