// Short lists of patients on Today.

import { h, html } from '../../lib/ui.js';
import { PatientLine } from '../../clinical/identity.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { similarNames } from '../../lib/patient-search.js';
import { opened, registered } from '../../lib/recent.js';
import { useResource } from '../../lib/resource.js';
import { useSteady } from '../../lib/steady.js';
import { Changes } from '../../ui/changes.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown } from '../../ui/state.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */

const LATEST = 8;

/** Whom this person opened or registered since the page was loaded. */
export function OfSession(/** @type {{ which: 'opened' | 'registered' }} */ { which }) {
  const rows = which === 'opened' ? opened.value : registered.value;
  return html`<section class="card" aria-labelledby=${which}>
    <div class="card-head"><h2 id=${which}>${t(`today.${which}`)}</h2></div>
    ${rows.length === 0
      ? h(Empty, { title: t(`today.${which}_none`), icon: 'patients' })
      : h(People, { rows })}
  </section>`;
}

export function Latest() {
  const latest = useResource(
    'latest',
    async (signal) => {
      const params = { sort: '-id', limit: LATEST };
      return /** @type {Patient[]} */ ((await api.get('/patients', params, { signal })).data);
    },
    { topics: ['patients'] },
  );
  const { rows, waiting, show, box } = useSteady(latest.value);
  return html`<section class="card" aria-labelledby="latest-title" ...${box}>
    <div class="card-head">
      <h2 id="latest-title">${t('today.latest')}</h2>
      <span class="end">${h(Changes, { count: waiting, show })}</span>
    </div>
    ${h(Shown, {
      of: latest.value,
      what: t('today.latest_what'),
      lines: 5,
      retry: latest.reload,
      children: () =>
        rows.length === 0
          ? h(Empty, { title: t('today.latest_none'), icon: 'patients' })
          : h(People, { rows, when: true }),
    })}
  </section>`;
}

/** @param {{ rows: Patient[], when?: boolean }} props */
function People({ rows, when }) {
  const alike = similarNames(rows);
  return html`<ul class="person-list">
    ${rows.map(
      (of) => html`<li key=${of.id}>
        <a href=${`/p/${of.id}`}>
          ${h(PatientLine, { of, similar: alike.has(of.id) })}
          ${when &&
          html`<span class="line-when small quiet">
            ${h(Instant, { at: of.created_at })}
          </span>`}
        </a>
      </li>`,
    )}
  </ul>`;
}
