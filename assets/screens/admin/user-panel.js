// One person who signs in, beside the list: add, change, new password, disable.

import { h, html, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { session } from '../../lib/session.js';
import { ask } from '../../ui/dialog.js';
import { CheckField, RadioField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { SessionsCard } from '../../ui/sessions.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').User} User */

const ROLES = ['administrator', 'reception', 'clinician', 'nurse'];
/** Where nothing else is asked for; with a second factor the server takes shorter ones. */
const PASSWORD_SHORTEST = 15;
const PASSWORD_SHORTEST_WITH_SECOND_FACTOR = 8;

/**
 * @param {{ user: User | null, onClose: () => void, onSaved: (user: User) => void }} props
 */
export function UserPanel({ user, onClose, onSaved }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [added, setAdded] = useState(/** @type {User | null} */ (null));
  useKeys([{ keys: 'Escape', label: t('panel.close'), run: onClose }]);
  useLayoutEffect(() => {
    const first = added ? '.buttons button' : user ? 'h2' : 'input';
    /** @type {HTMLElement | null | undefined} */ (box.current?.querySelector(first))?.focus();
  }, [added]);
  return html`<aside class="card panel" ref=${box} aria-labelledby="panel-title">
    <div class="card-head">
      <h2 id="panel-title" tabindex="-1">
        ${user ? html`<bdi>${user.display_name}</bdi>` : t('users.add')}
      </h2>
      <button
        class="panel-close end"
        type="button"
        aria-label=${t('panel.close')}
        onClick=${onClose}
      >
        ${h(Icon, { name: 'close' })}
      </button>
    </div>
    <div class="card-body stack">
      ${added
        ? h(Added, { user: added, another: () => setAdded(null), onClose })
        : h(Details, {
            user,
            onSaved: (done) => {
              if (!user) setAdded(done);
              onSaved(done);
            },
          })}
      ${user && h(NewPassword, { user })}
      ${user && user.id !== session.value?.user.id && h(OnOff, { user, onSaved })}
      ${user && h(SessionsCard, { key: user.id, userId: user.id, own: false })}
    </div>
  </aside>`;
}

/**
 * Says who was added, and leaves nothing to type the next person over.
 * @param {{ user: User, another: () => void, onClose: () => void }} props
 */
function Added({ user, another, onClose }) {
  return html`<div class="stack" role="status">
    <p>${h(Icon, { name: 'check' })} <b>${t('users.added', { name: user.display_name })}</b></p>
    <p>${t('users.added_hint', { username: user.username })}</p>
    <div class="buttons">
      <button class="button primary" type="button" onClick=${another}>
        ${t('users.add_another')}
      </button>
      <button class="button" type="button" onClick=${onClose}>${t('users.close')}</button>
    </div>
  </div>`;
}

