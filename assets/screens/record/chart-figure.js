// One picture with its words: name, unit, the last two values, what is pointed at, and the same
// values as a table.

import { h, html, useMemo, useState } from '../../lib/ui.js';
import { decimalText, displayDecimal, unitText } from '../../lib/decimal.js';
import { dateDirection, recordedText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { ChartCanvas, dayOf } from '../../clinical/chart.js';
import { align } from '../../clinical/chart-groups.js';
import { ObservationName } from '../../clinical/observation-name.js';
import { DateText } from '../../clinical/primitives.js';
import { Shape } from '../../clinical/shape.js';
import { ObservationTable } from './observation-table.js';
import { One, Pair } from './series-value.js';

/** @typedef {import('../../clinical/chart-groups.js').Chart} Chart */
/** @typedef {import('../../types/record.js').Series} Series */

/** Shapes of the markers, in the order in which the canvas draws them. */
const MARKS = /** @type {const} */ (['dot', 'square', 'up', 'diamond']);

/** @typedef {(recorded: string | null | undefined) => string} Naming */

/** @param {{ chart: Chart, span: [number, number], patientId: string, name: Naming }} props */
export function ChartFigure({ chart, span, patientId, name }) {
  const [table, setTable] = useState(false);
  const [pointed, setPointed] = useState(/** @type {number | null} */ (null));
  const [first] = chart.series;
  const aligned = useMemo(() => align(chart.series), [chart]);
  if (!first) return null;
  const title = chart.title ? t(chart.title) : name(first.title);
  const unit = unitText(first.unit);
  const label = summaryOf(chart, title, unit, name);
  const count = Math.max(...chart.series.map((one) => one.count));
  const part = count > Math.max(...chart.series.map((one) => one.points.length));
  const single = aligned.times.length < 2;
  const at = pointed === null ? undefined : aligned.times[pointed];
  return html`<figure class="chart">
    <figcaption>
      <span class="chart-title"
        ><b dir="auto"
          >${chart.title ? title : h(ObservationName, { recorded: first.title, name })}</b
        >${' '}
        <bdi dir="ltr" class="unit">${unit}</bdi></span
      >
      ${
        at !== undefined &&
        html`<span class="chart-point" aria-hidden="true"
        ><bdi dir=${dateDirection()}>${dayOf(at)}</bdi> <bdi dir="ltr"
            ><b>${pointText(chart, aligned.columns, pointed ?? 0)}</b></bdi
          ></span
      >`
      }
      <button class="mini" type="button" aria-expanded=${table} onClick=${() => setTable(!table)}>
        ${table ? t('chart.hide_table') : t('chart.show_table', { count })}
        <span class="spoken">${title}</span>
      </button>
    </figcaption>
    <div class="chart-row">
      ${
        !single &&
        h(ChartCanvas, { chart, span, label, onPoint: setPointed })
      }
      ${
        single &&
        html`<p class="chart-single quiet">
        ${count === 1 ? t('chart.single') : t('chart.one_time', { count })}
      </p>`
      }
      <div class="chart-last">
        ${
          chart.pressure
            ? h(LastPairs, { series: chart.series })
            : chart.series.map((one, i) =>
                h(LastTwo, {
                  key: one.code ?? one.title,
                  one,
                  name,
                  mark: chart.series.length > 1 ? i : null,
                }),
              )
        }
        ${part && html`<p class="quiet small">${t('chart.part', { count })}</p>`}
        ${
          first.range_low &&
          first.range_high &&
          html`<p class="quiet small">
          ${t('chart.range')}${' '}
          ${decimalText(first.range_low)}–${decimalText(first.range_high)} ${unit}
        </p>`
        }
      </div>
    </div>
    ${table && h(ObservationTable, { patientId, title, filter: chart.series })}
  </figure>`;
}

/** @param {Chart} chart @param {(number | null)[][]} columns @param {number} index */
function pointText(chart, columns, index) {
  const values = columns.map((column) => column[index] ?? null);
  const shown = values.map((value) => (value === null ? '–' : displayDecimal(value).text));
  return chart.pressure ? shown.join('/') : shown.join(' · ');
}

/**
 * What the picture shows, for those who do not see it.
 * @param {Chart} chart @param {string} title @param {string} unit @param {Naming} name
 */
function summaryOf(chart, title, unit, name) {
  return chart.series
    .map((one) => {
      const values = one.points.map((point) => Number(point.value));
      return t('chart.summary', {
        title: chart.series.length > 1 ? `${title}, ${name(one.title)}` : title,
        unit,
        count: one.count,
        low: displayDecimal(Math.min(...values)).text,
        high: displayDecimal(Math.max(...values)).text,
        last: displayDecimal(one.last.value).text,
        date: recordedText(one.last.recorded, one.last.at) ?? '',
      });
    })
    .join(' ');
}

/** @param {{ one: Series, mark: number | null, name: Naming }} props */
function LastTwo({ one, mark, name }) {
  const before = one.points.at(-2);
  return html`<div class=${mark === null ? 'last-two' : `last-two s${mark + 1}`}>
    ${
      mark !== null &&
      html`<p class="last-title">
        ${h(Shape, { name: MARKS[mark] ?? 'dot' })}${' '}
        ${h(ObservationName, { recorded: one.title, name })}
      </p>`
    }
    <p class="last-now">
      ${h(One, { of: one })}${' '}
      ${h(DateText, { recorded: one.last.recorded, at: one.last.at, dateOnly: true })}
    </p>
    ${
      before &&
      html`<p class="last-before quiet">
      ${t('chart.before')} ${h(One, { of: one, point: before })}${' '}
      ${h(DateText, { at: before.at, dateOnly: true })}
    </p>`
    }
  </div>`;
}

/** @param {{ series: Series[] }} props */
function LastPairs({ series }) {
  const [systolic, diastolic] = series;
  if (!systolic || !diastolic) return null;
  const lower = new Map(diastolic.points.map((point) => [point.at, point.value]));
  const pairs = systolic.points
    .filter((point) => lower.has(point.at))
    .slice(-2)
    .reverse();
  return html`<div class="last-two">
    ${pairs.map(
      (point, i) => html`<p key=${point.at} class=${i === 0 ? 'last-now' : 'last-before quiet'}>
        ${i === 1 && t('chart.before')}${' '}
        ${h(Pair, {
          first: point.value,
          second: lower.get(point.at) ?? '',
          unit: systolic.unit,
        })}${' '}
        ${h(DateText, { at: point.at, dateOnly: true })}
      </p>`,
    )}
  </div>`;
}
