// A new token for a program: what it is for, what it may do, how long. The secret is shown once,
// here, and is gone when the panel is closed.

import { h, html, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { permissionText } from '../../lib/roles.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { can, session } from '../../lib/session.js';
import { CopyButton } from '../../clinical/copy.js';
import { CheckField, SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { Icon } from '../../ui/icon.js';

/** @typedef {import('../../types/ui.js').User} User */
/** @typedef {{ token: string, data: import('./tokens.js').Token }} Made */

const DAYS = [7, 30, 90, 180, 365];
const DAYS_USUAL = 90;

/** @param {{ onClose: () => void, onMade: () => void }} props */
export function TokenPanel({ onClose, onMade }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [made, setMade] = useState(/** @type {Made | null} */ (null));
  useKeys(made ? [] : [{ keys: 'Escape', label: t('panel.close'), run: onClose }]);
  useLayoutEffect(() => {
    const first = made ? '.secret' : 'input';
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(first))?.focus();
  }, [made]);
  return html`<aside class="card panel" ref=${box} aria-labelledby="panel-title">
    <div class="card-head">
      <h2 id="panel-title">${t('tokens.add')}</h2>
      ${!made &&
      html`<button
        class="panel-close end"
        type="button"
        aria-label=${t('panel.close')}
        onClick=${onClose}
      >
        ${h(Icon, { name: 'close' })}
      </button>`}
    </div>
    <div class="card-body stack">
      ${made
        ? h(Secret, { made, onClose })
        : h(Wanted, {
            onMade: (done) => {
              setMade(done);
              onMade();
            },
          })}
    </div>
  </aside>`;
}

/** @param {{ made: Made, onClose: () => void }} props */
function Secret({ made, onClose }) {
  useUnsaved(true);
  return html`<div class="stack">
    <div class="alert warn" role="status">
      ${h(Icon, { name: 'warn' })}
      <div>
        <p class="alert-title">${t('tokens.once', { name: made.data.name })}</p>
        <p>${t('tokens.once_hint')}</p>
      </div>
    </div>
    <textarea
      class="input secret"
      dir="ltr"
      rows="2"
      readonly
      aria-label=${t('tokens.secret')}
      value=${made.token}
      onFocus=${(/** @type {FocusEvent} */ event) =>
        /** @type {HTMLTextAreaElement} */ (event.currentTarget).select()}
    ></textarea>
    <div class="buttons">
      ${h(CopyButton, { text: made.token, label: t('tokens.copy'), said: t('tokens.copied') })}
      <button class="button primary" type="button" onClick=${onClose}>${t('tokens.kept')}</button>
    </div>
  </div>`;
}

/** @param {{ onMade: (made: Made) => void }} props */
function Wanted({ onMade }) {
  const choosesOwner = can('users.write') && can('users.read');
  const own = session.value?.user.id ?? '';
  const [form, setForm] = useState({
    name: '',
    user_id: choosesOwner ? '' : own,
    lasts_days: DAYS_USUAL,
    scopes: /** @type {string[]} */ ([]),
    current_password: '',
  });
  useUnsaved(form.name !== '' || form.scopes.length > 0);
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const saving = useSubmit(
    async ({ key }) => {
      const { body } = await api.post('/tokens', form, { idempotencyKey: key });
      return /** @type {Made} */ (body);
    },
    (errors) =>
      Object.fromEntries(
        errors.map(({ field, message }) => [field.replace(/\[.*/, ''), message]),
      ),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit(form, {
      name: form.name.trim() ? undefined : t('tokens.error_name'),
      user_id: form.user_id ? undefined : t('tokens.error_for'),
      scopes: form.scopes.length > 0 ? undefined : t('tokens.error_scopes'),
      current_password: lacksPassword(form.current_password),
    });
    if (done) onMade(done);
  };
  return html`<form class="stack" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(TextField, {
      id: 'name',
      label: t('tokens.name'),
      hint: t('tokens.name_hint'),
      value: form.name,
      maxlength: 100,
      onInput: (name) => set({ name }),
      error: saving.errors.name,
    })}
    ${choosesOwner &&
    h(Owner, {
      value: form.user_id,
      onChange: (user_id) => set({ user_id, scopes: [] }),
      error: saving.errors.user_id,
    })}
    ${h(SelectField, {
      id: 'lasts_days',
      label: t('tokens.lasts'),
      value: String(form.lasts_days),
      onChange: (days) => set({ lasts_days: Number(days) }),
      options: DAYS.map((count) => ({ value: String(count), label: t('tokens.days', { count }) })),
      error: saving.errors.lasts_days,
    })}
    ${h(Scopes, {
      key: form.user_id,
      userId: form.user_id,
      chosen: form.scopes,
      onChange: (scopes) => set({ scopes }),
      error: saving.errors.scopes,
    })}
    ${h(PasswordAgain, {
      value: form.current_password,
      onInput: (current_password) => set({ current_password }),
      error: saving.errors.current_password,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('tokens.add_do')}
      </button>
    </div>
  </form>`;
}

/** @param {{ value: string, onChange: (id: string) => void, error?: string }} props */
function Owner({ value, onChange, error }) {
  const users = useResource('token owners', async (signal) => {
    const { data } = await api.get('/users', { limit: 200 }, { signal });
    return /** @type {User[]} */ (data).filter((user) => user.active);
  });
  const all = users.value.data ?? [];
  return h(SelectField, {
    id: 'user_id',
    label: t('tokens.for'),
    hint: t('tokens.for_hint'),
    value,
    onChange,
    options: [
      { value: '', label: t('tokens.pick') },
      ...all.map((user) => ({ value: user.id, label: user.display_name })),
    ],
    error,
  });
}

/**
 * What both hold, who makes the token and the account that it acts for.
 * @param {{ userId: string, chosen: string[], onChange: (scopes: string[]) => void,
 *   error?: string }} props
 */
function Scopes({ userId, chosen, onChange, error }) {
  const own = session.value?.permissions ?? [];
  const theirs = useResource(`scopes ${userId}`, async (signal) => {
    if (!userId) return own;
    const { data } = await api.get('/users/{id}/access', { id: userId }, { signal });
    return /** @type {string[]} */ (data.permissions);
  });
  const held = own.filter((code) => theirs.value.data?.includes(code));
  return html`<fieldset class="field" id="scopes" tabindex="-1">
    <legend class="field-label">${t('tokens.may')}</legend>
    <p class="hint">${t('tokens.may_hint')}</p>
    ${held.map((code) =>
      h(CheckField, {
        key: code,
        id: `scope-${code}`,
        label: permissionText(code),
        hint: code,
        checked: chosen.includes(code),
        onChange: (on) =>
          onChange(on ? [...chosen, code] : chosen.filter((other) => other !== code)),
      }),
    )}
    ${error && html`<p class="error">${h(Icon, { name: 'warn' })} ${error}</p>`}
  </fieldset>`;
}
