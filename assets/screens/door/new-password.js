// For somebody whose password somebody else has set: nothing else is possible before they have
// chosen one that only they know.

import { h, html, useLayoutEffect } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { session, sessionEnded, setSession } from '../../lib/session.js';
import { OwnPassword } from '../../ui/own-password.js';
import { Door } from './door.js';

export const meta = { title: 'new_password.title', public: true };

export function Screen() {
  useLayoutEffect(() => document.getElementById('current_password')?.focus(), []);
  const goOn = async () => {
    setSession((await api.get('/sessions/current')).data);
    location.replace('/');
  };
  const leave = async () => {
    await api.del('/sessions/current').catch(() => {});
    sessionEnded();
    location.replace('/sign-in');
  };
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
