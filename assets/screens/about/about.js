// What runs here: version, what the program took of this machine, and whose work is in it.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { number, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can, hospital, session } from '../../lib/session.js';
import { Shown } from '../../ui/state.js';

export const meta = { title: 'about.title', area: 'about' };

/** Libraries in this page, as the vendored files name them. */
const LIBRARIES = [
  ['Preact', 'MIT'],
  ['Preact Signals', 'MIT'],
  ['HTM', 'Apache-2.0'],
  ['uPlot', 'MIT'],
];

export function Screen() {
  return html`<div class="screen narrow-text">
    <div class="screen-head"><h1>${t('about.title')}</h1></div>
    <section class="card">
      <div class="card-body">
        <dl class="facts">
          <div><dt>${t('about.hospital')}</dt><dd><bdi>${hospital.value}</bdi></dd></div>
          <div><dt>${t('about.zone')}</dt><dd>${session.value?.hospital.time_zone}</dd></div>
          <div>
            <dt>${t('about.version')}</dt>
            <dd class="nums">${session.value?.version}</dd>
          </div>
        </dl>
      </div>
    </section>
    ${can('system.read') && h(Machine, {})}
    <section class="card" aria-labelledby="work-title">
      <div class="card-head"><h2 id="work-title">${t('about.work')}</h2></div>
      <div class="card-body">
        <p>${t('about.licence')}</p>
        <ul class="parts">
          ${LIBRARIES.map(
            ([name, licence]) => html`<li key=${name}>${name} <span class="quiet">${licence}</span></li>`,
          )}
        </ul>
      </div>
    </section>
  </div>`;
}

function Machine() {
  const system = useResource('system', async (signal) => {
    return /** @type {unknown} */ ((await api.get('/system', {}, { signal })).data);
  });
  return html`<section class="card" aria-labelledby="machine-title">
    <div class="card-head"><h2 id="machine-title">${t('about.machine')}</h2></div>
    ${h(Shown, {
      of: system.value,
      what: t('about.machine_what'),
      retry: system.reload,
      children: () => html`<div class="card-body">${h(Facts, { of: system.value.data })}</div>`,
    })}
  </section>`;
}

/** Whatever the server tells about itself, group by group. @param {{ of: unknown }} props */
function Facts({ of }) {
  if (Array.isArray(of)) {
    return html`<ul class="machine">
      ${of.map((one, i) => html`<li key=${i}>${isGroup(one) ? h(Facts, { of: one }) : shown(one)}</li>`)}
    </ul>`;
  }
  const entries = Object.entries(/** @type {Record<string, unknown>} */ (of ?? {}));
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) => html`<div key=${name} class=${isGroup(value) ? 'group' : ''}>
        <dt>${words(name)}</dt>
        <dd class="nums">${isGroup(value) ? h(Facts, { of: value }) : shown(value)}</dd>
      </div>`,
    )}
  </dl>`;
}

/** @param {unknown} value */
function isGroup(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {unknown} value */
function shown(value) {
  if (value === null || value === undefined) return t('about.not_set');
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return t(value ? 'conflict.yes' : 'conflict.no');
  return String(value);
}

/** @param {string} name */
function words(name) {
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
