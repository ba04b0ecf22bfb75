// Setting up a first passkey where a second factor is needed: the password, then the browser asks.

import { h, html, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { makePasskey } from '../lib/passkey.js';
import { PasswordFirst } from './app-setup.js';
import { Icon } from './icon.js';
import { inWords } from './passkey-button.js';
import { browserOf } from './sessions.js';

/** @typedef {import('../lib/passkey.js').Begun} Begun */

/**
 * Has the browser make the passkey that was begun, and keeps it under the browser's name.
 * @param {Begun} begun
 * @returns {Promise<string[]>} recovery codes, if it is the first second factor
 */
export async function keepPasskey({ ceremony, options }) {
  const credential = await makePasskey(options);
  const name = browserOf(navigator.userAgent) || t('passkey.title');
  const { data } = await api.post('/users/current/passkeys', { ceremony, name, credential });
  return data.recovery_codes;
}

/** @param {{ onDone: (recoveryCodes: string[]) => void, onCancel: () => void }} props */
export function PasskeySetup({ onDone, onCancel }) {
  const [said, setSaid] = useState('');
  const make = async (/** @type {Begun} */ begun) => {
    setSaid('');
    try {
      onDone(await keepPasskey(begun));
    } catch (error) {
      setSaid(inWords(error));
    }
  };
  return html`<div class="stack">
    ${said && html`<p class="error" role="alert">${h(Icon, { name: 'warn' })} ${said}</p>`}
    ${h(PasswordFirst, {
      path: '/users/current/passkeys/options',
      label: t('passkey.make'),
      lead: t('passkey.lead'),
      onDone: make,
      onCancel,
    })}
  </div>`;
}
