// The patient summary on paper: who it is stands on every sheet, and what is left out is said.
// Everything comes in one answer, read at one moment; asking for it is audited as a print.

import { Fragment, classes, h, html, useEffect, useRef } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { back } from '../../lib/router.js';
import { can, hospital, session } from '../../lib/session.js';
import { serverNow } from '../../lib/time.js';
import { allergyState } from '../../clinical/allergy-state.js';
import { Agent } from '../../clinical/banner.js';
import { latestRows } from '../../clinical/latest.js';
import { Age, DateText, Id, MedLine, PatientName } from '../../clinical/primitives.js';
import { Status, groupOf, isError } from '../../clinical/status.js';
import { Icon } from '../../ui/icon.js';
import { NotAllowed, Shown } from '../../ui/state.js';
import { isCurrent, newestMedicines } from './medicines.js';
import { sortedProblems } from './problems.js';
import { SeriesValue } from './series-value.js';
import { newestFirst } from './shared.js';
import { tabPath } from './tabs.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {import('../../types/record.js').Condition} Condition */
/** @typedef {import('../../types/record.js').Encounter} Encounter */
/** @typedef {import('../../types/record.js').MedicationRequest} MedicationRequest */
/** @typedef {import('../../lib/ui.js').Children} Children */
/**
 * @template T
 * @typedef {{ data: T[], meta: import('../../types/ui.js').Meta }} Page
 */
/**
 * @typedef {object} Summary
 * @property {Patient} patient
 * @property {Page<import('../../types/record.js').Allergy>} allergies
 * @property {Page<Condition>} conditions
 * @property {Page<MedicationRequest>} medication-requests
 * @property {Page<import('../../types/record.js').Immunization>} immunizations
 * @property {Page<Encounter>} encounters
 * @property {import('../../types/record.js').Series[]} series
 */

/** @type {import('../../types/ui.js').ScreenMeta} */
export const meta = { title: 'print.summary', permission: 'records.read', bare: true };

/** Visits on paper; a chronic patient has hundreds. */
const VISITS_MAX = 25;

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params }) {
  const id = params.id ?? '';
  const leave = () => back(tabPath(id, ''));
  const print = () => window.print();
  useKeys([
    { keys: 'F9', label: t('print.do'), run: print },
    { keys: 'Escape', label: t('print.back'), run: leave },
  ]);
  return html`<div class="paper-desk">
    <header class="paper-bar">
      <h1 tabindex="-1">${t('print.summary')}</h1>
      <button class="button primary" type="button" onClick=${print}>
        ${h(Icon, { name: 'print' })} ${t('print.do')} <kbd>F9</kbd>
      </button>
      <button class="button" type="button" onClick=${leave}>
        ${t('print.back')} <kbd>Esc</kbd>
      </button>
      <span class="quiet small">${t('print.audited')}</span>
    </header>
    <main id="main">
      ${can(meta.permission) ? h(Loader, { id }) : h(NotAllowed, { what: t('print.summary') })}
    </main>
  </div>`;
}

/** @param {{ id: string }} props */
function Loader({ id }) {
  const loaded = useResource(`print ${id}`, async (signal) => {
    const path = '/patients/{id}/print/patient-summary';
    return /** @type {Summary} */ ((await api.get(path, { id }, { signal })).data);
  });
  return h(Shown, {
    of: loaded.value,
    what: t('print.summary'),
    retry: loaded.reload,
    children: () => loaded.value.data && h(Paper, { of: loaded.value.data }),
  });
}

/**
 * A table because its head is repeated by every browser on every sheet.
 * @param {{ of: Summary }} props
 */
function Paper({ of }) {
  const printed = useRef(instantText(serverNow()));
  useEffect(() => {
    // After the sheet has been laid out.
    const timer = setTimeout(() => window.print(), 100);
    return () => clearTimeout(timer);
  }, []);
  const parts = [Allergies, Problems, Medicines, Immunizations, Latest, Visits];
  return html`<article class="paper">
    <table class="sheets">
      <thead>
        <tr>
          <td>${h(SheetHead, { of: of.patient, printed: printed.current })}</td>
        </tr>
      </thead>
      <tbody>
        ${parts.map((part, i) => html`<tr key=${i}><td>${h(part, { of })}</td></tr>`)}
        <tr>
          <td><p class="paper-end">${t('print.left_out')} ${t('print.end')}</p></td>
        </tr>
      </tbody>
    </table>
  </article>`;
}

