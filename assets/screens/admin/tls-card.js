// Encryption: whose certificate is shown, until when, and how workstations come to trust it.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { CopyButton } from '../../clinical/copy.js';
import { Instant } from '../../ui/instant.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/**
 * @typedef {{ subject: string, issuer: string, names: string[], begins_at: string,
 *   ends_at: string, fingerprint_sha256: string }} Certificate
 */
/**
 * @typedef {{ encrypted: boolean, this_connection: boolean, exposed: boolean,
 *   origin: 'own' | 'installed' | 'files' | null, certificate: Certificate | null,
 *   root: Certificate | null, hsts_s: number, warnings: string[] }} Tls
 */

export function TlsCard() {
  const loaded = useResource('tls', async (signal) => {
    return /** @type {Tls} */ ((await api.get('/system/tls', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="tls-title">
    <div class="card-head">
      <h2 id="tls-title">${t('tls.title')}</h2>
      ${data &&
      h(Tag, {
        tone: data.encrypted || isBefore(data) ? 'ok' : data.exposed ? 'crit' : 'neutral',
        children: t(isBefore(data) ? 'tls.before' : data.encrypted ? 'tls.on' : 'tls.off'),
      })}
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('tls.what'),
      retry: loaded.reload,
      children: () => data && h(State, { of: data }),
    })}
  </section>`;
}

/**
 * Whether a proxy encrypts, and the server itself does not.
 * @param {Tls} of
 */
function isBefore(of) {
  return !of.encrypted && of.this_connection;
}

/** @param {{ of: Tls }} props */
function State({ of }) {
  const { certificate, root } = of;
  if (!certificate) {
    return html`<div class="card-body">
      ${!isBefore(of) && of.exposed
        ? html`<div class="alert warn" role="alert"><div>${t('tls.off_network')}</div></div>`
        : html`<p>${t(isBefore(of) ? 'tls.before_here' : 'tls.off_here')}</p>`}
    </div>`;
  }
  return html`<div class="card-body stack">
    ${of.warnings.map(
      (warning) =>
        html`<div key=${warning} class="alert warn"><div lang="en">${warning}</div></div>`,
    )}
    <dl class="facts">
      ${h(Fact, { name: 'tls.origin', children: t(`tls.origin_${of.origin}`) })}
      ${h(Fact, { name: 'tls.ends', children: h(Instant, { at: certificate.ends_at }) })}
      ${h(Fact, {
        name: 'tls.names',
        wide: true,
        children: html`<bdi dir="ltr">${certificate.names.join(', ')}</bdi>`,
      })}
      ${h(Fingerprint, { name: 'tls.fingerprint', of: certificate })}
      ${root &&
      h(Fact, {
        name: 'tls.root',
        wide: true,
        children: html`<bdi dir="ltr">${root.subject}</bdi>`,
      })}
      ${root && h(Fact, { name: 'tls.root_ends', children: h(Instant, { at: root.ends_at }) })}
      ${root && h(Fingerprint, { name: 'tls.root_fingerprint', of: root })}
    </dl>
    ${root &&
    html`<div class="buttons">
      <a class="button" href="/ca.crt" download>${t('tls.download')}</a>
      <a class="button" href="/trust">${t('tls.how')}</a>
    </div>`}
  </div>`;
}

/**
 * @param {{ name: string, wide?: boolean, children: import('../../lib/ui.js').Children }} props
 */
function Fact({ name, wide = false, children }) {
  return html`<div class=${wide ? 'group' : ''}>
    <dt>${t(name)}</dt>
    <dd>${children}</dd>
  </div>`;
}

/** @param {{ name: string, of: Certificate }} props */
function Fingerprint({ name, of }) {
  const text = of.fingerprint_sha256;
  return h(Fact, {
    name,
    wide: true,
    children: html`<bdi dir="ltr"><code>${text}</code></bdi> ${h(CopyButton, { text })}`,
  });
}
