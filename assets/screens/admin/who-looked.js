// The story of one patient: who looked, on which day, and why. Asked from the record or from
// Today; reading it is on record itself.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { actText, countText, emergencyText, roleText } from '../../lib/audit-words.js';
import { civilText, parseCivil, timeText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { Superseded } from '../../lib/problem.js';
import { useResource } from '../../lib/resource.js';
import { navigate } from '../../lib/router.js';
import { can } from '../../lib/session.js';
import { DateText, Id, PatientName } from '../../clinical/primitives.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../lib/audit-words.js').AuditGroup} Group */
/**
 * @typedef {object} Story
 * @property {string} patient_id
 * @property {{ mrn: string, family: string, given: string, birth_date: string | null } | null}
 *   patient
 * @property {Group[]} groups
 * @property {string | null} next
 */

export const meta = { title: 'who.title', permission: 'audit.read', area: 'audit' };

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params }) {
  const id = params.id ?? '';
  const loaded = useResource(`story ${id}`, (signal) => storyOf(id, null, signal));
  const print = () => navigate(`/print/who-looked/${encodeURIComponent(id)}`);
  useKeys([{ keys: 'F9', label: t('who.print'), run: print }]);
  return html`<div class="screen who-looked">
    <div class="screen-head">
      <h1>${t('who.title')}</h1>
      <div class="actions">
        <button class="button" type="button" onClick=${print}>
          ${h(Icon, { name: 'print' })} ${t('who.print')} <kbd>F9</kbd>
        </button>
      </div>
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('who.what'),
      lines: 6,
      retry: loaded.reload,
      children: () => loaded.value.data && h(Pages, { key: id, first: loaded.value.data }),
    })}
  </div>`;
}

/** @param {string} id @param {string | null} cursor @param {AbortSignal} signal */
export async function storyOf(id, cursor, signal) {
  const { data, meta: answer } = await api.get('/patients/{id}/audit', { id, cursor }, { signal });
  return /** @type {Story} */ ({ ...data, next: answer.cursor?.next ?? null });
}

/** @param {{ first: Story }} props */
function Pages({ first }) {
  const [groups, setGroups] = useState(first.groups);
  const [next, setNext] = useState(first.next);
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const [stop] = useState(() => new AbortController());
  useEffect(() => () => stop.abort(), []);
  const more = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const page = await storyOf(first.patient_id, next, stop.signal);
      setGroups((old) => [...old, ...page.groups]);
      setNext(page.next);
    } catch (error) {
      if (error instanceof Superseded) return;
      setProblem(error);
    }
    setBusy(false);
  };
  return html`<section class="card" aria-labelledby="who-name">
    <div class="card-head">
      <h2 id="who-name">${h(Whose, { of: first })}</h2>
      ${can('patients.read') &&
      html`<a class="end" href=${`/p/${first.patient_id}`}>${t('who.record')}</a>`}
    </div>
    ${groups.length === 0
      ? h(Empty, { title: t('who.none'), icon: 'eye' })
      : h(Days, { groups })}
    ${next &&
    html`<p class="card-body">
      <button class="button" type="button" disabled=${busy} onClick=${more}>
        ${t('who.earlier')}
      </button>
    </p>`}
    ${problem && html`<p class="card-body crit-text" role="alert">${explain(problem)}</p>`}
    <p class="card-body small quiet">${t('who.not_counted')} ${t('who.on_record')}</p>
  </section>`;
}

/** @param {{ of: Story }} props */
export function Whose({ of }) {
  const { patient } = of;
  if (!patient) return html`<bdi dir="ltr">${of.patient_id}</bdi>`;
  return html`${h(PatientName, { family: patient.family, given: patient.given })}${' · '}
    <span class="who-born"
      >${t('banner.born')} ${h(DateText, { recorded: patient.birth_date })}</span
    >${' · '}${h(Id, { value: patient.mrn })}`;
}

/**
 * A table with the days as headings between its rows.
 * @param {{ groups: Group[], paper?: boolean }} props
 */
export function Days({ groups, paper }) {
  return html`<table class="table who-table">
    <thead>
      <tr>
        <th scope="col">${t('who.person')}</th>
        <th scope="col">${t('who.when')}</th>
        <th scope="col">${t('who.did')}</th>
        <th scope="col">${t('who.why')}</th>
        ${!paper && html`<th scope="col">${t('audit.address')}</th>`}
      </tr>
    </thead>
    ${byDay(groups).map(
      ([day, rows]) => html`<tbody key=${day}>
        <tr class="who-day">
          <th colspan=${paper ? 4 : 5} scope="rowgroup">${dayText(day)}</th>
        </tr>
        ${rows.map((row, i) => h(GroupRow, { key: i, row, paper }))}
      </tbody>`,
    )}
  </table>`;
}

/** @param {{ row: Group, paper?: boolean }} props */
function GroupRow({ row, paper }) {
  const [first, last] = [timeText(Date.parse(row.first_at)), timeText(Date.parse(row.last_at))];
  const reasons = [...row.emergencies.map(emergencyText), ...row.reasons];
  return html`<tr>
    <th scope="row">
      <bdi>${row.actor_name}</bdi>
      <span class="small quiet who-role"
        >${row.roles.map(roleText).join(`${t('list.comma')} `)}</span
      >
    </th>
    <td class="nowrap">
      <bdi dir="ltr" class="nums">${first === last ? first : `${first}–${last}`}</bdi>
    </td>
    <td>
      ${row.refused > 0 && !row.views && !row.changes && !row.others
        ? h(Tag, { tone: 'warn', icon: 'blocked', children: countText(row) })
        : html`<b>${countText(row)}</b>`}
      <span class="small quiet who-acts"
        >${row.acts.map((one) => actText(one.act)).join(`${t('list.semicolon')} `)}</span
      >
    </td>
    <td>
      ${reasons.map((reason) => html`<p key=${reason} dir="auto">${reason}</p>`)}
      ${reasons.length === 0 && html`<span class="quiet">${t('who.no_reason')}</span>`}
    </td>
    ${!paper &&
    html`<td>
      ${row.addresses.map((one) => html`<bdi key=${one} dir="ltr" class="nums">${one} </bdi>`)}
    </td>`}
  </tr>`;
}

/** @param {Group[]} groups @returns {[string, Group[]][]} */
function byDay(groups) {
  /** @type {Map<string, Group[]>} */
  const days = new Map();
  for (const group of groups) days.set(group.day, [...(days.get(group.day) ?? []), group]);
  return [...days];
}

/** @param {string} day */
function dayText(day) {
  const civil = parseCivil(day);
  return civil ? civilText(civil, { weekday: true }) : day;
}
