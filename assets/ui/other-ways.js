// Below the form where people sign in: the way to the hospital's OpenID provider, and how it went
// for somebody who comes back from there.

import { h, html, useEffect, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { Icon } from './icon.js';

/** What the server says of how it went, in the part of the address that it never sees again. */
const MARK = '#openid=';
const KNOWN = [
  'off',
  'over',
  'silent',
  'failed',
  'no_group',
  'disabled',
  'name_taken',
  'account_unfit',
  'busy',
  'second_factor',
];
const BEGIN = '/api/v1/sessions/openid';

/** @typedef {{ directory: boolean, openid: { name: string } | null }} Ways */

/** @param {{ onDone: (session: any) => void }} props `onDone` gets the session that is open */
export function OtherWays({ onDone }) {
  const [ways, setWays] = useState(/** @type {Ways | null} */ (null));
  const [word, setWord] = useState('');
  useEffect(() => {
    const come = location.hash.startsWith(MARK) ? location.hash.slice(MARK.length) : '';
    if (come) history.replaceState(history.state, '', location.pathname);
    if (come === 'done') {
      api.get('/sessions/current').then(({ data }) => onDone(data), () => setWord('failed'));
    } else if (come) {
      setWord(KNOWN.includes(come) ? come : 'failed');
    }
    // Without an answer the form stands alone, as it does where there is no other way.
    api.get('/sessions/ways').then(({ data }) => setWays(data), () => {});
  }, []);
  return html`<div class="stack">
    ${word &&
    html`<div class="alert crit" role="alert">
      ${h(Icon, { name: 'warn' })}
      <div>
        <p class="alert-title">${t('sign_in.not_done')}</p>
        <p>${t(`sign_in.openid_${word}`)}</p>
      </div>
    </div>`}
    ${ways?.openid &&
    html`<div class="buttons">
      <a class="button" href=${BEGIN}>
        ${t('sign_in.openid', { name: ways.openid.name })}
      </a>
    </div>`}
  </div>`;
}
