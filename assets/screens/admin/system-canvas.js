// One picture of figures over time: a line for each series, and where a step holds several
// samples the room between the least and the most. It is drawn again when the theme changes.

import { html, loadUplot, useEffect, useRef, useState } from '../../lib/ui.js';
import { inks, onTheme } from '../../clinical/chart.js';
import { timeTicks } from '../../clinical/chart-axis.js';
import { timeText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { axisText } from './system-words.js';

/** @typedef {import('../../types/ui.js').Samples} Samples */
/** @typedef {import('../../types/ui.js').SeriesLine} SeriesLine */

const HEIGHT = 150;
const LABEL_WIDTH = 76;
/** How far back a span looks, seconds. @type {Record<string, number>} */
const BACK_S = { hour: 3_600, day: 86_400, month: 31 * 86_400 };
/** Dashes, so that lines are told apart without their colours. */
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

/** @param {{ samples: Samples, lines: SeriesLine[], label: string }} props */
export function Canvas({ samples, lines, label }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const plot = useRef(/** @type {any} */ (null));
  const [theme, setTheme] = useState(0);
  const [failed, setFailed] = useState(false);
  const data = columns(samples, lines);
  const newest = useRef(data);
  newest.current = data;

  useEffect(() => onTheme(() => setTheme((count) => count + 1)), []);

  useEffect(() => {
    const target = box.current;
    if (!target) return undefined;
    let gone = false;
    loadUplot().then(
      (Plot) => {
        if (gone) return;
        const until = () => newest.current[0]?.at(-1) ?? Date.now() / 1000;
        const options = optionsFor(samples.span, lines, { target, until });
        plot.current = new Plot(options, /** @type {any} */ (newest.current), target);
      },
      () => setFailed(true),
    );
    const resize = new ResizeObserver(() => {
      plot.current?.setSize({ width: target.clientWidth, height: HEIGHT });
    });
    resize.observe(target);
    return () => {
      gone = true;
      resize.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme, samples.span, lines.map((line) => line.code).join()]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [samples]);

  return html`<div class="watch-canvas" role="img" aria-label=${label} ref=${box}>
    ${failed && html`<p class="crit-text">${t('chart.failed')}</p>`}
  </div>`;
}

/** @param {SeriesLine[]} lines */
function hasRoom(lines) {
  return lines.length === 1 && lines[0]?.min !== undefined;
}

/** @param {Samples} samples @param {SeriesLine[]} lines */
function columns(samples, lines) {
  const means = lines.map((line) => line.mean);
  const [first] = lines;
  const room = hasRoom(lines) && first ? [first.max ?? [], first.min ?? []] : [];
  return [samples.at, ...means, ...room];
}

/**
 * @param {string} span @param {SeriesLine[]} lines
 * @param {{ target: HTMLElement, until: () => number }} place where, and when the newest step began
 * @returns {any}
 */
function optionsFor(span, lines, { target, until }) {
  const colours = inks();
  const font = `12px ${getComputedStyle(target).fontFamily}`;
  const axis = { stroke: colours.ink, font, ticks: { show: false } };
  const grid = { stroke: colours.line, width: 1 };
  const unit = lines[0]?.unit ?? 'count';
  const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
  const room = hasRoom(lines);
  return {
    width: target.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, sync: { key: 'watch' }, y: false },
    scales: {
      x: {
        time: false,
        // The whole span, also while only a part of it was measured.
        range: () => [until() - (BACK_S[span] ?? 3_600), until()],
      },
      y: {
        range: (/** @type {any} */ _plot, /** @type {any} */ _min, /** @type {any} */ max) => [
          0,
          unit === 'percent' ? 100 : (max || 1) * 1.1,
        ],
      },
    },
    axes: [
      {
        ...axis,
        grid,
        size: 24,
        space: LABEL_WIDTH,
        ...(span === 'hour' ? MINUTES : daysAndHours()),
      },
      {
        ...axis,
        grid,
        size: 68,
        space: 36,
        values: (/** @type {any} */ _plot, /** @type {number[]} */ splits) =>
          splits.map((value) => axisText(value, unit)),
      },
    ],
    series: [
      {},
      ...lines.map((_, i) => ({
        stroke: colours.series[i],
        width: 1.5,
        dash: DASHES[i],
        spanGaps: false,
        // A line needs two points; what was measured once is a dot.
        points: {
          size: 5,
          show: (/** @type {any} */ _p, /** @type {any} */ _i, from = 0, to = 0) => to - from < 3,
        },
      })),
      ...(room ? [hidden, hidden] : []),
    ],
    bands: room ? [{ series: [2, 3], fill: colours.range }] : [],
  };
}

/** Ticks of an hour. */
const MINUTES = {
  incrs: [300, 600, 900, 1_800],
  values: (/** @type {any} */ _plot, /** @type {number[]} */ splits) =>
    splits.map((at) => timeText(at * 1000)),
};

/** Ticks on the hospital's clock: its days begin when it says. */
function daysAndHours() {
  const ticks = (/** @type {any} */ plot, /** @type {number} */ min, /** @type {number} */ max) => {
    const width = (plot.bbox.width || plot.width) / devicePixelRatio;
    return timeTicks(min * 1000, max * 1000, Math.max(2, Math.floor(width / LABEL_WIDTH)));
  };
  return {
    splits: (
      /** @type {any} */ plot,
      /** @type {number} */ _i,
      /** @type {number} */ min,
      /** @type {number} */ max,
    ) => ticks(plot, min, max).map((tick) => tick.at / 1000),
    values: (/** @type {any} */ plot) =>
      ticks(plot, plot.scales.x.min, plot.scales.x.max).map((tick) => tick.label),
  };
}
