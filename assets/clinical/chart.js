// One picture over time: straight lines, a marker shape per series, blood pressure as joined
// bars, the range shaded when there is one, the unit above. It is drawn again when the theme
// changes, for a canvas keeps the old colours.

import { html, loadUplot, useEffect, useRef, useState } from '../lib/ui.js';
import { decimalText } from '../lib/decimal.js';
import { civilText, zonedTime } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { timeTicks } from './chart-axis.js';
import { align } from './chart-groups.js';
import { drawMarks, drawPressure, drawRange } from './chart-marks.js';

/** @typedef {import('./chart-groups.js').Chart} Chart */
/** @typedef {import('./chart-marks.js').Plot} Plot */
/** @typedef {import('./chart-marks.js').Inks} Inks */

const HEIGHT = 132;
const LABEL_WIDTH = 84;

/** Counts changes of the theme. @param {() => void} run */
export function onTheme(run) {
  const watch = new MutationObserver(run);
  watch.observe(document.documentElement, { attributeFilter: ['data-theme', 'dir'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', run);
  return () => {
    watch.disconnect();
    system.removeEventListener('change', run);
  };
}

/**
 * @param {{ chart: Chart, span: [number, number], label: string,
 *   onPoint: (index: number | null) => void }} props
 *   `label` says in words what the picture shows; `onPoint` hears which time is pointed at
 */
export function ChartCanvas({ chart, span, label, onPoint }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [near, setNear] = useState(false);
  const [theme, setTheme] = useState(0);
  const [failed, setFailed] = useState(false);
  const [from, to] = span;

  useEffect(() => {
    if (!box.current) return undefined;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: '300px' },
    );
    watch.observe(box.current);
    const stopTheme = onTheme(() => setTheme((count) => count + 1));
    return () => {
      watch.disconnect();
      stopTheme();
    };
  }, []);

  useEffect(() => {
    if (!near || !box.current) return undefined;
    const target = box.current;
    /** @type {Plot | null} */
    let plot = null;
    let gone = false;
    loadUplot().then(
      (Plot) => {
        if (gone) return;
        const { times, columns } = align(chart.series);
        const options = optionsFor(chart, [from, to], target, onPoint);
        plot = /** @type {any} */ (new Plot(options, [times, ...columns], target));
      },
      () => setFailed(true),
    );
    const resize = new ResizeObserver(() => {
      plot?.setSize({ width: target.clientWidth, height: HEIGHT });
    });
    resize.observe(target);
    return () => {
      gone = true;
      resize.disconnect();
      plot?.destroy();
    };
  }, [near, theme, chart, from, to]);

  return html`<div class="chart-canvas" role="img" aria-label=${label} ref=${box}>
    ${failed && html`<p class="crit-text">${t('chart.failed')}</p>`}
  </div>`;
}

/** @returns {Inks} colours of the theme in force */
export function inks() {
  const style = getComputedStyle(document.documentElement);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    series: ['--series-1', '--series-2', '--series-3', '--series-4'].map(of),
    ink: of('--ink-2'),
    line: of('--line-soft'),
    range: of('--range-bg'),
    surface: of('--surface'),
  };
}

/**
 * @param {Chart} chart @param {[number, number]} span @param {HTMLElement} target
 * @param {(index: number | null) => void} onPoint
 * @returns {any}
 */
function optionsFor(chart, span, target, onPoint) {
  const colours = inks();
  const font = `12px ${getComputedStyle(target).fontFamily}`;
  const axis = { stroke: colours.ink, font, ticks: { show: false } };
  return {
    width: target.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { show: false },
      sync: { key: 'record-charts' },
    },
    scales: { x: { time: false, range: () => span }, y: { range: yRange(chart) } },
    axes: [
      {
        ...axis,
        grid: { stroke: colours.line, width: 1 },
        size: 24,
        splits: (
          /** @type {Plot} */ plot,
          /** @type {number} */ _i,
          /** @type {number} */ min,
          /** @type {number} */ max,
        ) => ticks(plot, min, max).map((tick) => tick.at),
        values: (/** @type {Plot} */ plot) => ticks(plot, ...span).map((tick) => tick.label),
      },
      {
        ...axis,
        grid: { stroke: colours.line, width: 1 },
        size: 52,
        // Labels of a pressure below 100 too: three lines of them fit.
        space: 20,
        // In the digits of all values, not in those of the browser's country.
        values: (/** @type {Plot} */ _plot, /** @type {number[]} */ splits) =>
          splits.map((value) => decimalText(String(value))),
      },
    ],
    series: [
      {},
      ...chart.series.map((_, i) => ({
        stroke: colours.series[i],
        width: chart.pressure ? 0 : 1.5,
        spanGaps: true,
        points: { show: false },
        paths: chart.pressure ? () => null : undefined,
      })),
    ],
    hooks: {
      drawClear: [(/** @type {Plot} */ plot) => drawRange(plot, chart, colours)],
      draw: [
        (/** @type {Plot} */ plot) =>
          chart.pressure ? drawPressure(plot, colours) : drawMarks(plot, colours),
      ],
      setCursor: [(/** @type {Plot} */ plot) => onPoint(plot.cursor.idx ?? null)],
    },
  };
}

/** @param {Plot} plot @param {number} min @param {number} max */
function ticks(plot, min, max) {
  const most = Math.max(
    2,
    Math.floor((plot.bbox.width || plot.width) / devicePixelRatio / LABEL_WIDTH),
  );
  return timeTicks(min, max, most);
}

/** Room above and below, and the range inside the picture. @param {Chart} chart */
function yRange(chart) {
  const [first] = chart.series;
  const low = Number(first?.range_low ?? NaN);
  const high = Number(first?.range_high ?? NaN);
  return (
    /** @type {Plot} */ _plot,
    /** @type {number | null} */ min,
    /** @type {number | null} */ max,
  ) => {
    const bottom = Math.min(min ?? 0, Number.isNaN(low) ? Infinity : low);
    const top = Math.max(max ?? 1, Number.isNaN(high) ? -Infinity : high);
    const room = (top - bottom || Math.abs(top) * 0.1 || 1) * 0.12;
    return [bottom - room, top + room];
  };
}

/** The day of a point, for the words beside the picture. @param {number} at */
export function dayOf(at) {
  return civilText(zonedTime(at).date);
}
