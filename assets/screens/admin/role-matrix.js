// The table of roles and permissions: a column for each role, a line for each thing that one
// may do, under what it is about.

import { Fragment, classes, h, html, useLayoutEffect, useRef } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { areaText, byArea, permissionText, roleName } from '../../lib/roles.js';
import { Icon } from '../../ui/icon.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').Permission} Permission */
/** @typedef {import('../../types/ui.js').User} User */

/** @param {User[]} users @param {Role} role */
export function holdersOf(users, role) {
  return users.filter((user) => user.role === role.code && user.active);
}

/**
 * @param {{ permissions: Permission[], roles: Role[], users: User[] | null, only: boolean,
 *   open: string | null, onOpen: (id: string) => void }} props
 */
export function RoleMatrix({ permissions, roles, users, only, open, onOpen }) {
  const differs = (/** @type {Permission} */ one) =>
    new Set(roles.map((role) => role.permissions.includes(one.code))).size > 1;
  const shown = only ? permissions.filter(differs) : permissions;
  const reaches = new Set(roles.map((role) => role.reach)).size;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  // The panel takes room from the table: the role that is open stays in sight.
  useLayoutEffect(() => {
    box.current?.querySelector('th.on')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [open]);
  const changed = roles.some((role) => permissions.some((one) => change(role, one) !== null));
  return html`<div>
    <div
      class="table-box matrix-box"
      tabindex="0"
      role="region"
      aria-label=${t('roles.matrix')}
      ref=${box}
    >
      <table class="table matrix">
        <thead>
          <tr>
            <th scope="col">${t('roles.may')}</th>
            ${roles.map(
              (role) => html`<th
                key=${role.id}
                scope="col"
                class=${classes('role', role.id === open && 'on')}
              >
                <button
                  class="link"
                  type="button"
                  aria-label=${t('roles.open_of', { name: roleName(role) })}
                  aria-pressed=${role.id === open ? 'true' : 'false'}
                  onClick=${() => onOpen(role.id)}
                >
                  <bdi>${roleName(role)}</bdi>
                </button>
                ${role.active
                  ? users &&
                    html`<span class="holders"
                      >${t('roles.people', { count: holdersOf(users, role).length })}</span
                    >`
                  : h(Tag, { tone: 'neutral', icon: 'blocked', children: t('roles.retired') })}
              </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${(!only || reaches > 1) &&
          html`<tr>
            <th scope="row">${t('roles.reach')}</th>
            ${roles.map(
              (role) => html`<td key=${role.id} class=${classes('reach', role.id === open && 'on')}>
                ${t(`reach.${role.reach}`)}
              </td>`,
            )}
          </tr>`}
          ${byArea(shown).map(([area, items]) => lines(area, items, roles, open))}
        </tbody>
      </table>
    </div>
    ${only &&
    shown.length === 0 &&
    reaches === 1 &&
    html`<p class="card-body quiet">${t('roles.no_difference')}</p>`}
    ${changed &&
    html`<p class="card-body small quiet">
      <span class="cell changed" aria-hidden="true">${h(Icon, { name: 'check' })}</span>
      ${t('roles.changed_mark')}
    </p>`}
  </div>`;
}

/**
 * @param {string} area @param {Permission[]} items @param {Role[]} roles
 * @param {string | null} open
 */
function lines(area, items, roles, open) {
  return html`<${Fragment} key=${area}>
    <tr class="area">
      <th scope="row">${areaText(area)}</th>
      <td colspan=${roles.length}></td>
    </tr>
    ${items.map(
      (one) => html`<tr key=${one.code}>
        <th scope="row">${permissionText(one.code)}</th>
        ${roles.map((role) => h(Cell, { key: role.id, role, one, on: role.id === open }))}
      </tr>`,
    )}
  <//>`;
}

/**
 * How a built-in role differs here from how it was delivered.
 * @param {Role} role @param {Permission} one
 */
function change(role, one) {
  const held = role.permissions.includes(one.code);
  if (!role.built_in || held === one.default_of.includes(role.code)) return null;
  return held ? 'given' : 'taken';
}

/** @param {{ role: Role, one: Permission, on: boolean }} props */
function Cell({ role, one, on }) {
  const held = role.permissions.includes(one.code);
  const other = change(role, one);
  const words = { given: t('roles.given'), taken: t('roles.taken') };
  const word = other ? words[other] : t(held ? 'roles.yes' : 'roles.no');
  return html`<td class=${classes('mark', on && 'on')}>
    <span class=${classes('cell', held && 'held', other && 'changed')}>
      ${held ? h(Icon, { name: 'check' }) : html`<span aria-hidden="true">–</span>`}
      <span class="spoken">${word}</span>
    </span>
  </td>`;
}
