// What else can be done with a role: copy it, have it as it was delivered, retire it.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { roleName } from '../../lib/roles.js';
import { ask } from '../../ui/dialog.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { toast } from '../../ui/toast.js';
import { confirmed } from './role-change.js';
import { holdersOf } from './role-matrix.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').Permission} Permission */
/** @typedef {import('../../types/ui.js').User} User */

/**
 * @param {{ role: Role, permissions: Permission[], users: User[] | null,
 *   onSaved: (role: Role) => void, onCopy: () => void }} props
 */
export function RoleActions({ role, permissions, users, onSaved, onCopy }) {
  const name = roleName(role);
  const etag = `"${role.version}"`;
  const restoring = useSubmit(async () => {
    return (await api.post(`/roles/${role.id}/default`, undefined, { etag })).data;
  });
  const retiring = useSubmit(async () => {
    return (await api.patch(`/roles/${role.id}`, { active: !role.active }, etag)).data;
  });
  const restore = async () => {
    const held = permissions.filter((one) => one.default_of.includes(role.code));
    const draft = { reach: role.reach, permissions: held.map((one) => one.code) };
    if (users && !(await confirmed(role, draft, users))) return;
    const done = await restoring.submit({});
    if (!done) return;
    toast(t('roles.restored', { name }));
    onSaved(done);
  };
  const retire = async () => {
    const yes =
      !role.active ||
      (await ask({
        title: t('roles.retire_title', { name }),
        text: t('roles.retire_text'),
        yes: t('roles.retire'),
        no: t('roles.change_no'),
        danger: true,
      }));
    const done = yes && (await retiring.submit({}));
    if (!done) return;
    toast(t('roles.saved', { name }));
    onSaved(done);
  };
  const held = users ? holdersOf(users, role).length > 0 : false;
  return html`<div class="stack split">
    ${h(ErrorSummary, restoring)} ${h(ErrorSummary, retiring)}
    <div class="buttons">
      <button class="button" type="button" onClick=${onCopy}>
        ${h(Icon, { name: 'copy' })} ${t('roles.copy')}
      </button>
      ${role.built_in &&
      html`<button class="button" type="button" disabled=${restoring.busy} onClick=${restore}>
        ${t('roles.restore')}
      </button>`}
      ${!role.built_in &&
      html`<button
        id="active"
        class=${role.active ? 'button danger' : 'button'}
        type="button"
        disabled=${retiring.busy || (role.active && held)}
        aria-describedby="retire-hint"
        onClick=${retire}
      >
        ${t(role.active ? 'roles.retire' : 'roles.use_again')}
      </button>`}
    </div>
    ${!role.built_in &&
    role.active &&
    html`<p class="hint" id="retire-hint">${t('roles.retire_hint')}</p>`}
  </div>`;
}
