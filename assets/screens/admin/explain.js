// "Why can't Mary …?": choose what she wants to do and read the answer, step by step.

import { classes, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { permissionText, roleName } from '../../lib/roles.js';
import { SelectField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Shown } from '../../ui/state.js';

/** @typedef {import('../../types/ui.js').User} User */
/** @typedef {import('../../types/ui.js').Access} Access */
/** @typedef {import('../../types/ui.js').Permission} Permission */

/** @param {{ user: User }} props */
export function Explain({ user }) {
  const [asked, setAsked] = useState('');
  const catalogue = useResource('permissions', async (signal) => {
    return /** @type {Permission[]} */ ((await api.get('/permissions', {}, { signal })).data);
  });
  const all = catalogue.value.data ?? [];
  return html`<div class="stack split">
    <h3>${t('explain.title_of', { name: user.display_name })}</h3>
    ${h(SelectField, {
      id: 'explain',
      label: t('explain.ask'),
      value: asked,
      onChange: setAsked,
      options: [
        { value: '', label: t('explain.pick') },
        ...all.map(({ code }) => ({ value: code, label: permissionText(code) })),
      ],
    })}
    ${asked && h(Answer, { key: asked, user, permission: asked })}
  </div>`;
}

/** @param {{ user: User, permission: string }} props */
function Answer({ user, permission }) {
  const loaded = useResource(permission, async (signal) => {
    const { data } = await api.get('/users/{id}/access', { id: user.id, permission }, { signal });
    return /** @type {Access} */ (data);
  });
  const { data } = loaded.value;
  return html`<div role="status">
    ${h(Shown, {
      of: loaded.value,
      what: t('explain.what'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="stack">
          ${h(Verdict, { of: data, what: permissionText(permission) })}
          <ul class="steps">
            ${sentences(data).map(
              ({ key, text, passes }) => html`<li key=${key} class=${passes ? '' : 'stops'}>
                ${text}
              </li>`,
            )}
          </ul>
        </div>`,
    })}
  </div>`;
}

/** @param {{ of: Access, what: string }} props */
function Verdict({ of, what }) {
  const stopped = of.steps.some((one) => one.step === 'reach' && !one.passes);
  const well = of.allowed && !stopped;
  const key = of.allowed ? (stopped ? 'explain.may_nobody' : 'explain.may') : 'explain.may_not';
  return html`<p class=${classes('verdict', well ? 'ok' : 'crit')}>
    ${h(Icon, { name: well ? 'check' : 'cross' })}
    <b>${t(key, { name: of.display_name, what })}</b>
  </p>`;
}

/**
 * The steps in the reader's language.
 * @param {Access} access
 */
export function sentences(access) {
  const slots = {
    role: roleName(access.role),
    facility: access.facility?.name ?? t('users.whole_hospital'),
    departments: access.departments.map((one) => one.name).join(', '),
  };
  const told = access.steps.map(({ step, code, passes }) => ({
    key: step,
    passes,
    text: t(`explain.${step}_${code}`, slots),
  }));
  const lacks = access.steps.some((one) => one.code === 'not_held');
  if (lacks) {
    const roles = access.held_by.map(roleName).join(', ');
    const text = roles ? t('explain.held_by', { roles }) : t('explain.held_by_none');
    const at = told.findIndex((one) => one.key === 'permission') + 1;
    told.splice(at, 0, { key: 'held_by', passes: true, text });
  }
  return told;
}
