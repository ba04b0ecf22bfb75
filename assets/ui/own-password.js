// A new password, chosen by whoever knows the present one.

import { h, html, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { TextField } from './field.js';
import { ErrorSummary, useSubmit, useUnsaved } from './form.js';
import { toast } from './toast.js';

/** For somebody with a second factor; the server asks for more of others. */
const SHORTEST = 8;
const EMPTY = { current_password: '', password: '', again: '' };

/** @param {typeof EMPTY} form */
function check(form) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!form.current_password) errors.current_password = t('me.error_current');
  if ([...form.password].length < SHORTEST) {
    errors.password = t('setup.error_password', { count: SHORTEST });
  } else if (form.again !== form.password) errors.again = t('me.error_again');
  return errors;
}

/** @param {{ onDone: (() => void) | null }} props null where the form stays */
export function OwnPassword({ onDone }) {
  const [form, setForm] = useState(EMPTY);
  useUnsaved(Object.values(form).some(Boolean));
  const saving = useSubmit(async () => {
    const { current_password, password } = form;
    await api.post('/users/current/password', { current_password, password });
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit(form, check(form));
    if (!done) return;
    setForm(EMPTY);
    if (onDone) return onDone();
    toast(t('me.password_done'));
  };
  /** @param {keyof typeof EMPTY} name @param {string} autocomplete @param {string} [hint] */
  const field = (name, autocomplete, hint) =>
    h(TextField, {
      id: name,
      label: t(`me.${name}`),
      hint,
      type: 'password',
      autocomplete,
      value: form[name],
      onInput: (text) => setForm((old) => ({ ...old, [name]: text })),
      error: saving.errors[name],
    });
  return html`<section class="card" aria-labelledby="password-title">
    <div class="card-head"><h2 id="password-title">${t('me.password_title')}</h2></div>
    <form class="card-body stack" novalidate onSubmit=${submit}>
      ${h(ErrorSummary, saving)} ${field('current_password', 'current-password')}
      ${field('password', 'new-password', t('me.password_length'))}
      ${field('again', 'new-password')}
      <p class="hint">${t('me.password_hint')}</p>
      <div class="buttons">
        <button class="button primary" type="submit" disabled=${saving.busy}>
          ${t('me.password_do')}
        </button>
      </div>
    </form>
  </section>`;
}
