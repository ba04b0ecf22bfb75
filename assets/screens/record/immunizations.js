// Immunizations: what was given or not, newest first.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { DateText, Dose } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { countRight } from '../../clinical/status.js';
import { openAdd } from './forms/open.js';
import { IMMUNIZATION } from './forms/event-specs.js';
import { AddButton, RowActions } from './row-actions.js';
import { Note, Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').Immunization} Immunization */

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'immunizations');
  const what = t('immunizations.title');
  return h(Card, {
    title: what,
    count: countRight(loaded.data?.items),
    actions: h(AddButton, {
      kind: 'immunizations',
      label: t('immunization.add'),
      onClick: () => openAdd(IMMUNIZATION, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        const rows = newestFirst(loaded.data?.items ?? [], (row) => row.given_at);
        if (rows.length === 0) return h(None, { text: t('immunizations.none') });
        return longTable({
          rows,
          caption: what,
          heads: [
            t('immunization.what'),
            t('immunization.given'),
            t('field.status'),
            t('immunization.lot'),
            t('immunization.how'),
            null,
          ],
          render: (row) => h(Line, { key: row.id, row, patientId }),
        });
      },
    }),
  });
}

/** @param {{ row: Immunization, patientId: string }} props */
function Line({ row, patientId }) {
  const how = [row.route_text, row.site_text].filter(Boolean).join(', ');
  const status = row.status === 'entered_in_error' ? 'status' : 'immunization_status';
  return h(Row, {
    row,
    cells: [
      html`<b dir="auto">${row.code_text}</b>${
        row.reason_text &&
        html`<span class="row-note"><bdi dir="auto">${row.reason_text}</bdi></span>`
      }
        ${h(Note, { text: row.note })}`,
      h(DateText, { recorded: row.given_recorded, at: row.given_at }),
      html`<span class=${row.status === 'not_done' ? 'doubt' : ''}
        >${t(`${status}.${row.status}`)}</span
      >`,
      row.lot_number
        ? html`<bdi dir="ltr">${row.lot_number}</bdi>${
            row.expiry_date &&
            html` <span class="quiet"
              >${t('immunization.expires')} ${h(DateText, { recorded: row.expiry_date })}</span
            >`
          }`
        : '–',
      row.dose_decimal || how
        ? html`${h(Dose, { value: row.dose_decimal, unit: row.dose_unit })}
            <bdi dir="auto"> ${how}</bdi>`
        : '–',
    ],
    actions: h(RowActions, {
      kind: 'immunizations',
      patientId,
      row,
      what: row.code_text ?? '',
      spec: IMMUNIZATION,
    }),
  });
}
