// Observations as rows: every digit, unit, range, time and status, newest first.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { ObservationName, namesOf } from '../../clinical/observation-name.js';
import { DateText } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { FlagText, RangeText, ValueText, flagOf, rangeText } from '../../clinical/result.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { RowActions } from './row-actions.js';
import { Note, Row, longTable, newestFirst } from './shared.js';

/** @typedef {import('../../types/record.js').Observation} Observation */
/** @typedef {import('../../types/record.js').Series} Series */

/**
 * @param {{ patientId: string, title: string, filter: 'words' | Series[] | null }} props
 *   `words`: only what no curve shows; series: the rows behind these curves; null: all
 */
export function ObservationTable({ patientId, title, filter }) {
  const loaded = useRecord(patientId, 'observations');
  const rows = newestFirst(loaded.data?.items ?? [], (row) => row.effective_at).filter((row) =>
    fits(row, filter),
  );
  const name = namesOf(rows.flatMap((row) => [row, ...(row.components ?? [])]).map(textOf));
  const body = h(Loaded, {
    of: loaded,
    what: title,
    children: () => {
      if (rows.length === 0)
        return h(None, { text: t(filter === 'words' ? 'obs.none_words' : 'obs.none') });
      return longTable({
        rows,
        caption: title,
        heads: [
          t('obs.what'),
          t('obs.value'),
          t('obs.range'),
          t('obs.when'),
          t('field.status'),
          null,
        ],
        render: (row) => h(Line, { key: row.id, row, patientId, name }),
      });
    },
  });
  if (Array.isArray(filter)) return html`<div class="chart-table">${body}</div>`;
  return h(Card, { title, count: loaded.data ? rows.length : null, children: body });
}

/** @param {Observation} row @param {'words' | Series[] | null} filter */
function fits(row, filter) {
  if (filter === null) return true;
  const parts = row.components ?? [];
  if (filter === 'words') {
    return row.value_decimal === null && !parts.some((part) => part.value_decimal !== null);
  }
  return filter.some((one) => matches(row, one) || parts.some((part) => matches(part, one)));
}

/** @param {{ code: string | null, code_text: string | null }} coded @param {Series} one */
function matches(coded, one) {
  return one.code ? coded.code === one.code : coded.code_text === one.title;
}

/** @param {{ code_text: string | null }} coded */
function textOf(coded) {
  return coded.code_text;
}

/**
 * @param {{ row: Observation, patientId: string,
 *   name: (recorded: string | null | undefined) => string }} props
 */
function Line({ row, patientId, name }) {
  const flag = flagOf(row);
  const parts = row.components ?? [];
  const own = h(ValueText, { value: row, exact: true });
  const hasOwn = row.value_decimal !== null || row.value_text || row.value_code;
  return h(Row, {
    row,
    cells: [
      html`${h(ObservationName, { recorded: row.code_text, name })}${h(Note, { text: row.note })}`,
      html`${hasOwn && own}${parts.map(
        (part, i) => html`<span key=${i} class="part"
          ><span class="quiet"
            >${h(ObservationName, { recorded: part.code_text, name })}</span
          >${' '}
          ${h(ValueText, { value: part, exact: true })}</span
        >`,
      )}${
        !hasOwn &&
        parts.length === 0 &&
        html`<span class="quiet">${row.absent_reason ?? t('value.not_recorded')}</span>`
      }
      ${flag && h(FlagText, { flag })}`,
      rangeText(row) ? h(RangeText, { of: row }) : '–',
      h(DateText, { recorded: row.effective_recorded, at: row.effective_at }),
      t(`status.${row.status}`),
    ],
    actions: h(RowActions, { kind: 'observations', patientId, row, what: row.code_text ?? '' }),
  });
}
