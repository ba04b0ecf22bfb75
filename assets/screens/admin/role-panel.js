// One role beside the table: what it may do, who holds it, and what a change does to them.

import { h, html, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import {
  REACHES,
  areaText,
  byArea,
  codeFor,
  permissionText,
  roleName,
} from '../../lib/roles.js';
import { can } from '../../lib/session.js';
import { CheckField, RadioField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { toast } from '../../ui/toast.js';
import { holdersOf } from './role-matrix.js';
import { RoleActions } from './role-actions.js';
import { NAMED_MAX, confirmed } from './role-change.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').Permission} Permission */
/** @typedef {import('../../types/ui.js').User} User */
/** @typedef {{ name: string, code: string, reach: string, permissions: string[] }} Draft */

/**
 * @param {{ role: Role | null, start: Role | null, permissions: Permission[],
 *   users: User[] | null, onClose: () => void, onCopy: (role: Role) => void,
 *   onSaved: (role: Role) => void }} props
 */
export function RolePanel(props) {
  const { role, permissions, users, onClose, onSaved, onCopy } = props;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useKeys([{ keys: 'Escape', label: t('panel.close'), run: onClose }]);
  useLayoutEffect(() => {
    const first = box.current?.querySelector(role ? 'h2' : 'input');
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }, []);
  return html`<aside class="card panel" ref=${box} aria-labelledby="panel-title">
    <div class="card-head">
      <h2 id="panel-title" tabindex="-1">
        ${role ? html`<bdi>${roleName(role)}</bdi>` : t('roles.add')}
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
      ${role &&
      html`<p class="quiet small">
        ${t(role.built_in ? 'roles.built_in' : 'roles.own')} · <bdi dir="ltr">${role.code}</bdi>
      </p>`}
      ${role && users && h(Holders, { of: holdersOf(users, role) })}
      ${role && !can('roles.write') && html`<p class="quiet">${t('roles.view_only')}</p>`}
      ${h(Form, props)}
      ${role &&
      can('roles.write') &&
      h(RoleActions, { role, permissions, users, onSaved, onCopy: () => onCopy(role) })}
    </div>
  </aside>`;
}

/** @param {{ of: User[] }} props */
function Holders({ of }) {
  const more = of.length - NAMED_MAX;
  return html`<div>
    <h3>${t('roles.holders')}</h3>
    ${of.length === 0
      ? html`<p class="quiet">${t('roles.holders_none')}</p>`
      : html`<ul class="people">
          ${of.slice(0, NAMED_MAX).map((user) => html`<li key=${user.id}>
            <bdi>${user.display_name}</bdi>
          </li>`)}
          ${more > 0 && html`<li class="quiet">${t('roles.holders_more', { count: more })}</li>`}
        </ul>`}
  </div>`;
}

/** @param {Parameters<typeof RolePanel>[0]} props */
function Form({ role, start, permissions, users, onSaved }) {
  const like = role ?? start;
  const first = {
    name: role ? role.name : start ? t('roles.copy_of', { name: roleName(start) }) : '',
    code: role?.code ?? '',
    reach: like?.reach ?? 'facility',
    permissions: like?.permissions ?? [],
  };
  const [draft, setDraft] = useState(/** @type {Draft} */ (first));
  const [coded, setCoded] = useState(false);
  const dirty = JSON.stringify(draft) !== JSON.stringify(first);
  useUnsaved(dirty);
  const may = can('roles.write');
  const set = (/** @type {Partial<Draft>} */ change) => setDraft((old) => ({ ...old, ...change }));
  const code = role || coded ? draft.code : codeFor(draft.name);
  const saving = useSubmit(async ({ key }) => {
    const { name, reach, permissions: held } = draft;
    const body = { name, reach, permissions: held };
    if (!role) return (await api.post('/roles', { ...body, code }, { idempotencyKey: key })).data;
    return (await api.patch(`/roles/${role.id}`, body, `"${role.version}"`)).data;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wrong = {
      name: draft.name.trim() ? undefined : t('roles.error_name'),
      code: code ? undefined : t('roles.error_code'),
    };
    if (role && users && !wrong.name && !(await confirmed(role, draft, users))) return;
    const done = await saving.submit({ ...draft, code }, wrong);
    if (!done) return;
    toast(t('roles.saved', { name: roleName(done) }));
    onSaved(done);
  };
  return html`<form class="stack" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${!role?.built_in &&
    h(TextField, {
      id: 'name',
      label: t('roles.name'),
      value: draft.name,
      onInput: (name) => set({ name }),
      error: saving.errors.name,
      disabled: !may,
      maxlength: 100,
    })}
    ${!role &&
    h(TextField, {
      id: 'code',
      label: t('roles.code'),
      hint: t('roles.code_hint'),
      value: code,
      onInput: (typed) => {
        setCoded(true);
        set({ code: typed });
      },
      error: saving.errors.code,
      dir: 'ltr',
      maxlength: 40,
    })}
    ${h(RadioField, {
      id: 'reach',
      label: t('roles.reach'),
      column: true,
      value: draft.reach,
      onChange: (reach) => may && set({ reach }),
      options: REACHES.map((value) => ({
        value,
        label: t(`reach.${value}`),
        hint: value === 'everybody' ? undefined : t(`reach.${value}_hint`),
      })),
      error: saving.errors.reach,
    })}
    ${h(Permissions, {
      permissions,
      held: draft.permissions,
      before: like?.permissions ?? [],
      error: saving.errors.permissions,
      set: may ? (held) => set({ permissions: held }) : null,
    })}
    ${may &&
    html`<div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || (role && !dirty)}>
        ${t(role ? 'roles.save' : 'roles.add_do')}
      </button>
    </div>`}
  </form>`;
}

/**
 * @param {{ permissions: Permission[], held: string[], before: string[], error?: string,
 *   set: ((held: string[]) => void) | null }} props `set` is null for those who only look
 */
function Permissions({ permissions, held, before, error, set }) {
  return html`<div class="permissions" id="permissions" tabindex="-1">
    <h3>${t('roles.permissions')}</h3>
    ${error && html`<p class="error">${h(Icon, { name: 'warn' })} ${error}</p>`}
    ${byArea(permissions).map(
      ([area, items]) => html`<fieldset key=${area} class="field">
        <legend>${areaText(area)}</legend>
        <div class="choices column">
          ${items.map(({ code }) => {
            // What is held already may stay; only what one holds oneself can be given.
            const locked = !can(code) && !held.includes(code) && !before.includes(code);
            const words = permissionText(code);
            return h(CheckField, {
              key: code,
              id: `may-${code}`,
              label: locked
                ? html`${words} <span class="choice-hint">${t('roles.not_yours')}</span>`
                : words,
              checked: held.includes(code),
              disabled: !set || locked,
              onChange: (on) =>
                set?.(
                  permissions
                    .map((one) => one.code)
                    .filter((one) => (one === code ? on : held.includes(one))),
                ),
            });
          })}
        </div>
      </fieldset>`,
    )}
  </div>`;
}
