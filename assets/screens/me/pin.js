// The PIN: for coming back quickly to where one has signed in during this shift.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';

const SHORTEST = 6;

/** @param {{ has: boolean, changed: () => void }} props */
export function Pin({ has, changed }) {
  const [open, setOpen] = useState(false);
  const removing = useSubmit(async () => {
    await api.del('/users/current/pin');
    return true;
  });
  const remove = async () => {
    if (!(await removing.submit({}))) return;
    toast(t('pin.removed'));
    changed();
  };
  const done = () => {
    setOpen(false);
    toast(t('pin.done'));
    changed();
  };
  return html`<div class="stack split">
    <h3>${t('pin.title')} ${has && h(Tag, { tone: 'ok', children: t('security.on') })}</h3>
    <p class="quiet">${t('pin.lead')}</p>
    ${h(ErrorSummary, removing)}
    ${open
      ? h(NewPin, { onDone: done, onCancel: () => setOpen(false) })
      : html`<div class="buttons">
          <button class="button" type="button" onClick=${() => setOpen(true)}>
            ${t(has ? 'pin.change' : 'pin.set')}
          </button>
          ${has &&
          html`<button class="button" type="button" disabled=${removing.busy} onClick=${remove}>
            ${t('pin.remove')}
          </button>`}
        </div>`}
  </div>`;
}

/** @param {{ onDone: () => void, onCancel: () => void }} props */
function NewPin({ onDone, onCancel }) {
  const [form, setForm] = useState({ current_password: '', pin: '', again: '' });
  const saving = useSubmit(async () => {
    const { current_password, pin } = form;
    await api.post('/users/current/pin', { current_password, pin });
    return true;
  }, place);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (await saving.submit(form, check(form))) onDone();
  };
  /** @param {keyof typeof form} name @param {string} id @param {boolean} digits */
  const field = (name, id, digits) =>
    h(TextField, {
      id,
      label: t(digits ? `pin.${name}` : 'me.current_password'),
      hint: name === 'pin' ? t('pin.hint') : undefined,
      type: 'password',
      inputmode: digits ? 'numeric' : undefined,
      dir: digits ? 'ltr' : undefined,
      autocomplete: digits ? 'off' : 'current-password',
      value: form[name],
      onInput: (text) => setForm((old) => ({ ...old, [name]: text })),
      error: saving.errors[id],
    });
  return html`<form class="stack" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)} ${field('current_password', 'pin-password', false)}
    ${field('pin', 'pin', true)} ${field('again', 'pin-again', true)}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>${t('pin.do')}</button>
      <button class="button" type="button" onClick=${onCancel}>${t('security.cancel')}</button>
    </div>
  </form>`;
}

/** @param {import('../../ui/form.js').FieldError[]} all @returns {Record<string, string>} */
function place(all) {
  return Object.fromEntries(
    all.map((one) => [one.field === 'pin' ? 'pin' : 'pin-password', one.message]),
  );
}

/** @param {{ current_password: string, pin: string, again: string }} form */
function check(form) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!form.current_password) errors['pin-password'] = t('me.error_current');
  if (form.pin.length < SHORTEST || /[^0-9]/.test(form.pin)) errors.pin = t('pin.error');
  else if (form.pin !== form.again) errors['pin-again'] = t('pin.error_again');
  return errors;
}
