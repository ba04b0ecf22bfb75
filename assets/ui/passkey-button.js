// Signing in with a passkey: one button, then the browser asks.

import { h, html, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { gaveUp, usePasskey } from '../lib/passkey.js';
import { Problem } from '../lib/problem.js';
import { Icon } from './icon.js';
import { explain } from './state.js';

/** @param {{ onDone: (session: any) => void }} props */
export function PasskeyButton({ onDone }) {
  const [state, setState] = useState({ busy: false, said: '' });
  const run = async () => {
    setState({ busy: true, said: '' });
    try {
      const { data } = await api.post('/sessions/passkey/options', {});
      const credential = await usePasskey(data.options);
      const body = { ceremony: data.ceremony, credential };
      const done = await api.post('/sessions/passkey', body);
      setState({ busy: false, said: '' });
      onDone(done.data);
    } catch (error) {
      setState({ busy: false, said: inWords(error) });
    }
  };
  return html`<button class="button" type="button" disabled=${state.busy} onClick=${run}>
      ${t('passkey.use')}
    </button>
    ${state.said &&
    html`<p class="error" role="alert">${h(Icon, { name: 'warn' })} ${state.said}</p>`}`;
}

/** @param {unknown} error */
export function inWords(error) {
  if (gaveUp(error)) return t('passkey.gave_up');
  if (error instanceof DOMException && error.name === 'InvalidStateError') {
    return t('passkey.known');
  }
  if (error instanceof Problem && error.code === 'access.wrong_passkey') return t('passkey.wrong');
  if (error instanceof Problem) return explain(error);
  return t('passkey.failed');
}
