// My passkeys: made on this device or a key, named, removed.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { makePasskey, passkeysWork } from '../../lib/passkey.js';
import { PasswordFirst } from '../../ui/app-setup.js';
import { TextField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { inWords } from '../../ui/passkey-button.js';
import { browserOf } from '../../ui/sessions.js';
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
      const credential = await makePasskey(begun.options);
      const name = browserOf(navigator.userAgent) || t('passkey.title');
      const body = { ceremony: begun.ceremony, name, credential };
      const { data } = await api.post('/users/current/passkeys', body);
      toast(t('passkey.done'));
      changed(data.recovery_codes);
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
  const rename = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name?.trim()) return;
    await api.post(`/users/current/passkeys/${passkey.id}/rename`, { name });
    setName(null);
    changed();
  };
  if (name !== null) {
    return html`<form class="buttons" novalidate onSubmit=${rename}>
      ${h(TextField, {
        id: `name-${passkey.id}`,
        label: t('passkey.name'),
        value: name,
        maxlength: 64,
        onInput: setName,
      })}
      <button class="button primary" type="submit">${t('users.save')}</button>
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
