// Medicines: what is current first, then the past, each as one line that is never cut.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { PractitionerName } from '../../clinical/people.js';
import { DateText, MedLine } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Status, groupOf, isError } from '../../clinical/status.js';
import { openAdd } from './forms/open.js';
import { MEDICATION } from './forms/specs.js';
import { AddButton, RowActions } from './row-actions.js';
import { Note, Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').MedicationRequest} MedicationRequest */

/** In use, or held for a while. @param {MedicationRequest} row */
export function isCurrent(row) {
  return groupOf(row.status) === 'now' || ['on_hold', 'draft', 'unknown'].includes(row.status);
}

/** @param {MedicationRequest[]} rows */
export function newestMedicines(rows) {
  return newestFirst(rows, (row) => row.authored_at);
}

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'medication-requests');
  const rows = newestMedicines(loaded.data?.items ?? []);
  const current = rows.filter(isCurrent);
  const past = rows.filter((row) => !isCurrent(row) && !isError(row));
  const wrong = rows.filter(isError);
  const what = t('medicines.title');
  const add = h(AddButton, {
    kind: 'medication-requests',
    label: t('medication.add'),
    onClick: () => openAdd(MEDICATION, patientId),
  });
  return html`<div class="stack">
    ${h(Card, {
      title: t('medicines.current'),
      count: loaded.data ? current.length : null,
      actions: add,
      children: h(Loaded, {
        of: loaded,
        what,
        children: () => h(Lines, { rows: current, patientId, none: t('medicines.none_current') }),
      }),
    })}
    ${
      past.length + wrong.length > 0 &&
      h(Card, {
        title: t('medicines.past'),
        count: past.length,
        children: h(Lines, { rows: [...past, ...wrong], patientId, none: '' }),
      })
    }
  </div>`;
}

/** @param {{ rows: MedicationRequest[], patientId: string, none: string }} props */
function Lines({ rows, patientId, none }) {
  const conditions = useRecord(patientId, 'conditions').data?.items ?? [];
  const reasonOf = (/** @type {MedicationRequest} */ row) =>
    row.reason_text ?? conditions.find((one) => one.id === row.reason_condition_id)?.code_text;
  if (rows.length === 0) return h(None, { text: none });
  return longTable({
    rows,
    caption: t('medicines.title'),
    heads: [t('medication.what'), t('field.status'), t('medication.on'), t('medication.by'), null],
    render: (row) =>
      h(Row, {
        key: row.id,
        row,
        cells: [
          html`${h(MedLine, { med: row })}${
            reasonOf(row) &&
            html`<span class="row-note"
              >${t('medication.for')} <bdi dir="auto">${reasonOf(row)}</bdi></span
            >`
          }${h(Note, { text: row.note })}`,
          html`${h(Status, { status: row.status })}${
            row.intent !== 'order' && html` <span class="quiet">${t(`intent.${row.intent}`)}</span>`
          }`,
          h(DateText, { recorded: row.authored_recorded, at: row.authored_at, dateOnly: true }),
          row.requester_id
            ? h(PractitionerName, { id: row.requester_id, name: null, of: row.requester })
            : '–',
        ],
        actions: h(RowActions, {
          kind: 'medication-requests',
          patientId,
          row,
          what: row.code_text ?? '',
          spec: MEDICATION,
        }),
      }),
  });
}
