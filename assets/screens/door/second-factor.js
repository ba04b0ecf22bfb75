// For somebody of whom the hospital asks a second factor and who has none: nothing else is
// possible before it is set up.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { passkeysWork } from '../../lib/passkey.js';
import { useResource } from '../../lib/resource.js';
import { session } from '../../lib/session.js';
import { AppSetup } from '../../ui/app-setup.js';
import { PasskeySetup } from '../../ui/passkey-setup.js';
import { RecoveryCodes } from '../../ui/recovery-codes.js';
import { Door } from './door.js';
import { goOn, leave } from './way-on.js';

export const meta = { title: 'enrol.title', public: true };

export function Screen() {
  const [codes, setCodes] = useState(/** @type {string[] | null} */ (null));
  const [withKey, setWithKey] = useState(false);
  const own = useResource('own security', async (signal) => {
    return (await api.get('/users/current/security', {}, { signal })).data;
  });
  const mayKey = own.value.data?.passkeys_work_here && passkeysWork();
  return h(Door, {
    wide: true,
    children: html`<div class="stack">
      <h1>${t('enrol.title')}</h1>
      ${codes
        ? h(RecoveryCodes, { codes, onDone: goOn })
        : html`<p>${t('enrol.lead', { name: session.value?.user.display_name ?? '' })}</p>
            ${withKey
              ? h(PasskeySetup, { onDone: setCodes, onCancel: () => setWithKey(false) })
              : h(AppSetup, { onDone: setCodes })}
            ${!withKey &&
            mayKey &&
            html`<p>
              <button class="link" type="button" onClick=${() => setWithKey(true)}>
                ${t('enrol.with_passkey')}
              </button>
            </p>`}
            <p>
              <button class="link" type="button" onClick=${leave}>${t('enrol.leave')}</button>
            </p>`}
    </div>`,
  });
}
