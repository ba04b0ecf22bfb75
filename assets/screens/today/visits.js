// Visits on Today: those that began today, or those that are still open.

import { Fragment, h, html } from '../../lib/ui.js';
import { NameCell, BornCell, SexCell, NumberCell, SimilarMark } from '../../clinical/identity.js';
import { PlaceName } from '../../clinical/people.js';
import { DateText, TimeText } from '../../clinical/primitives.js';
import { Status } from '../../clinical/status.js';
import { api } from '../../lib/api.js';
import { isoCivil, recordedParts, today } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { similarNames } from '../../lib/patient-search.js';
import { useResource } from '../../lib/resource.js';
import { bringing, session } from '../../lib/session.js';
import { useSteady } from '../../lib/steady.js';
import { serverNow } from '../../lib/time.js';
import { Changes } from '../../ui/changes.js';
import { Empty, Shown } from '../../ui/state.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {import('../../types/record.js').Encounter & { patient: Patient | null }} Visit */
/** @typedef {{ rows: Visit[], more: boolean }} Page */

const PAGE = 100;
const PAGES = 3;
/** The longest day there is, where clocks are put back by an hour; rows are checked anyway. */
const DAY_MS = 25 * 3_600_000;
const OPEN = ['arrived', 'triaged', 'in_progress', 'on_leave'];
const INCLUDE = {
  patient: 'patients.read',
  location: 'providers.read',
  organization: 'providers.read',
  department: 'facilities.read',
};
/** What a row shows: nothing of why somebody comes. */
const FIELDS =
  'patient_id,status,class,started_at,started_recorded,organization_id,location_id,department_id';
const TOPICS = ['encounters'];

/** Whoever has more departments gets the visits of all, without those that are out of reach. */
const DEPARTMENTS_MAX = 4;

/** The departments to ask for; `null` asks for all. @returns {Array<string | null>} */
function departments() {
  const own = session.value?.departments ?? [];
  return own.length === 0 || DEPARTMENTS_MAX < own.length ? [null] : own;
}

/** @param {Page[]} pages @returns {Page} */
function together(pages) {
  const rows = pages.flatMap((page) => page.rows);
  rows.sort((a, b) => (b.started_at ?? '').localeCompare(a.started_at ?? ''));
  return { rows, more: pages.some((page) => page.more) };
}

/** Began today by the hospital's calendar. @param {Visit} visit */
function isToday({ started_recorded, started_at }) {
  const parts = recordedParts(started_recorded, started_at);
  return parts !== null && isoCivil(parts.date) === isoCivil(today());
}

/** @param {AbortSignal} signal @returns {Promise<Page>} */
async function ofToday(signal) {
  return together(await Promise.all(departments().map((one) => ofTodayIn(one, signal))));
}

/** @param {string | null} department @param {AbortSignal} signal @returns {Promise<Page>} */
async function ofTodayIn(department, signal) {
  /** @type {Visit[]} */
  const rows = [];
  /** @type {string | null} */
  let cursor = null;
  for (let page = 0; page < PAGES; page += 1) {
    const params = {
      sort: '-started_at',
      limit: PAGE,
      fields: FIELDS,
      include: bringing(INCLUDE),
      department_id: department,
      cursor,
    };
    /** @type {import('../../lib/api.js').Answer} */
    const answer = await api.get('/encounters', params, { signal });
    rows.push(...answer.data.filter((/** @type {Visit} */ one) => isToday(one)));
    cursor = answer.meta.cursor?.next ?? null;
    const last = answer.data.at(-1)?.started_at;
    // Those planned for later come first, those of earlier days end it. A page of visits that are
    // all out of reach is empty, and the next one may not be.
    const ended = last !== undefined && Date.parse(last) < serverNow() - DAY_MS;
    if (!cursor || ended) return { rows, more: false };
  }
  return { rows, more: true };
}

