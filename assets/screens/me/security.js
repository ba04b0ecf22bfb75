// What I sign in with: an app for codes, recovery codes, passkeys, and the PIN for coming back.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { AppSetup, PasswordFirst } from '../../ui/app-setup.js';
import { Icon } from '../../ui/icon.js';
import { RecoveryCodes } from '../../ui/recovery-codes.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';
import { Passkeys } from './passkeys.js';
import { Pin } from './pin.js';

/**
 * @typedef {{ id: string, name: string, site: string, created_at: string,
 *   last_used_at: string | null }} Passkey
 */
/**
 * @typedef {{ totp_since: string | null, recovery_codes: number, passkeys: Passkey[],
 *   passkeys_work_here: boolean, pin: boolean, second_factor_required: boolean,
 *   password_length_min: number, origin: string }} Own
 */

export function Security() {
  const loaded = useResource('own security', async (signal) => {
    return /** @type {Own} */ ((await api.get('/users/current/security', {}, { signal })).data);
  });
  const [codes, setCodes] = useState(/** @type {string[]} */ ([]));
  const { data } = loaded.value;
  /** @param {string[]} shown */
  const changed = (shown = []) => {
    setCodes(shown);
    loaded.reload();
  };
  return html`<section class="card" aria-labelledby="security-title">
    <div class="card-head"><h2 id="security-title">${t('security.title')}</h2></div>
    <div class="card-body stack">
      ${codes.length > 0
        ? h(RecoveryCodes, { codes, onDone: () => setCodes([]) })
        : h(Shown, {
            of: loaded.value,
            what: t('security.what'),
            retry: loaded.reload,
            children: () => data && h(Parts, { own: data, changed }),
          })}
    </div>
  </section>`;
}

/** @param {{ own: Own, changed: (codes?: string[]) => void }} props */
function Parts({ own, changed }) {
  if (own.origin === 'openid') return html`<p class="quiet">${t('security.openid')}</p>`;
  const any = own.totp_since !== null || own.passkeys.length > 0;
  return html`<div class="stack">
    ${!any && html`<p class="quiet">${t('security.lead')}</p>`} ${h(App, { own, changed })}
    ${h(Passkeys, { own, changed })} ${any && h(Recovery, { own, changed })}
    ${h(Pin, { has: own.pin, changed })}
  </div>`;
}

/** @param {{ own: Own, changed: (codes?: string[]) => void }} props */
function App({ own, changed }) {
  const [open, setOpen] = useState(/** @type {'setup' | 'remove' | null} */ (null));
  const close = () => setOpen(null);
  const added = (/** @type {string[]} */ codes) => {
    close();
    toast(t('app.done'));
    changed(codes);
  };
  const removed = () => {
    close();
    toast(t('app.removed'));
    changed();
  };
  return html`<div class="stack split">
    <h3>
      ${t('app.title')}${' '}
      ${own.totp_since && h(Tag, { tone: 'ok', children: t('security.on') })}
    </h3>
    ${own.totp_since
      ? html`<p class="quiet small">${t('app.since', { when: instantText(own.totp_since) })}</p>`
      : html`<p class="quiet">${t('app.lead')}</p>`}
    ${open === 'setup' && h(AppSetup, { onDone: added, onCancel: close })}
    ${open === 'remove' &&
    h(PasswordFirst, {
      path: '/users/current/totp/remove',
      label: t('app.remove'),
      lead: t('app.remove_lead'),
      danger: true,
      onDone: removed,
      onCancel: close,
    })}
    ${open === null &&
    html`<div class="buttons">
      <button class="button" type="button" onClick=${() => setOpen('setup')}>
        ${t(own.totp_since ? 'app.renew' : 'app.set_up')}
      </button>
      ${own.totp_since &&
      html`<button class="button" type="button" onClick=${() => setOpen('remove')}>
        ${t('app.remove')}
      </button>`}
    </div>`}
  </div>`;
}

/** @param {{ own: Own, changed: (codes?: string[]) => void }} props */
function Recovery({ own, changed }) {
  const [open, setOpen] = useState(false);
  const made = (/** @type {{ recovery_codes: string[] }} */ data) => {
    setOpen(false);
    changed(data.recovery_codes);
  };
  const few = own.recovery_codes <= 3;
  return html`<div class="stack split">
    <h3>${t('recovery.title')}</h3>
    <p class=${few ? 'error' : 'quiet'}>
      ${few && h(Icon, { name: 'warn' })} ${t('recovery.left', { count: own.recovery_codes })}
    </p>
    ${open
      ? h(PasswordFirst, {
          path: '/users/current/recovery-codes',
          label: t('recovery.renew'),
          lead: t('recovery.renew_lead'),
          onDone: made,
          onCancel: () => setOpen(false),
        })
      : html`<div class="buttons">
          <button class="button" type="button" onClick=${() => setOpen(true)}>
            ${t('recovery.renew')}
          </button>
        </div>`}
  </div>`;
}
