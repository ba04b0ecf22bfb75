// People who sign in: who they are, what they may do, and since when they were not seen.

import { classes, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { roleName } from '../../lib/roles.js';
import { can, session } from '../../lib/session.js';
import { useSteady } from '../../lib/steady.js';
import { Changes } from '../../ui/changes.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { useHouse } from './house.js';
import { UserPanel } from './user-panel.js';

/** @typedef {import('../../types/ui.js').User} User */
/** @typedef {import('./house.js').House} House */

export const meta = { title: 'users.title', permission: 'users.read', area: 'users' };

const LIMIT = 200;

export function Screen() {
  /** What the panel shows: a user, `new`, or nothing. */
  const [open, setOpen] = useState(/** @type {User | 'new' | null} */ (null));
  const users = useResource(
    'users',
    async (signal) => {
      const params = { limit: LIMIT, include: 'departments' };
      return /** @type {User[]} */ ((await api.get('/users', params, { signal })).data);
    },
    { topics: ['users'] },
  );
  const house = useHouse();
  const { rows, waiting, show, box } = useSteady(users.value);
  const add = () => setOpen('new');
  useKeys(can('users.write') ? [{ keys: 'F4', label: t('users.add'), run: add }] : []);
  const shownUser = open && open !== 'new' ? rows.find((one) => one.id === open.id) : undefined;
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('users.title')}</h1>
      <div class="actions">
        ${h(Changes, { count: waiting, show })}
        ${can('users.write') &&
        html`<button class="button primary" type="button" onClick=${add}>
          ${h(Icon, { name: 'add' })} ${t('users.add')} <kbd>F4</kbd>
        </button>`}
      </div>
    </div>
    <div class=${classes('with-panel', open !== null && 'open')}>
      <section class="card" ...${box}>
        ${h(Shown, {
          of: users.value,
          what: t('users.what'),
          retry: users.reload,
          children: () => h(Table, { rows, house, open: shownUser?.id, onOpen: setOpen }),
        })}
      </section>
      ${open !== null &&
      h(UserPanel, {
        key: open === 'new' ? 'new' : `${open.id}-${shownUser?.version}`,
        user: open === 'new' ? null : (shownUser ?? open),
        house,
        onClose: () => setOpen(null),
        onSaved: (user) => {
          if (open !== 'new') setOpen(user);
          users.reload();
        },
      })}
    </div>
  </div>`;
}

/**
 * @param {{ rows: User[], house: House, open?: string, onOpen: (user: User) => void }} props
 */
function Table({ rows, house, open, onOpen }) {
  return html`<table class="table">
    <thead>
      <tr>
        <th scope="col">${t('users.col_name')}</th>
        <th scope="col" class="when-wide">${t('users.col_username')}</th>
        <th scope="col">${t('users.col_role')}</th>
        <th scope="col">${t('users.col_place')}</th>
        <th scope="col">${t('users.col_state')}</th>
        <th scope="col" class="when-wide">${t('users.col_seen')}</th>
        <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (user) =>
          html`<tr key=${user.id} class=${classes(user.id === open && 'on')}>
            <th scope="row">
              <bdi>${user.display_name}</bdi>
              ${user.id === session.value?.user.id &&
              html` <span class="quiet">${t('users.you')}</span>`}
            </th>
            <td class="when-wide">
              <bdi>${user.username}</bdi>
              ${user.origin !== 'local' &&
              html` <span class="quiet small">${t(`users.origin_${user.origin}`)}</span>`}
            </td>
            <td><bdi>${roleName(house.role(user.role))}</bdi></td>
            <td>${h(Place, { user, house })}</td>
            <td>
              ${user.active
                ? h(Tag, { tone: 'ok', children: t('users.active') })
                : h(Tag, { tone: 'neutral', icon: 'blocked', children: t('users.disabled') })}
            </td>
            <td class="when-wide">
              ${user.last_sign_in_at
                ? h(Instant, { at: user.last_sign_in_at })
                : html`<span class="quiet">${t('users.never')}</span>`}
            </td>
            <td class="end">
              <button
                class="link"
                type="button"
                aria-label=${t(can('users.write') ? 'users.change_of' : 'users.look_at', {
                  name: user.display_name,
                })}
                onClick=${() => onOpen(user)}
              >
                ${t(can('users.write') ? 'users.change' : 'users.look')}
              </button>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {{ user: User, house: House }} props */
function Place({ user, house }) {
  const names = (user.departments ?? []).map((id) => house.department(id)?.name).filter(Boolean);
  const facility = user.facility_id && house.facility(user.facility_id)?.name;
  const divided = house.departments.some(
    (one) => one.active && (!user.facility_id || one.facility_id === user.facility_id),
  );
  const none = divided && names.length === 0 && house.role(user.role).reach === 'departments';
  return html`${facility
    ? html`<bdi>${facility}</bdi>`
    : !none && html`<span class="quiet">${t('users.whole_hospital')}</span>`}
  ${none && h(Tag, { tone: 'warn', icon: 'warn', children: t('users.no_department') })}
  ${names.length > 0 && html`<span class="row-note"><bdi>${names.join(', ')}</bdi></span>`}`;
}
