// The charts: an hour, a day or a month, each picture with a table of the same figures.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText, timeText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { RadioField } from '../../ui/field.js';
import { Shown } from '../../ui/state.js';
import { Canvas } from './system-canvas.js';
import { useEvery } from './system-every.js';
import { figureText, seriesText } from './system-words.js';

/** @typedef {import('../../types/ui.js').Samples} Samples */
/** @typedef {import('../../types/ui.js').SeriesLine} SeriesLine */

const SPANS = ['hour', 'day', 'month'];
/** An hour moves on with each sample. */
const EVERY_MS = { hour: 10_000, later: 60_000 };
/** Rows of the table beside a picture: it says how it went, not each step. */
const ROWS = 12;

/** Which series share a picture: those of one unit that are read together. */
const CHARTS = [
  ['duration_p50_ms', 'duration_p95_ms', 'duration_p99_ms'],
  ['requests_per_second'],
  ['errors_per_minute'],
  ['machine_cpu_percent', 'process_cpu_percent'],
  ['machine_memory_percent', 'disk_busy_percent'],
  ['disk_free_percent'],
  ['commit_longest_ms', 'statement_mean_ms'],
  ['commits_per_second'],
  ['writer_queue', 'jobs_waiting', 'readers_in_use'],
  ['live_connections', 'requests_in_flight'],
  ['cache_hit_percent', 'connections_percent'],
  ['database_bytes', 'wal_bytes'],
  ['process_memory_bytes'],
  ['network_received_bytes_per_second', 'network_sent_bytes_per_second'],
  ['backup_lag_seconds', 'snapshot_oldest_seconds'],
  ['jobs_oldest_seconds'],
];

export function Charts() {
  const [span, setSpan] = useState('hour');
  const loaded = useResource(`samples ${span}`, async (signal) => {
    const params = { span, series: CHARTS.flat().join(',') };
    return /** @type {Samples} */ ((await api.get('/system/samples', params, { signal })).data);
  });
  useEvery(span === 'hour' ? EVERY_MS.hour : EVERY_MS.later, loaded.reload);
  const { data } = loaded.value;
  const options = SPANS.map((value) => ({ value, label: t(`watch.span_${value}`) }));
  return html`<section class="card" aria-labelledby="charts-title">
    <div class="card-head">
      <h2 id="charts-title">${t('watch.charts')}</h2>
      <div class="end">
        ${h(RadioField, {
          id: 'span',
          label: t('watch.span'),
          value: span,
          onChange: setSpan,
          options,
        })}
      </div>
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('watch.charts'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="watch-charts">
          ${CHARTS.map((codes) => h(Chart, { key: codes[0], codes, samples: data }))}
        </div>`,
    })}
  </section>`;
}

/** @param {{ codes: string[], samples: Samples }} props */
function Chart({ codes, samples }) {
  const lines = codes.flatMap((code) => samples.series.find((line) => line.code === code) ?? []);
  const title = t(`watch.chart_${codes[0]}`);
  const isEmpty = lines.every((line) => line.mean.every((value) => value === null));
  return html`<figure class="watch-chart" aria-labelledby=${`chart-${codes[0]}`}>
    <figcaption>
      <h3 id=${`chart-${codes[0]}`}>${title}</h3>
      <ul class="watch-legend">
        ${lines.map(
          (line, i) =>
            html`<li key=${line.code} class=${`s${i + 1}`}>
              <span class="swatch" aria-hidden="true"></span>${seriesText(line.code)}${' '}
              <span class="nums quiet">${figureText(newest(line.mean), line.unit)}</span>
            </li>`,
        )}
      </ul>
    </figcaption>
    ${isEmpty
      ? html`<p class="quiet watch-none">${t('watch.nothing_measured')}</p>`
      : h(Canvas, { samples, lines, label: spoken(title, lines) })}
    ${!isEmpty && h(Table, { title, lines, samples })}
  </figure>`;
}

/** @param {(number | null)[]} values */
function newest(values) {
  for (let at = values.length - 1; 0 <= at; at -= 1) {
    const value = values[at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** @param {(number | null)[]} values @param {(a: number, b: number) => number} pick */
function most(values, pick) {
  const there = values.filter((value) => value !== null);
  return there.length > 0 ? there.reduce((a, b) => pick(a, b)) : null;
}

/** What the picture shows, in words. @param {string} title @param {SeriesLine[]} lines */
function spoken(title, lines) {
  const each = lines.map((line) =>
    t('watch.spoken', {
      name: seriesText(line.code),
      now: figureText(newest(line.mean), line.unit),
      min: figureText(most(line.min ?? line.mean, Math.min), line.unit),
      max: figureText(most(line.max ?? line.mean, Math.max), line.unit),
    }),
  );
  return `${title}: ${each.join(' ')}`;
}

/** @param {{ title: string, lines: SeriesLine[], samples: Samples }} props */
function Table({ title, lines, samples }) {
  const { at, span } = samples;
  const step = Math.max(1, Math.floor(at.length / ROWS));
  const rows = at.map((_, i) => i).filter((i) => (at.length - 1 - i) % step === 0);
  const time = (/** @type {number} */ seconds) =>
    span === 'hour' ? timeText(seconds * 1000) : instantText(seconds * 1000);
  return html`<details class="small">
    <summary>${t('watch.as_table')}<span class="spoken">: ${title}</span></summary>
    <div class="table-box" tabindex="0" role="region" aria-label=${title}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${t('watch.col_time')}</th>
            ${lines.map(
              (line) => html`<th key=${line.code} scope="col">${seriesText(line.code)}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${[...rows].reverse().map(
            (i) =>
              html`<tr key=${i}>
                <th scope="row" class="nums">${time(at[i] ?? 0)}</th>
                ${lines.map(
                  (line) => html`<td key=${line.code} class="nums">${cell(line, i)}</td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** @param {SeriesLine} line @param {number} i */
function cell(line, i) {
  const mean = figureText(line.mean[i], line.unit);
  const low = line.min?.[i];
  const high = line.max?.[i];
  if (low === null || low === undefined || high === null || high === undefined || low === high) {
    return mean;
  }
  return t('watch.between', {
    mean,
    low: figureText(low, line.unit),
    high: figureText(high, line.unit),
  });
}
