// Problems and allergies: what is active first, then the past; nothing is deleted.

import { html, h, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { allergyState } from '../../clinical/allergy-state.js';
import { UserName } from '../../clinical/people.js';
import { DateText, Written } from '../../clinical/primitives.js';
import { refresh, useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Status, countRight, groupOf } from '../../clinical/status.js';
import { explain } from '../../ui/state.js';
import { useSubmit } from '../../ui/form.js';
import { toast } from '../../ui/toast.js';
import { openAdd } from './forms/open.js';
import { ALLERGY, CONDITION } from './forms/specs.js';
import { AddButton, RowActions, mayWrite } from './row-actions.js';
import { Note, Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').Condition} Condition */
/** @typedef {import('../../types/record.js').Allergy} Allergy */

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  return html`<div class="stack">
    ${h(Problems, { patientId })} ${h(Allergies, { patientId })}
  </div>`;
}

/** Active ones first, then newest first. @param {Condition[]} rows */
export function sortedProblems(rows) {
  const rank = { now: 0, open: 1, past: 2, wrong: 3 };
  return newestFirst(rows, (row) => row.onset_at).sort(
    (a, b) => rank[groupOf(a.status)] - rank[groupOf(b.status)],
  );
}

/** @param {{ patientId: string }} props */
function Problems({ patientId }) {
  const loaded = useRecord(patientId, 'conditions');
  const what = t('problems.title');
  const add = h(AddButton, {
    kind: 'conditions',
    label: t('condition.add'),
    onClick: () => openAdd(CONDITION, patientId),
  });
  return h(Card, {
    title: what,
    count: countRight(loaded.data?.items),
    actions: add,
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        const rows = sortedProblems(loaded.data?.items ?? []);
        if (rows.length === 0) return h(None, { text: t('problems.none') });
        return longTable({
          rows,
          caption: what,
          heads: [
            t('condition.what'),
            t('field.status'),
            t('condition.since'),
            t('condition.until'),
            null,
          ],
          render: (row) => h(ProblemRow, { key: row.id, row, patientId }),
        });
      },
    }),
  });
}

/** @param {{ row: Condition, patientId: string }} props */
function ProblemRow({ row, patientId }) {
  const doubt = row.verification !== 'confirmed' && row.verification !== 'unknown';
  return h(Row, {
    row,
    cells: [
      html`<b dir="auto">${row.code_text}</b>${
        row.severity_text && html` <bdi dir="auto">(${row.severity_text})</bdi>`
      }${doubt && html` <span class="doubt">${t(`verification.${row.verification}`)}</span>`}
        ${h(Note, { text: row.note })}`,
      h(Status, { status: row.status }),
      h(DateText, { recorded: row.onset_recorded, at: row.onset_at, dateOnly: true }),
      row.abated_at || row.abated_recorded
        ? h(DateText, { recorded: row.abated_recorded, at: row.abated_at, dateOnly: true })
        : '–',
    ],
    actions: h(RowActions, {
      kind: 'conditions',
      patientId,
      row,
      what: row.code_text ?? '',
      spec: CONDITION,
    }),
  });
}

/** @param {{ patientId: string }} props */
function Allergies({ patientId }) {
  const loaded = useRecord(patientId, 'allergies');
  const what = t('allergies.title');
  const add = h(AddButton, {
    kind: 'allergies',
    label: t('allergy.add'),
    onClick: () => openAdd(ALLERGY, patientId),
  });
  return h(Card, {
    title: what,
    count: countRight(loaded.data?.items),
    actions: add,
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => h(AllergyTable, { patientId, loaded }),
    }),
  });
}

/**
 * @param {{ patientId: string,
 *   loaded: { data: import('../../types/record.js').Listed<Allergy> | null } }} props
 */
function AllergyTable({ patientId, loaded }) {
  const rows = newestFirst(loaded.data?.items ?? [], (row) => row.recorded_at);
  return html`${h(Reviewed, { patientId })}
  ${
    rows.length > 0 &&
    longTable({
      rows,
      caption: t('allergies.title'),
      heads: [
        t('allergy.agent'),
        t('allergy.reaction'),
        t('field.status'),
        t('allergy.recorded'),
        null,
      ],
      render: (row) =>
        h(Row, {
          key: row.id,
          row,
          cells: [
            html`<b dir="auto">${row.code_text}</b>${
              row.verification !== 'confirmed' &&
              html` <span class="doubt">${t(`verification.${row.verification}`)}</span>`
            }
            ${h(Note, { text: row.note })}`,
            reactionText(row),
            h(Status, { status: row.status }),
            h(DateText, { recorded: row.recorded_recorded, at: row.recorded_at, dateOnly: true }),
          ],
          actions: h(RowActions, {
            kind: 'allergies',
            patientId,
            row,
            what: row.code_text ?? '',
            spec: ALLERGY,
          }),
        }),
    })
  }`;
}

/** @param {Allergy} row */
function reactionText(row) {
  const facts = [
    row.severity && t(`severity.${row.severity}`),
    row.criticality && t(`criticality.${row.criticality}`),
  ].filter(Boolean);
  const more = facts.length > 0 && ` · ${facts.join(' · ')}`;
  return html`${h(Written, { text: row.reaction_text })}${more}`;
}

/**
 * What the list amounts to, and the act of saying that there are none.
 * @param {{ patientId: string }} props
 */
function Reviewed({ patientId }) {
  const patient = useRecord(patientId, 'patient').data;
  const loaded = useRecord(patientId, 'allergies');
  const [asked, setAsked] = useState(false);
  const { busy, problem, submit } = useSubmit(({ key }) =>
    api.post(
      `/patients/${encodeURIComponent(patientId)}/allergies-reviewed`,
      { none_known: true },
      { idempotencyKey: key, etag: patient ? `"${patient.version}"` : undefined },
    ),
  );
  if (!patient) return null;
  const found = allergyState(loaded, patient);
  if (found.state === 'none_known') {
    return html`<p class="none">
      <b>${t('allergies.none_known')}</b> ${t('allergies.reviewed')}${' '}
      ${h(DateText, { at: found.at })}${found.by && html` · ${h(UserName, { id: found.by })}`}
    </p>`;
  }
  if (found.state !== 'not_recorded') return null;
  const record = async () => {
    const done = await submit({ none_known: true, version: patient.version });
    // Also after a refusal: somebody else may have changed the patient, or found an allergy.
    refresh(patientId, 'patient', 'allergies');
    if (!done) return;
    toast(t('allergies.none_saved'));
  };
  return html`<div class="none">
    <p><b>${t('allergies.not_recorded')}</b> ${t('allergies.not_recorded_long')}</p>
    ${problem && html`<p class="crit-text" role="alert">${explain(problem)}</p>`}
    ${
      mayWrite('allergies') &&
      (asked
        ? html`<p class="buttons">
          <span>${t('allergies.none_ask')}</span>
          <button class="button" type="button" onClick=${() => setAsked(false)}>
            ${t('allergies.none_no')}
          </button>
          <button class="button primary" type="button" disabled=${busy} onClick=${record}>
            ${t('allergies.none_yes')}
          </button>
        </p>`
        : html`<p>
          <button class="button" type="button" onClick=${() => setAsked(true)}>
            ${t('allergies.none_do')}
          </button>
        </p>`)
    }
  </div>`;
}
