// Roles: what each may do, side by side; two of them compared; one of them opened and changed.

import { classes, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { roleName } from '../../lib/roles.js';
import { can } from '../../lib/session.js';
import { useSteady } from '../../lib/steady.js';
import { Changes } from '../../ui/changes.js';
import { CheckField, SelectField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Shown } from '../../ui/state.js';
import { RoleMatrix } from './role-matrix.js';
import { RolePanel } from './role-panel.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').Permission} Permission */
/** @typedef {import('../../types/ui.js').User} User */
/**
 * @typedef {{ roles: Role[], permissions: Permission[], users: User[] | null }} Everything
 *   `users` are null for those who may not see them
 */

export const meta = { title: 'roles.title', permission: 'roles.read', area: 'roles' };

const LIMIT = 200;

/** @param {AbortSignal} signal @returns {Promise<Everything>} */
async function load(signal) {
  const list = { limit: LIMIT };
  const [roles, permissions, users] = await Promise.all([
    api.get('/roles', { ...list, include: 'permissions' }, { signal }),
    api.get('/permissions', {}, { signal }),
    can('users.read') ? everybody(signal) : null,
  ]);
  return { roles: roles.data, permissions: permissions.data, users };
}

/** @param {AbortSignal} signal @returns {Promise<User[]>} */
async function everybody(signal) {
  /** @type {User[]} */
  const all = [];
  let cursor = undefined;
  do {
    const page = await api.get('/users', { limit: LIMIT, cursor }, { signal });
    all.push(...page.data);
    cursor = page.meta?.cursor?.next ?? undefined;
  } while (cursor);
  return all;
}

export function Screen() {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  /** The role that a new one starts as. */
  const [start, setStart] = useState(/** @type {Role | null} */ (null));
  const [pair, setPair] = useState(['', '']);
  const [only, setOnly] = useState(false);
  const topics = can('users.read') ? ['roles', 'users'] : ['roles'];
  const loaded = useResource('roles', load, { topics });
  const { data } = loaded.value;
  const { rows, waiting, show, box } = useSteady({ ...loaded.value, data: data?.roles ?? null });
  const add = (/** @type {Role | null} */ like) => {
    setStart(like);
    setOpen('new');
  };
  const may = can('roles.write');
  useKeys(may ? [{ keys: 'F4', label: t('roles.add'), run: () => add(null) }] : []);
  const compared = pair.map((id) => rows.find((role) => role.id === id));
  const [first, second] = compared;
  const role = rows.find((one) => one.id === open) ?? null;
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('roles.title')}</h1>
      <div class="actions">
        ${h(Changes, { count: waiting, show })}
        ${may &&
        html`<button class="button primary" type="button" onClick=${() => add(null)}>
          ${h(Icon, { name: 'add' })} ${t('roles.add')} <kbd>F4</kbd>
        </button>`}
      </div>
    </div>
    <div class=${classes('with-panel', open !== null && 'open')}>
      <section class="card" ...${box}>
        ${h(Shown, {
          of: loaded.value,
          what: t('roles.what'),
          retry: loaded.reload,
          children: () =>
            data &&
            html`<div>
              ${h(Compare, { rows, pair, setPair, only, setOnly })}
              ${h(RoleMatrix, {
                permissions: data.permissions,
                roles: first && second ? [first, second] : rows,
                users: data.users,
                only: only && Boolean(first && second),
                open,
                onOpen: (id) => setOpen(id),
              })}
            </div>`,
        })}
      </section>
      ${data &&
      (open === 'new' || role) &&
      h(RolePanel, {
        key: role ? `${role.id}-${role.version}` : `new-${start?.id}`,
        role,
        start,
        permissions: data.permissions,
        users: data.users,
        onClose: () => setOpen(null),
        onCopy: add,
        onSaved: (saved) => {
          setOpen(saved.id);
          loaded.reload();
        },
      })}
    </div>
  </div>`;
}

/**
 * @param {{ rows: Role[], pair: string[], setPair: (pair: string[]) => void, only: boolean,
 *   setOnly: (only: boolean) => void }} props
 */
function Compare({ rows, pair, setPair, only, setOnly }) {
  const [first = '', second = ''] = pair;
  const names = rows.map((role) => ({ value: role.id, label: roleName(role) }));
  return html`<div class="card-body compare">
    ${h(SelectField, {
      id: 'compare-first',
      label: t('roles.compare'),
      value: first,
      onChange: (id) => setPair(id ? [id, second === id ? '' : second] : ['', '']),
      options: [{ value: '', label: t('roles.compare_all') }, ...names],
    })}
    ${first &&
    h(SelectField, {
      id: 'compare-second',
      label: t('roles.compare_with'),
      value: second,
      onChange: (id) => setPair([first, id]),
      options: [
        { value: '', label: t('roles.compare_pick') },
        ...names.filter((name) => name.value !== first),
      ],
    })}
    ${second &&
    h(CheckField, {
      id: 'compare-only',
      label: t('roles.only_differences'),
      checked: only,
      onChange: setOnly,
    })}
  </div>`;
}
