// How a workstation comes to trust the server: for whoever sees their browser's warning, so it
// is read before anybody has signed in.

import { html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { Door } from './door.js';

export const meta = { title: 'trust.title', public: true };

/** What is typed, the same in every language. */
const COMPARE = [
  ['trust.compare_windows', 'certutil -hashfile ca.der SHA256'],
  ['trust.compare_other', 'openssl x509 -in ca.crt -noout -fingerprint -sha256'],
];
const INSTALL = [
  ['trust.windows', 'certutil -addstore -f Root ca.crt'],
  [
    'trust.macos',
    'sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ca.crt',
  ],
  [
    'trust.debian',
    'sudo cp ca.crt /usr/local/share/ca-certificates/healthflow.crt\nsudo update-ca-certificates',
  ],
  ['trust.fedora', 'sudo cp ca.crt /etc/pki/ca-trust/source/anchors/\nsudo update-ca-trust'],
  ['trust.chrome', 'certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n HealthFlow -i ca.crt'],
];

export function Screen() {
  return html`<${Door} wide>
    <div class="stack trust">
      <h1>${t('trust.title')}</h1>
      <p>${t('trust.why')}</p>
      <h2>${t('trust.download')}</h2>
      <div class="buttons">
        <a class="button primary" href="/ca.crt" download><bdi dir="ltr">ca.crt (PEM)</bdi></a>
        <a class="button" href="/ca.der" download><bdi dir="ltr">ca.der (DER)</bdi></a>
      </div>
      <p class="quiet small">${t('trust.not_own')}</p>
      <h2>${t('trust.compare')}</h2>
      <p>${t('trust.compare_how')}</p>
      ${COMPARE.map(([name = '', typed = '']) => Typed(name, typed))}
      <h2>${t('trust.install')}</h2>
      <h3>${t('trust.policy')}</h3>
      <p>${t('trust.policy_how')}</p>
      ${INSTALL.map(([name = '', typed = '']) => Typed(name, typed))}
      <h3>${t('trust.firefox')}</h3>
      <p>${t('trust.firefox_how')}</p>
      <p><a href="/">${t('trust.back')}</a></p>
    </div>
  <//>`;
}

/** @param {string} name @param {string} typed */
function Typed(name, typed) {
  return html`<div key=${name}>
    <h3>${t(name)}</h3>
    <pre dir="ltr" tabindex="0"><code>${typed}</code></pre>
  </div>`;
}
