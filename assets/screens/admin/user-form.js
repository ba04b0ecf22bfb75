// Who somebody is, what they may do and where they work.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { roleName } from '../../lib/roles.js';
import { CheckField, SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').User} User */
/** @typedef {import('../../types/ui.js').Department} Department */
/** @typedef {import('./house.js').House} House */
/**
 * @typedef {{ display_name: string, username: string, role: string, password: string,
 *   temporary: boolean, facility_id: string, departments: string[] }} Draft
 */

/** Where nothing else is asked for; with a second factor the server takes shorter ones. */
export const PASSWORD_SHORTEST = 15;

/** @param {{ user: User | null, house: House, onSaved: (user: User) => void }} props */
export function UserForm({ user, house, onSaved }) {
  /** @type {Draft} */
  const start = {
    display_name: user?.display_name ?? '',
    username: user?.username ?? '',
    role: user?.role ?? '',
    password: '',
    temporary: true,
    facility_id: user?.facility_id ?? '',
    departments: user?.departments ?? [],
  };
  const [form, setForm] = useState(start);
  useUnsaved(JSON.stringify(form) !== JSON.stringify(start));
  const set = (/** @type {Partial<Draft>} */ change) => setForm((old) => ({ ...old, ...change }));
  const saving = useSubmit(async ({ key }) => {
    const { display_name, role, departments } = form;
    const place = { facility_id: form.facility_id || null, departments };
    if (user) {
      const etag = `"${user.version}"`;
      return (await api.patch(`/users/${user.id}`, { display_name, role, ...place }, etag)).data;
    }
    return (await api.post('/users', { ...form, ...place }, { idempotencyKey: key })).data;
  }, placed);
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
    ${h(SelectField, {
      id: 'role',
      label: t('users.col_role'),
      value: form.role,
      onChange: (role) => set({ role }),
      options: roles(house, form.role),
      error: saving.errors.role,
    })}
    ${h(Workplace, { form, house, set, errors: saving.errors })}
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
    ${!user &&
    h(CheckField, {
      id: 'temporary',
      label: t('users.temporary'),
      hint: t('users.temporary_hint'),
      checked: form.temporary,
      onChange: (temporary) => set({ temporary }),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t(user ? 'users.save' : 'users.add_do')}
      </button>
    </div>
  </form>`;
}

/** Roles in use, and the one that somebody has. @param {House} house @param {string} now */
function roles(house, now) {
  const offered = house.roles.filter((role) => role.active || role.code === now);
  const known = offered.some((role) => role.code === now);
  const all = [
    ...(now && !known ? [house.role(now)] : []),
    ...offered,
  ].map((role) => ({ value: role.code, label: roleName(role) }));
  return now ? all : [{ value: '', label: t('roles.compare_pick') }, ...all];
}

/**
 * @param {{ form: Draft, house: House, set: (change: Partial<Draft>) => void,
 *   errors: Record<string, string> }} props
 */
function Workplace({ form, house, set, errors }) {
  const { facilities } = house;
  const here = house.departments.filter(
    (one) =>
      form.departments.includes(one.id) ||
      (one.active && (!form.facility_id || one.facility_id === form.facility_id)),
  );
  const sites = facilities.filter((one) => one.active || one.id === form.facility_id);
  const divided = house.departments.some(
    (one) => one.active && (!form.facility_id || one.facility_id === form.facility_id),
  );
  const seesNobody =
    house.role(form.role).reach === 'departments' && divided && form.departments.length === 0;
  /** @param {string} facility_id */
  const move = (facility_id) =>
    set({
      facility_id,
      departments: form.departments.filter(
        (id) => !facility_id || house.department(id)?.facility_id === facility_id,
      ),
    });
  return html`<div class="stack">
    ${h(SelectField, {
      id: 'facility_id',
      label: t('users.facility'),
      value: form.facility_id,
      onChange: move,
      options: [
        { value: '', label: t('users.whole_hospital') },
        ...sites.map((one) => ({ value: one.id, label: one.name })),
      ],
      error: errors.facility_id,
    })}
    ${here.length > 0 &&
    html`<fieldset class="field" id="departments" tabindex="-1">
      <legend>${t('users.departments')}</legend>
      ${errors.departments && html`<p class="error">${errors.departments}</p>`}
      <div class="choices column">
        ${here.map((one) =>
          h(CheckField, {
            key: one.id,
            id: `in-${one.id}`,
            label: html`<bdi>${one.name}</bdi>${!form.facility_id &&
            html` <span class="quiet"><bdi>${house.facility(one.facility_id)?.name}</bdi></span>`}`,
            checked: form.departments.includes(one.id),
            onChange: (on) =>
              set({
                departments: on
                  ? [...form.departments, one.id]
                  : form.departments.filter((id) => id !== one.id),
              }),
          }),
        )}
      </div>
    </fieldset>`}
    ${seesNobody &&
    html`<div class="alert warn" role="status">
      <div>${t('users.sees_nobody', { name: form.display_name })}</div>
    </div>`}
  </div>`;
}

/** What is wrong with one department is told at all of them. */
function placed(/** @type {import('../../lib/problem.js').FieldError[]} */ errors) {
  return Object.fromEntries(
    errors.map((one) => [one.field.replace(/^departments\[\d+\]$/, 'departments'), one.message]),
  );
}

/** @param {Draft} form @param {User | null} user */
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
