// What the hospital asks of those who sign in: how soon an unattended page locks, and of which
// roles a second factor is asked for.

import { h, html, onCheck, onText, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { BUILT_IN, roleName } from '../../lib/roles.js';
import { SelectField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';
import { useHouse } from './house.js';

/**
 * @typedef {{ lock_minutes: number, lock_minutes_of_roles: Record<string, number>,
 *   second_factor_roles: string[], version: number }} Rules
 */

const MINUTES = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60];
/** Who can do most: recommended, not forced. */
const RECOMMENDED = ['administrator'];

export function SignInRules() {
  const loaded = useResource('sign-in rules', async (signal) => {
    return /** @type {Rules} */ ((await api.get('/hospital/sign-in', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="rules-title">
    <div class="card-head"><h2 id="rules-title">${t('rules.title')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('rules.what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, seen: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ seen: Rules, reload: () => void }} props */
function Form({ seen, reload }) {
  const [form, setForm] = useState(seen);
  const roles = useRoles();
  const dirty = JSON.stringify(form) !== JSON.stringify(seen);
  useUnsaved(dirty);
  const saving = useSubmit(async () => {
    const { version, ...body } = form;
    return (await api.patch('/hospital/sign-in', body, `"${version}"`)).data;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await saving.submit(form))) return;
    toast(t('rules.saved'));
    reload();
  };
  /** @param {string} role @param {string} value */
  const setRole = (role, value) => {
    const { [role]: _, ...rest } = form.lock_minutes_of_roles;
    const all = value ? { ...rest, [role]: Number(value) } : rest;
    setForm({ ...form, lock_minutes_of_roles: all });
  };
  /** @param {string} role @param {boolean} on */
  const setAsked = (role, on) => {
    const rest = form.second_factor_roles.filter((one) => one !== role);
    setForm({ ...form, second_factor_roles: on ? [...rest, role].sort() : rest });
  };
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(SelectField, {
      id: 'lock_minutes',
      label: t('rules.lock'),
      hint: t('rules.lock_hint'),
      value: String(form.lock_minutes),
      onChange: (value) => setForm({ ...form, lock_minutes: Number(value) }),
      options: minutes(form.lock_minutes),
      error: saving.errors.lock_minutes,
    })}
    <p class="hint">${t('rules.second_factor_hint')}</p>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('rules.what')}>
      <table class="table">
        <thead>
          <tr>
            ${['role', 'lock', 'factor'].map(
              (name) => html`<th key=${name} scope="col">${t(`rules.col_${name}`)}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${roles.map((role) => h(OfRole, { key: role.code, role, form, setRole, setAsked }))}
        </tbody>
      </table>
    </div>
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || !dirty}>
        ${t('users.save')}
      </button>
    </div>
  </form>`;
}

/**
 * Roles in use; those that the program brings along where the person may read no others.
 * @returns {{ code: string, name?: string }[]}
 */
function useRoles() {
  const { roles } = useHouse();
  const inUse = roles.filter((role) => role.active);
  return inUse.length > 0 ? inUse : BUILT_IN.map((code) => ({ code }));
}

/** @param {number} kept */
function minutes(kept) {
  return [...new Set([...MINUTES, kept])].sort((a, b) => a - b).map((count) => ({
    value: String(count),
    label: t('me.minutes', { count }),
  }));
}

/**
 * @param {{ role: { code: string, name?: string }, form: Rules,
 *   setRole: (role: string, value: string) => void,
 *   setAsked: (role: string, on: boolean) => void }} props
 */
function OfRole({ role, form, setRole, setAsked }) {
  const { code } = role;
  const own = form.lock_minutes_of_roles[code];
  const name = roleName(role);
  const ask = RECOMMENDED.includes(code) ? 'rules.ask_recommended' : 'rules.ask';
  return html`<tr>
    <th scope="row">${name}</th>
    <td>
      <select
        id=${`lock-${code}`}
        class="input"
        aria-label=${`${t('rules.col_lock')}: ${name}`}
        value=${own ? String(own) : ''}
        onChange=${onText((text) => setRole(code, text))}
      >
        <option value="">${t('rules.as_all')}</option>
        ${minutes(own ?? form.lock_minutes).map(
          ({ value, label }) => html`<option key=${value} value=${value}>${label}</option>`,
        )}
      </select>
    </td>
    <td>
      <label class="choice">
        <input
          id=${`second-${code}`}
          type="checkbox"
          aria-label=${`${t(ask)}: ${name}`}
          checked=${form.second_factor_roles.includes(code)}
          onChange=${onCheck((on) => setAsked(code, on))}
        />
        <span>${t(ask)}</span>
      </label>
    </td>
  </tr>`;
}
