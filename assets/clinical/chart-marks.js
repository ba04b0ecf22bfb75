// What is drawn on the canvas beside the lines: markers by shape, joined bars, the range.

/**
 * @typedef {{ series: string[], ink: string, line: string, range: string,
 *   surface: string }} Inks
 */
/**
 * What is used of a uPlot.
 * @typedef {object} Plot
 * @property {CanvasRenderingContext2D} ctx
 * @property {[number[], ...(number | null)[][]]} data
 * @property {{ left: number, top: number, width: number, height: number }} bbox in canvas pixels
 * @property {number} width
 * @property {{ idx?: number | null }} cursor
 * @property {(value: number, scale: string, canvasPixels: boolean) => number} valToPos
 * @property {(size: { width: number, height: number }) => void} setSize
 * @property {() => void} destroy
 */

const SIZE = 3.6;

/** @typedef {(ctx: CanvasRenderingContext2D, x: number, y: number, size: number) => void} Mark */

/** Circle, square, triangle, diamond: the order of the series. @type {Mark[]} */
const MARKS = [
  (ctx, x, y, size) => ctx.arc(x, y, size, 0, 2 * Math.PI),
  (ctx, x, y, size) => ctx.rect(x - size, y - size, 2 * size, 2 * size),
  (ctx, x, y, size) => {
    ctx.moveTo(x, y - size * 1.2);
    ctx.lineTo(x + size * 1.2, y + size);
    ctx.lineTo(x - size * 1.2, y + size);
    ctx.closePath();
  },
  (ctx, x, y, size) => {
    ctx.moveTo(x, y - size * 1.4);
    ctx.lineTo(x + size * 1.4, y);
    ctx.lineTo(x, y + size * 1.4);
    ctx.lineTo(x - size * 1.4, y);
    ctx.closePath();
  },
];

/** Runs inside the picture only. @param {Plot} plot @param {() => void} draw */
function clipped(plot, draw) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - 6, bbox.top - 6, bbox.width + 12, bbox.height + 12);
  ctx.clip();
  draw();
  ctx.restore();
}

/** @param {Plot} plot @param {Inks} inks */
export function drawMarks(plot, inks) {
  const { ctx, data } = plot;
  const size = SIZE * devicePixelRatio;
  clipped(plot, () => {
    for (const [i, column] of data.slice(1).entries()) {
      const mark = MARKS[i % MARKS.length];
      ctx.fillStyle = inks.series[i] ?? inks.ink;
      ctx.strokeStyle = inks.surface;
      ctx.lineWidth = devicePixelRatio;
      for (const [j, value] of column.entries()) {
        const at = data[0][j];
        if (value === null || at === undefined || !mark) continue;
        ctx.beginPath();
        mark(ctx, plot.valToPos(at, 'x', true), plot.valToPos(value, 'y', true), size);
        ctx.fill();
        ctx.stroke();
      }
    }
  });
}

/**
 * A bar from diastolic to systolic with an arrowhead at each end, as on a paper chart.
 * @param {Plot} plot @param {Inks} inks
 */
export function drawPressure(plot, inks) {
  const { ctx, data } = plot;
  const [times, systolic = [], diastolic = []] = data;
  const half = 4 * devicePixelRatio;
  clipped(plot, () => {
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const [j, at] of times.entries()) {
      const x = plot.valToPos(at, 'x', true);
      const top = systolic[j] ?? null;
      const bottom = diastolic[j] ?? null;
      const yTop = top === null ? null : plot.valToPos(top, 'y', true);
      const yBottom = bottom === null ? null : plot.valToPos(bottom, 'y', true);
      ctx.strokeStyle = inks.series[0] ?? inks.ink;
      ctx.fillStyle = ctx.strokeStyle;
      if (yTop !== null && yBottom !== null) {
        ctx.beginPath();
        ctx.moveTo(x, yTop);
        ctx.lineTo(x, yBottom);
        ctx.stroke();
      }
      if (yTop !== null) arrow(ctx, x, yTop, half, -1);
      if (yBottom !== null) arrow(ctx, x, yBottom, half, 1);
    }
  });
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y
 * @param {number} half @param {1 | -1} way -1 points down with its tip on the value
 */
function arrow(ctx, x, y, half, way) {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - half, y + way * half * 1.5);
  ctx.lineTo(x + half, y + way * half * 1.5);
  ctx.closePath();
  ctx.fill();
}

/** @param {Plot} plot @param {import('./chart-groups.js').Chart} chart @param {Inks} inks */
export function drawRange(plot, chart, inks) {
  const [first] = chart.series;
  if (chart.series.length !== 1 || !first?.range_low || !first.range_high) return;
  const { ctx, bbox } = plot;
  const top = plot.valToPos(Number(first.range_high), 'y', true);
  const bottom = plot.valToPos(Number(first.range_low), 'y', true);
  clipped(plot, () => {
    ctx.fillStyle = inks.range;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
  });
}