/** @param {{ user: User | null, onSaved: (user: User) => void }} props */
function Details({ user, onSaved }) {
  const start = {
    display_name: user?.display_name ?? '',
    username: user?.username ?? '',
    role: user?.role ?? '',
    password: '',
  };
  const [form, setForm] = useState(start);
  useUnsaved(JSON.stringify(form) !== JSON.stringify(start));
  const set = (/** @type {Partial<typeof start>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const saving = useSubmit(async ({ key }) => {
    const { display_name, role } = form;
    if (user) {
      const etag = `"${user.version}"`;
      return (await api.patch(`/users/${user.id}`, { display_name, role }, etag)).data;
    }
    return (await api.post('/users', form, { idempotencyKey: key })).data;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit(form, check(form, user));
    if (!done) return;
    if (user) toast(t('users.saved', { name: form.display_name }));
    setForm({ ...form, password: '' });
    onSaved(done);
  };
  return html`<form class="stack" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(TextField, {
      id: 'display_name',
      label: t('setup.display_name'),
      hint: t('setup.display_name_hint'),
      value: form.display_name,
      onInput: (display_name) => set({ display_name }),
      error: saving.errors.display_name,
    })}
    ${!user &&
    h(TextField, {
      id: 'username',
      label: t('sign_in.username'),
      hint: t('setup.username_hint'),
      value: form.username,
      onInput: (username) => set({ username }),
      error: saving.errors.username,
    })}
    ${h(RadioField, {
      id: 'role',
      label: t('users.col_role'),
      column: true,
      value: form.role,
      onChange: (role) => set({ role }),
      options: ROLES.map((value) => ({
        value,
        label: t(`role.${value}`),
        hint: t(`role.${value}_hint`),
      })),
      error: saving.errors.role,
    })}
    ${!user &&
    h(TextField, {
      id: 'password',
      label: t('users.first_password'),
      hint: t('setup.password_hint', { count: PASSWORD_SHORTEST }),
      type: 'password',
      autocomplete: 'new-password',
      value: form.password,
      onInput: (password) => set({ password }),
      error: saving.errors.password,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t(user ? 'users.save' : 'users.add_do')}
      </button>
    </div>
  </form>`;
}

/**
 * @param {{ display_name: string, username: string, role: string, password: string }} form
 * @param {User | null} user
 */
function check(form, user) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!form.display_name.trim()) errors.display_name = t('setup.error_display_name');
  if (!form.role) errors.role = t('users.error_role');
  if (user) return errors;
  if (!form.username.trim()) errors.username = t('setup.error_username');
  if ([...form.password].length < PASSWORD_SHORTEST) {
    errors.password = t('setup.error_password', { count: PASSWORD_SHORTEST });
  }
  return errors;
}

/** @param {{ user: User }} props */
function NewPassword({ user }) {
  const [password, setPassword] = useState('');
  const [remove, setRemove] = useState(false);
  const saving = useSubmit(async () => {
    const body = { password, remove_second_factor: remove };
    await api.post(`/users/${user.id}/password`, body);
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const least = remove ? PASSWORD_SHORTEST : PASSWORD_SHORTEST_WITH_SECOND_FACTOR;
    const short = [...password].length < least;
    const message = t('setup.error_password', { count: PASSWORD_SHORTEST });
    /** @type {Record<string, string>} */
    const found = short ? { new_password: message } : {};
    const done = await saving.submit({ password, remove }, found);
    if (!done) return;
    setPassword('');
    setRemove(false);
    toast(t('users.password_set', { name: user.display_name }));
  };
  return html`<form class="stack split" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(TextField, {
      id: 'new_password',
      label: t('users.new_password'),
      hint: t('users.reset_hint'),
      type: 'password',
      autocomplete: 'new-password',
      value: password,
      onInput: setPassword,
      error: saving.errors.new_password ?? saving.errors.password,
    })}
    ${h(CheckField, {
      id: 'remove_second_factor',
      label: t('users.remove_second_factor'),
      checked: remove,
      onChange: setRemove,
    })}
    <div class="buttons">
      <button class="button" type="submit" disabled=${saving.busy}>${t('users.reset_do')}</button>
    </div>
  </form>`;
}

/** @param {{ user: User, onSaved: (user: User) => void }} props */
function OnOff({ user, onSaved }) {
  const saving = useSubmit(async () => {
    const body = { active: !user.active };
    return (await api.patch(`/users/${user.id}`, body, `"${user.version}"`)).data;
  });
  const toggle = async () => {
    if (user.active) {
      const yes = await ask({
        title: t('users.disable_title', { name: user.display_name }),
        text: t('users.disable_text'),
        yes: t('users.disable'),
        no: t('users.disable_no'),
        danger: true,
      });
      if (!yes) return;
    }
    const done = await saving.submit({ active: !user.active });
    if (!done) return;
    toast(t(user.active ? 'users.now_disabled' : 'users.now_active', { name: user.display_name }));
    onSaved(done);
  };
  return html`<div class="stack split">
    ${h(ErrorSummary, saving)}
    <div class="buttons">
      <button
        id="active"
        class=${user.active ? 'button danger' : 'button'}
        type="button"
        disabled=${saving.busy}
        onClick=${toggle}
      >
        ${t(user.active ? 'users.disable' : 'users.enable')}
      </button>
    </div>
  </div>`;
}
