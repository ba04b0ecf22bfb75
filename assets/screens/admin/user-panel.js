// One person who signs in, beside the list: add, change, why they may what, new password, disable.

import { h, html, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { navigate } from '../../lib/router.js';
import { can, session } from '../../lib/session.js';
import { ask } from '../../ui/dialog.js';
import { CheckField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { SessionsCard } from '../../ui/sessions.js';
import { toast } from '../../ui/toast.js';
import { Explain } from './explain.js';
import { PASSWORD_SHORTEST, UserForm } from './user-form.js';

/** @typedef {import('../../types/ui.js').User} User */

const PASSWORD_SHORTEST_WITH_SECOND_FACTOR = 8;

/**
 * @param {{ user: User | null, house: import('./house.js').House, onClose: () => void,
 *   onSaved: (user: User) => void }} props
 */
export function UserPanel({ user, house, onClose, onSaved }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const may = can('users.write');
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
        : (!user || may) &&
          h(UserForm, {
            user,
            house,
            onSaved: (done) => {
              if (!user) setAdded(done);
              onSaved(done);
            },
          })}
      ${user && h(Explain, { user })} ${user && can('audit.read') && h(Story, { user })}
      ${user &&
      may &&
      user.id !== session.value?.user.id &&
      (user.origin === 'local'
        ? h(NewPassword, { user })
        : html`<p class="split quiet">${t(`users.password_${user.origin}`)}</p>
            ${user.origin === 'directory' && h(NoSecondFactor, { user })}`)}
      ${user && may && user.id !== session.value?.user.id && h(OnOff, { user, onSaved })}
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

/** The way to all that the person did and looked at. @param {{ user: User }} props */
function Story({ user }) {
  const look = () => navigate('/admin/audit', { given: { actor: user.id } });
  return html`<div class="buttons">
    <button class="button" type="button" onClick=${look}>
      ${h(Icon, { name: 'clock' })} ${t('users.story')}
    </button>
  </div>`;
}

/** @param {{ user: User }} props */
function NewPassword({ user }) {
  const [password, setPassword] = useState('');
  const [remove, setRemove] = useState(false);
  const [temporary, setTemporary] = useState(true);
  const saving = useSubmit(async () => {
    const body = { password, remove_second_factor: remove, temporary };
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
      id: 'temporary',
      label: t('users.temporary'),
      hint: t('users.temporary_hint'),
      checked: temporary,
      onChange: setTemporary,
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

/** For somebody who has lost their phone, and whose password is not ours. */
function NoSecondFactor(/** @type {{ user: User }} */ { user }) {
  const saving = useSubmit(async () => {
    await api.post(`/users/${user.id}/password`, { remove_second_factor: true });
    return true;
  });
  const remove = async () => {
    const yes = await ask({
      title: t('users.no_factor_title', { name: user.display_name }),
      text: t('users.no_factor_text'),
      yes: t('users.no_factor_do'),
      no: t('users.no_factor_no'),
      danger: true,
    });
    if (!yes || !(await saving.submit({ id: user.id }))) return;
    toast(t('users.no_factor_done', { name: user.display_name }));
  };
  return html`${h(ErrorSummary, saving)}
    <div class="buttons">
      <button class="button" type="button" disabled=${saving.busy} onClick=${remove}>
        ${t('users.no_factor_do')}
      </button>
    </div>`;
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
