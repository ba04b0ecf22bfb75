// Procedures, newest first.

import { h, html } from '../../lib/ui.js';
import { recordedParts } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { PlaceName } from '../../clinical/people.js';
import { DateText, TimeText } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Status, countRight } from '../../clinical/status.js';
import { openAdd } from './forms/open.js';
import { PROCEDURE } from './forms/event-specs.js';
import { AddButton, RowActions } from './row-actions.js';
import { Note, Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').Procedure} Procedure */
/** @typedef {{ recorded: string | null, at: string | null }} Moment */

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'procedures');
  const conditions = useRecord(patientId, 'conditions').data?.items ?? [];
  const what = t('procedures.title');
  return h(Card, {
    title: what,
    count: countRight(loaded.data?.items),
    actions: h(AddButton, {
      kind: 'procedures',
      label: t('procedure.add'),
      onClick: () => openAdd(PROCEDURE, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        const rows = newestFirst(loaded.data?.items ?? [], (row) => row.performed_at);
        if (rows.length === 0) return h(None, { text: t('procedures.none') });
        return longTable({
          rows,
          caption: what,
          heads: [
            t('procedure.what'),
            t('procedure.when'),
            t('field.status'),
            t('procedure.place'),
            t('procedure.outcome'),
            null,
          ],
          render: (row) => {
            const why = conditions.find((one) => one.id === row.reason_condition_id);
            const reason = row.reason_text ?? why?.code_text ?? null;
            return h(Line, { key: row.id, row, patientId, reason });
          },
        });
      },
    }),
  });
}

/** @param {{ row: Procedure, patientId: string, reason: string | null }} props */
function Line({ row, patientId, reason }) {
  return h(Row, {
    row,
    cells: [
      html`<b dir="auto">${row.code_text}</b>${
        row.body_site_text && html` <bdi dir="auto">(${row.body_site_text})</bdi>`
      }${
        reason &&
        html`<span class="row-note"
          >${t('medication.for')} <bdi dir="auto">${reason}</bdi></span
        >`
      }${h(Note, { text: row.note })}`,
      h(Span, {
        from: { recorded: row.performed_recorded, at: row.performed_at },
        to: { recorded: row.performed_end_recorded, at: row.performed_end_at },
      }),
      h(Status, { status: row.status }),
      h(PlaceName, { locationId: row.location_id, location: row.location }),
      row.outcome_text ? html`<bdi dir="auto">${row.outcome_text}</bdi>` : '–',
    ],
    actions: h(RowActions, {
      kind: 'procedures',
      patientId,
      row,
      what: row.code_text ?? '',
      spec: PROCEDURE,
    }),
  });
}

/**
 * From and to; on one day only the time of the end is told.
 * @param {{ from: Moment, to: Moment }} props
 */
export function Span({ from, to }) {
  const start = recordedParts(from.recorded, from.at);
  const end = recordedParts(to.recorded, to.at);
  const sameDay = start && end && JSON.stringify(start.date) === JSON.stringify(end.date);
  if (!end || (sameDay && !end.time)) return h(DateText, from);
  const last = sameDay && to.at ? h(TimeText, { at: to.at }) : h(DateText, to);
  return html`${h(DateText, from)}${' – '}${last}`;
}
