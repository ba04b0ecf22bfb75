// What the hospital asks of those who sign in: how soon an unattended page locks, and of which
// roles a second factor is asked for.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { CheckField, SelectField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/**
 * @typedef {{ lock_minutes: number, lock_minutes_of_roles: Record<string, number>,
 *   second_factor_roles: string[], version: number }} Rules
 */

const ROLES = ['administrator', 'reception', 'clinician', 'nurse'];
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
  const may = can('settings.write');
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
  const minutes = (/** @type {number} */ kept) =>
    [...new Set([...MINUTES, kept])].sort((a, b) => a - b).map((count) => ({
      value: String(count),
      label: t('me.minutes', { count }),
    }));
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
      disabled: !may,
      onChange: (value) => setForm({ ...form, lock_minutes: Number(value) }),
      options: minutes(form.lock_minutes),
      error: saving.errors.lock_minutes,
    })}
    <div class="rules-grid">
      ${ROLES.map((role) => {
        const own = form.lock_minutes_of_roles[role];
        return h(SelectField, {
          key: role,
          id: `lock-${role}`,
          label: t('rules.lock_of', { role: t(`role.${role}`) }),
          value: own ? String(own) : '',
          disabled: !may,
          onChange: (value) => setRole(role, value),
          options: [{ value: '', label: t('rules.as_all') }, ...minutes(own ?? form.lock_minutes)],
        });
      })}
    </div>
    <fieldset class="field">
      <legend class="field-label">${t('rules.second_factor')}</legend>
      <p class="hint">${t('rules.second_factor_hint')}</p>
      ${ROLES.map((role) =>
        h(CheckField, {
          key: role,
          id: `second-${role}`,
          label: RECOMMENDED.includes(role)
            ? t('rules.recommended', { role: t(`role.${role}`) })
            : t(`role.${role}`),
          checked: form.second_factor_roles.includes(role),
          disabled: !may,
          onChange: (on) => setAsked(role, on),
        }),
      )}
    </fieldset>
    ${may &&
    html`<div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || !dirty}>
        ${t('users.save')}
      </button>
    </div>`}
  </form>`;
}