/** Who it is: on every sheet. @param {{ of: Patient, printed: string }} props */
function SheetHead({ of, printed }) {
  const { birth_date: born, birth_date_estimated: about, deceased } = of;
  const died = of.deceased_recorded ?? of.deceased_at;
  return html`<div class="sheet-head">
    <p class="sheet-line">
      <bdi>${hospital.value}</bdi><b>${t('print.summary')}</b>
      <span>${t('print.printed', {
        when: printed,
        name: session.value?.user.display_name ?? '',
      })}</span>
    </p>
    <p class="sheet-who">${h(PatientName, of)}</p>
    <dl class="sheet-facts">
      ${fact(t('banner.born'), html`${h(DateText, { recorded: born, about })}${
        born && !deceased && html` (${h(Age, { born, estimated: about })})`
      }`)}
      ${deceased && fact(t('banner.died'), h(DateText, { recorded: died, dateOnly: true }))}
      ${fact(t('banner.sex'), t(`sex.${of.sex}`))}
      ${fact(t('banner.record_no'), h(Id, { value: of.mrn }))}
    </dl>
  </div>`;
}

/** @param {string} label @param {Children} value */
function fact(label, value) {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** @param {{ title: string, more?: string | null, class?: string, children: Children }} props */
function Section({ title, more, class: name, children }) {
  return html`<section class=${classes('paper-part', name)}>
    <h2>${title}</h2>
    ${more && html`<p class="paper-more">${more}</p>`} ${children}
    ${more && html`<p class="paper-more">${more}</p>`}
  </section>`;
}

/** Said above and below a list that is not whole. @param {Page<any>} page */
function partial(page) {
  if (!page.meta.cursor?.next) return null;
  return t('record.partial', { count: page.data.length });
}

/** @param {{ of: Summary }} props */
function Allergies({ of }) {
  const page = of.allergies;
  const items = { items: page.data, complete: !page.meta.cursor?.next };
  const loaded = { state: /** @type {const} */ ('ready'), data: items, problem: null, busy: false };
  const found = allergyState(loaded, of.patient);
  const said = {
    known: () => html`<ul>
      ${
        found.state === 'known' &&
        found.allergies.map((one) => html`<li key=${one.id}>${h(Agent, { allergy: one })}</li>`)
      }
    </ul>`,
    none_known: () => html`<p>
      <b>${t('allergies.none_known')}</b>
      ${found.state === 'none_known' &&
      html` – ${t('allergies.reviewed')} ${h(DateText, { at: found.at })}`}
    </p>`,
    not_recorded: () => html`<p>
      <b>${t('allergies.not_recorded')}</b> – ${t('allergies.not_recorded_long')}
    </p>`,
  }[/** @type {'known' | 'none_known' | 'not_recorded'} */ (found.state)];
  return h(Section, {
    title: t('allergies.title'),
    class: 'paper-allergies',
    more: partial(page),
    children: said ? said() : html`<p><b>${t('allergies.unavailable')}</b></p>`,
  });
}

/** @param {{ of: Summary }} props */
function Problems({ of }) {
  const rows = sortedProblems(of.conditions.data).filter((row) => !isError(row));
  const now = rows.filter((row) => groupOf(row.status) !== 'past');
  const past = rows.filter((row) => groupOf(row.status) === 'past');
  return h(Section, {
    title: t('problems.title'),
    more: partial(of.conditions),
    children: html`<${Fragment}>
      ${rows.length === 0 && html`<p>${t('problems.none')}</p>`}
      ${now.length === 0 && past.length > 0 && html`<p>${t('problems.none_active')}</p>`}
      <ul>
        ${now.map(problem)}
      </ul>
      ${
        past.length > 0 &&
        html`<h3>${t('print.past_problems')}</h3>
          <ul>
            ${past.map(problem)}
          </ul>`
      }
    <//>`,
  });
}

/** @param {Condition} row */
function problem(row) {
  const doubt = row.verification !== 'confirmed' && row.verification !== 'unknown';
  const on = { recorded: row.onset_recorded, at: row.onset_at, dateOnly: true };
  const until = { recorded: row.abated_recorded, at: row.abated_at, dateOnly: true };
  return html`<li key=${row.id}>
    <b dir="auto">${row.code_text}</b>
    ${doubt && ` – ${t(`verification.${row.verification}`)}`}
    ${row.status !== 'active' && html` – ${h(Status, { status: row.status })}`}
    ${(on.recorded || on.at) && html` – ${t('condition.since_short')} ${h(DateText, on)}`}
    ${(until.recorded || until.at) && html` ${t('condition.until_short')} ${h(DateText, until)}`}
  </li>`;
}

/** @param {{ of: Summary }} props */
function Medicines({ of }) {
  const page = of['medication-requests'];
  const rows = newestMedicines(page.data).filter(isCurrent);
  return h(Section, {
    title: t('medicines.current'),
    more: partial(page),
    children:
      rows.length === 0
        ? html`<p>${t('medicines.none_current')}</p>`
        : html`<ul>
            ${rows.map(
              (row) => html`<li key=${row.id}>
                ${h(MedLine, { med: row })}
                ${row.status !== 'active' && html` – ${h(Status, { status: row.status })}`}${' – '}
                ${h(DateText, {
                  recorded: row.authored_recorded,
                  at: row.authored_at,
                  dateOnly: true,
                })}
              </li>`,
            )}
          </ul>`,
  });
}

/** @param {{ of: Summary }} props */
function Immunizations({ of }) {
  const page = of.immunizations;
  const rows = newestFirst(page.data, (row) => row.given_at).filter((row) => !isError(row));
  return h(Section, {
    title: t('immunizations.title'),
    more: partial(page),
    children:
      rows.length === 0
        ? html`<p>${t('immunizations.none')}</p>`
        : html`<ul>
            ${rows.map(
              (row) => html`<li key=${row.id}>
                ${h(DateText, { recorded: row.given_recorded, at: row.given_at, dateOnly: true })}
                ${' – '}<b dir="auto">${row.code_text}</b>
                ${row.status === 'not_done' &&
                html` – <b>${t('immunization_status.not_done')}</b>`}
                ${row.reason_text && html` – <bdi dir="auto">${row.reason_text}</bdi>`}
              </li>`,
            )}
          </ul>`,
  });
}

/** @param {{ of: Summary }} props */
function Latest({ of }) {
  const { rows, left } = latestRows(of.series);
  return h(Section, {
    title: t('latest.title'),
    children:
      rows.length === 0
        ? html`<p>${t('latest.none')}</p>`
        : html`${
            left > 0 &&
            html`<p class="paper-more">${t('print.more_kinds', { count: left })}</p>`
          }
          <ul class="paper-values">
            ${rows.map(
              (row) => html`<li key=${row.key}>
                <bdi dir="auto">${row.title ? t(row.title) : row.series[0]?.title}</bdi>
                ${h(SeriesValue, { series: row.series })}
              </li>`,
            )}
          </ul>`,
  });
}

/** @param {{ of: Summary }} props */
function Visits({ of }) {
  const all = newestFirst(of.encounters.data, (row) => row.started_at).filter(
    (row) => !isError(row),
  );
  const rows = all.slice(0, VISITS_MAX);
  const whole = rows.length === all.length && !of.encounters.meta.cursor?.next;
  return h(Section, {
    title: t('visits.title'),
    more: whole ? null : t('print.latest_visits', { shown: rows.length, count: all.length }),
    children:
      rows.length === 0
        ? html`<p>${t('visits.none')}</p>`
        : html`<ul>
            ${rows.map(
              (row) => html`<li key=${row.id}>
                ${h(DateText, {
                  recorded: row.started_recorded,
                  at: row.started_at,
                  dateOnly: true,
                })}${' – '}${t(`class.${row.class}`)}${
                  row.code_text && html` – <bdi dir="auto">${row.code_text}</bdi>`
                }${row.reason_text && html` – <bdi dir="auto">${row.reason_text}</bdi>`}
                ${row.status !== 'finished' && html` – ${h(Status, { status: row.status })}`}
              </li>`,
            )}
          </ul>`,
  });
}
