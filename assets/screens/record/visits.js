// Visits: when, where, why and with whom. Reception sees them too, without clinical details.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { PlaceName, PractitionerName } from '../../clinical/people.js';
import { Written } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Status, countRight } from '../../clinical/status.js';
import { openAdd } from './forms/open.js';
import { ENCOUNTER } from './forms/event-specs.js';
import { Span } from './procedures.js';
import { AddButton, RowActions } from './row-actions.js';
import { Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').Encounter} Encounter */

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'encounters');
  const what = t('visits.title');
  return h(Card, {
    title: what,
    count: countRight(loaded.data?.items),
    actions: h(AddButton, {
      kind: 'encounters',
      label: t('encounter.add'),
      onClick: () => openAdd(ENCOUNTER, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        const rows = newestFirst(loaded.data?.items ?? [], (row) => row.started_at);
        if (rows.length === 0) return h(None, { text: t('visits.none') });
        return longTable({
          rows,
          caption: what,
          heads: [
            t('encounter.kind'),
            t('encounter.when'),
            t('field.status'),
            // Why somebody comes is part of the clinical record.
            ...(can('records.read') ? [t('encounter.reason')] : []),
            t('encounter.place'),
            t('encounter.people'),
            null,
          ],
          render: (row) => h(Line, { key: row.id, row, patientId }),
        });
      },
    }),
  });
}

/** @param {{ row: Encounter, patientId: string }} props */
function Line({ row, patientId }) {
  const title = row.code_text ?? t(`class.${row.class}`);
  const people = row.participants ?? [];
  return h(Row, {
    row: { status: row.status, error_reason: row.error_reason },
    cells: [
      html`<b dir="auto">${title}</b>${
        row.code_text && html`<span class="row-note">${t(`class.${row.class}`)}</span>`
      }`,
      h(Span, {
        from: { recorded: row.started_recorded, at: row.started_at },
        to: { recorded: row.ended_recorded, at: row.ended_at },
      }),
      h(Status, { status: row.status }),
      ...(can('records.read') ? [h(Reason, { row })] : []),
      h(PlaceName, {
        organizationId: row.organization_id,
        organization: row.organization,
        locationId: row.location_id,
        location: row.location,
        department: row.department,
      }),
      people.length === 0
        ? h(Written, { text: null })
        : html`<ul class="people">
            ${people.map(
              (one, i) => html`<li key=${i}>
                ${h(PractitionerName, { id: one.practitioner_id, name: one.name })}${
                  one.role_text &&
                  html` <span class="quiet"><bdi dir="auto">${one.role_text}</bdi></span>`
                }
              </li>`,
            )}
          </ul>`,
    ],
    actions: h(RowActions, { kind: 'encounters', patientId, row, what: title, spec: ENCOUNTER }),
  });
}

/** @param {{ row: Encounter }} props */
function Reason({ row }) {
  return html`${h(Written, { text: row.reason_text })}${
    row.discharge_text &&
    html`<span class="row-note"
      >${t('encounter.discharge')} <bdi dir="auto">${row.discharge_text}</bdi></span
    >`
  }`;
}
