// Who looks after a patient, wherever they work, and whether the record is theirs alone.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { DateText } from '../../clinical/primitives.js';
import { refresh } from '../../clinical/record-store.js';
import { Card, None } from '../../clinical/section.js';
import { useAct } from '../../ui/act.js';
import { Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { ColleagueSearch, roleText } from './colleague-search.js';
import { Confidentiality } from './confidentiality.js';
import { WhoSees } from './who-sees.js';

/** @typedef {import('./colleague-search.js').Person} Person */
/**
 * @typedef {object} Member
 * @property {string} id
 * @property {Person} user
 * @property {string} since_at
 * @property {string | null} until_at
 * @property {string | null} added_by
 * @property {string | null} ended_at
 * @property {boolean} current
 */

/** @param {{ patientId: string }} props */
export function CareTeam({ patientId }) {
  const loaded = useResource(`care team ${patientId}`, async (signal) => {
    const { data, body } = await api.get(`/patients/${patientId}/care-team`, {}, { signal });
    return { members: /** @type {Member[]} */ (data), mark: body.meta.confidential ?? '' };
  });
  const { problem, run } = useAct(loaded.reload);
  const may = can('patients.write') || can('patients.confidential');
  return h(Card, {
    title: t('care_team.title'),
    class: 'care-team',
    children: h(Shown, {
      of: loaded.value,
      what: t('care_team.title'),
      retry: loaded.reload,
      children: () => {
        const { members = [], mark = '' } = loaded.value.data ?? {};
        return html`<div class="stack care-team-body">
          ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
          ${mark && h(Tag, { tone: 'crit', icon: 'lock', children: t(`confidential.${mark}`) })}
          ${members.length === 0 && h(None, { text: t('care_team.none') })}
          <ul class="care-team-list">
            ${members.map((one) => h(Line, { key: one.id, one, may, run }))}
          </ul>
          ${may &&
          h(ColleagueSearch, {
            id: 'colleague',
            label: t('care_team.add'),
            hint: t('care_team.add_hint'),
            onPick: (person) =>
              run(
                () => api.post(`/patients/${patientId}/care-team`, { user_id: person.id }),
                t('care_team.added', { name: person.display_name }),
              ),
          })}
          ${can('patients.confidential') &&
          h(Confidentiality, {
            mark,
            onMark: (body) =>
              run(
                () => api.post(`/patients/${patientId}/confidential`, body),
                t('confidential.saved'),
              ).then(() => refresh(patientId, 'patient')),
          })}
          ${may && can('audit.read') && h(WhoSees, { patientId })}
        </div>`;
      },
    }),
  });
}

/**
 * @param {{ one: Member, may: boolean,
 *   run: (act: () => Promise<unknown>, done: string) => Promise<void> }} props
 */
function Line({ one, may, run }) {
  const { display_name: name } = one.user;
  const end = () => run(() => api.del(`/care-team/${one.id}`), t('care_team.ended_done', { name }));
  return html`<li class=${one.current ? '' : 'quiet'}>
    <span class="grow"
      ><bdi><b>${name}</b></bdi> <span class="quiet">${roleText(one.user.role)}</span>
      <span class="small quiet"
        >${t('care_team.since')} ${h(DateText, { at: one.since_at })}${one.added_by &&
        html` · ${t('care_team.by')} <bdi>${one.added_by}</bdi>`}${one.until_at &&
        html` · ${t('care_team.until')} ${h(DateText, { at: one.until_at })}`}${one.ended_at &&
        html` · ${t('care_team.ended')} ${h(DateText, { at: one.ended_at })}`}</span
      ></span
    >
    ${may &&
    one.current &&
    html`<button
      class="link"
      type="button"
      aria-label=${t('care_team.end_of', { name })}
      onClick=${end}
    >
      ${t('care_team.end')}
    </button>`}
  </li>`;
}
