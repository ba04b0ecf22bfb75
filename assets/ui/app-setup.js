// Setting up an app for codes: the password, the picture, the first code.

import { h, html, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { TextField } from './field.js';
import { ErrorSummary, useSubmit } from './form.js';

/** @typedef {{ offer: string, key: string, uri: string, picture: string }} Offer */

/**
 * @param {{ onDone: (recoveryCodes: string[]) => void, onCancel?: () => void }} props
 *   the codes are none when the person had some already
 */
export function AppSetup({ onDone, onCancel }) {
  const [offer, setOffer] = useState(/** @type {Offer | null} */ (null));
  const again = () => setOffer(null);
  return offer
    ? h(Confirm, { offer, onDone, onCancel: onCancel ?? again })
    : h(PasswordFirst, {
        path: '/users/current/totp',
        label: t('app.begin'),
        onDone: setOffer,
        onCancel,
      });
}

/** The field of the present password: others on the same screen have one too. */
const CONFIRM = 'confirm-password';

/** @param {import('./form.js').FieldError[]} errors @returns {import('./form.js').Errors} */
function place(errors) {
  return Object.fromEntries(
    errors.map((one) => [one.field === 'current_password' ? CONFIRM : one.field, one.message]),
  );
}

/**
 * Asks for the present password and sends it to `path`.
 * @param {{ path: string, label: string, danger?: boolean, lead?: string,
 *   onDone: (data: any) => void, onCancel?: (() => void) | undefined }} props
 */
export function PasswordFirst({ path, label, danger, lead, onDone, onCancel }) {
  const [password, setPassword] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(() => api.post(path, { current_password: password }), place);
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = password ? {} : { [CONFIRM]: t('me.error_current') };
    const done = await form.submit({ password }, found);
    if (done) onDone(done.data);
    else setPassword('');
  };
  return html`<form class="stack" novalidate ref=${box} onSubmit=${submit}>
    ${h(ErrorSummary, form)} ${lead && html`<p>${lead}</p>`}
    ${h(TextField, {
      id: CONFIRM,
      label: t('me.current_password'),
      type: 'password',
      autocomplete: 'current-password',
      value: password,
      onInput: setPassword,
      error: form.errors[CONFIRM],
    })}
    <div class="buttons">
      <button
        class=${danger ? 'button danger' : 'button primary'}
        type="submit"
        disabled=${form.busy}
      >
        ${label}
      </button>
      ${onCancel &&
      html`<button class="button" type="button" onClick=${onCancel}>
        ${t('security.cancel')}
      </button>`}
    </div>
  </form>`;
}

/** @param {{ offer: Offer, onDone: (codes: string[]) => void, onCancel: () => void }} props */
function Confirm({ offer, onDone, onCancel }) {
  const [code, setCode] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(() =>
    api.post('/users/current/totp/confirm', { offer: offer.offer, code }),
  );
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = code.trim() ? {} : { code: t('second.code_missing') };
    const done = await form.submit({ code }, found);
    if (done) onDone(done.data.recovery_codes);
    else setCode('');
  };
  return html`<form class="stack app-setup" novalidate ref=${box} onSubmit=${submit}>
    ${h(ErrorSummary, form)}
    <ol class="steps">
      <li>${t('app.step_install')}</li>
      <li>
        <p>${t('app.step_scan')}</p>
        <img class="qr" src=${offer.picture} alt=${t('app.picture')} width="200" height="200" />
        <p class="small">${t('app.step_type')} <code dir="ltr">${offer.key}</code></p>
      </li>
      <li>
        ${h(TextField, {
          id: 'code',
          label: t('app.step_code'),
          value: code,
          onInput: setCode,
          dir: 'ltr',
          inputmode: 'numeric',
          autocomplete: 'one-time-code',
          narrow: true,
          error: form.errors.code,
        })}
      </li>
    </ol>
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${form.busy}>${t('app.do')}</button>
      <button class="button" type="button" onClick=${onCancel}>${t('security.cancel')}</button>
    </div>
  </form>`;
}
