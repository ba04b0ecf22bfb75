// My passkeys: made on this device or a key, named, removed.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { passkeysWork } from '../../lib/passkey.js';
import { PasswordFirst } from '../../ui/app-setup.js';
import { TextField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { inWords } from '../../ui/passkey-button.js';
import { keepPasskey } from '../../ui/passkey-setup.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('./security.js').Own} Own */
/** @typedef {import('./security.js').Passkey} Passkey */

/** @param {{ own: Own, changed: (codes?: string[]) => void }} props */
export function Passkeys({ own, changed }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const [said, setSaid] = useState('');
  const here = own.passkeys_work_here && passkeysWork();
  const close = () => setOpen(null);
  const make = async (/** @type {import('../../lib/passkey.js').Begun} */ begun) => {
    close();
    setSaid('');
    try {
      const codes = await keepPasskey(begun);
      toast(t('passkey.done'));
      changed(codes);
    } catch (error) {
      setSaid(inWords(error));
    }
  };
  const removed = () => {
    close();
    toast(t('passkey.removed'));
    changed();
  };
  return html`<div class="stack split">
    <h3>${t('passkey.title')}</h3>
    <p class="quiet">${t(here ? 'passkey.lead' : 'passkey.not_here')}</p>
    ${said && html`<p class="error" role="alert">${h(Icon, { name: 'warn' })} ${said}</p>`}
    ${own.passkeys.length > 0 &&
    html`<ul class="passkeys">
      ${own.passkeys.map(
        (passkey) => html`<li key=${passkey.id} class="stack">
          ${open === passkey.id
            ? h(PasswordFirst, {
                path: `/users/current/passkeys/${passkey.id}/remove`,
                label: t('passkey.remove'),
                danger: true,
                onDone: removed,
                onCancel: close,
              })
            : h(Line, { passkey, changed, onRemove: () => setOpen(passkey.id) })}
        </li>`,
      )}
    </ul>`}
    ${open === 'new' &&
    h(PasswordFirst, {
      path: '/users/current/passkeys/options',
      label: t('passkey.make'),
      onDone: make,
      onCancel: close,
    })}
    ${here &&
    open !== 'new' &&
    html`<div class="buttons">
      <button class="button" type="button" onClick=${() => setOpen('new')}>
        ${t('passkey.add')}
      </button>
    </div>`}
  </div>`;
}

/** @param {{ passkey: Passkey, changed: () => void, onRemove: () => void }} props */
function Line({ passkey, changed, onRemove }) {
  const [name, setName] = useState(/** @type {string | null} */ (null));
  const id = `name-${passkey.id}`;
  const form = useSubmit(
    () => api.post(`/users/current/passkeys/${passkey.id}/rename`, { name }),
    (errors) => Object.fromEntries(errors.map(({ message }) => [id, message])),
  );
  const rename = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = name?.trim() ? {} : { [id]: t('passkey.name_missing') };
    if (!(await form.submit({ name }, found))) return;
    setName(null);
    changed();
  };
  if (name !== null) {
    return html`<form class="stack" novalidate onSubmit=${rename}>
      ${h(ErrorSummary, form)}
      ${h(TextField, {
        id,
        label: t('passkey.name'),
        value: name,
        maxlength: 64,
        onInput: setName,
        error: form.errors[id],
      })}
      <div class="buttons">
        <button class="button primary" type="submit" disabled=${form.busy}>
          ${t('users.save')}
        </button>
        <button class="button" type="button" onClick=${() => setName(null)}>
          ${t('security.cancel')}
        </button>
      </div>
    </form>`;
  }
  return html`<div class="buttons">
    <div class="grow">
      <p>
        <b><bdi>${passkey.name}</bdi></b>${' '}
        <bdi dir="ltr" class="quiet">${passkey.site}</bdi>
      </p>
      <p class="small quiet">
        ${t('passkey.since', { when: instantText(passkey.created_at) })}${' '}
        ${passkey.last_used_at
          ? t('passkey.used', { when: instantText(passkey.last_used_at) })
          : t('passkey.never')}
      </p>
    </div>
    <button class="button" type="button" onClick=${() => setName(passkey.name)}>
      ${t('passkey.rename')}
    </button>
    <button class="button" type="button" onClick=${onRemove}>${t('passkey.remove')}</button>
  </div>`;
}
