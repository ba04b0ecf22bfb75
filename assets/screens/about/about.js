// What runs here: version, what the program took of this machine, and whose work is in it.

import { h, html, licenceUrl } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { has, number, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can, hospital, session } from '../../lib/session.js';
import { sizeText } from '../../ui/import-status.js';
import { Shown } from '../../ui/state.js';

export const meta = { title: 'about.title', area: 'about' };

/** Libraries in this page, with the texts of their licences, which the program carries. */
const LIBRARIES = [
  ['Preact', 'MIT', 'preact'],
  ['Preact Signals', 'MIT', 'preact-signals'],
  ['HTM', 'Apache-2.0', 'htm'],
  ['uPlot', 'MIT', 'uplot'],
];

export function Screen() {
  return html`<div class="screen narrow-text">
    <div class="screen-head"><h1>${t('about.title')}</h1></div>
    <section class="card">
      <div class="card-body">
        <dl class="facts">
          <div>
            <dt>${t('about.hospital')}</dt>
            <dd><bdi>${hospital.value}</bdi></dd>
          </div>
          <div>
            <dt>${t('about.zone')}</dt>
            <dd>${session.value?.hospital.time_zone}</dd>
          </div>
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
            ([name, licence, text = '']) =>
              html`<li key=${name}>
                ${name} <a href=${licenceUrl(text)} target="_blank" rel="noopener">${licence}</a>
              </li>`,
          )}
        </ul>
      </div>
    </section>
  </div>`;
}

/**
 * @typedef {{ sums?: string[], requests_in_flight?: number,
 *   store?: Record<string, number> }} System
 */

function Machine() {
  const system = useResource('system', async (signal) => {
    return /** @type {System} */ ((await api.get('/system', {}, { signal })).data);
  });
  return html`<section class="card" aria-labelledby="machine-title">
    <div class="card-head"><h2 id="machine-title">${t('about.machine')}</h2></div>
    ${h(Shown, {
      of: system.value,
      what: t('about.machine_what'),
      retry: system.reload,
      children: () => h(MachineFacts, { of: system.value.data ?? {} }),
    })}
  </section>`;
}

/** How the sizes were found, then what goes on now. @param {{ of: System }} props */
function MachineFacts({ of }) {
  const now = { requests_in_flight: of.requests_in_flight, ...of.store };
  const known = Object.entries(now).filter(([name, count]) => {
    return typeof count === 'number' && has(`about.${name}`);
  });
  return html`<div class="card-body stack">
    <ul class="machine">
      ${(of.sums ?? []).map((line) => html`<li key=${line}>${line}</li>`)}
    </ul>
    <dl class="facts">
      ${known.map(
        ([name, count]) =>
          html`<div key=${name}>
            <dt>${t(`about.${name}`)}</dt>
            <dd class="nums">
              ${name.endsWith('_bytes') ? sizeText(Number(count)) : number(Number(count))}
            </dd>
          </div>`,
      )}
    </dl>
  </div>`;
}