/** @param {AbortSignal} signal @returns {Promise<Page>} */
async function stillOpen(signal) {
  const include = bringing(INCLUDE);
  const asked = departments().flatMap((department_id) =>
    OPEN.map(async (status) => {
      const params = { status, limit: PAGE, fields: FIELDS, include, department_id };
      const { data, meta } = await api.get('/encounters', params, { signal });
      return { rows: /** @type {Visit[]} */ (data), more: Boolean(meta.cursor?.next) };
    }),
  );
  return together(await Promise.all(asked));
}

/** @param {{ which: 'today' | 'open' }} props */
export function Visits({ which }) {
  const visits = useResource(`visits-${which}`, which === 'today' ? ofToday : stillOpen, {
    topics: TOPICS,
  });
  const { data } = visits.value;
  const { rows, waiting, show, box } = useSteady({ ...visits.value, data: data?.rows ?? null });
  const what = t(`today.visits_${which}_what`);
  const id = `visits-${which}`;
  return html`<section class="card" aria-labelledby=${id} ...${box}>
    <div class="card-head">
      <h2 id=${id}>
        ${t(`today.visits_${which}`)}${data && html` <span class="quiet">${rows.length}</span>`}
      </h2>
      <span class="end">${h(Changes, { count: waiting, show })}</span>
    </div>
    ${h(Shown, {
      of: visits.value,
      what,
      lines: 5,
      retry: visits.reload,
      children: () =>
        rows.length === 0
          ? h(Empty, { title: t(`today.visits_${which}_none`), icon: 'clock' })
          : h(Table, { rows, which, more: data?.more ?? false, label: what }),
    })}
  </section>`;
}

/** @param {{ rows: Visit[], which: 'today' | 'open', more: boolean, label: string }} props */
function Table({ rows, which, more, label }) {
  const people = rows.flatMap((row) => (row.patient ? [row.patient] : []));
  const unique = [...new Map(people.map((one) => [one.id, one])).values()];
  const alike = similarNames(unique);
  const partial =
    more && html`<p class="partial">${t('today.visits_more', { count: rows.length })}</p>`;
  return html`<${Fragment}>
    ${partial}
    <div class="table-box">
      <table class="table visits" aria-label=${label}>
        <thead>
          <tr>
            <th scope="col">${t(which === 'today' ? 'today.col_time' : 'today.col_since')}</th>
            <th scope="col">${t('find.col_name')}</th>
            <th scope="col">${t('find.col_born')}</th>
            <th scope="col">${t('find.col_sex')}</th>
            <th scope="col">${t('find.col_number')}</th>
            <th scope="col">${t('today.col_kind')}</th>
            <th scope="col">${t('today.col_place')}</th>
            <th scope="col">${t('users.col_state')}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => h(Line, { key: row.id, row, which, alike }))}
        </tbody>
      </table>
    </div>
    ${partial}
  <//>`;
}

/** @param {{ row: Visit, which: 'today' | 'open', alike: Set<string> }} props */
function Line({ row, which, alike }) {
  const { patient: of } = row;
  // Of a visit that was recorded without its hour only the day is told.
  const hasTime = recordedParts(row.started_recorded, row.started_at)?.time;
  return html`<tr>
    <td class="nums">
      ${which === 'today' && row.started_at && hasTime
        ? h(TimeText, { at: row.started_at })
        : h(DateText, { recorded: row.started_recorded, at: row.started_at })}
    </td>
    <th scope="row">
      ${of
        ? html`<a href=${`/p/${of.id}`}>${h(NameCell, { of })}</a>${' '}
            ${alike.has(of.id) && h(SimilarMark, {})}`
        : html`<a href=${`/p/${row.patient_id}`}>${t('today.open_record')}</a>`}
    </th>
    <td>${of && h(BornCell, { of })}</td>
    <td>${of && h(SexCell, { of })}</td>
    <td>${of && h(NumberCell, { of })}</td>
    <td>${t(`class.${row.class}`)}</td>
    <td>
      ${h(PlaceName, {
        organizationId: row.organization_id,
        organization: row.organization,
        locationId: row.location_id,
        location: row.location,
        department: row.department,
      })}
    </td>
    <td>${h(Status, { status: row.status })}</td>
  </tr>`;
}
