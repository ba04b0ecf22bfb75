// Ticks of a time axis on the facility's clock: years, months, days or hours, never a mix that
// one has to guess, and never more than fit.

import { civilText, facilityInstant, timeText, zonedTime } from '../lib/format.js';

/** @typedef {{ at: number, label: string }} Tick */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Steps from fine to coarse, with their rough length. */
const STEPS = [
  { unit: 'hour', every: 1, ms: HOUR },
  { unit: 'hour', every: 3, ms: 3 * HOUR },
  { unit: 'hour', every: 6, ms: 6 * HOUR },
  { unit: 'hour', every: 12, ms: 12 * HOUR },
  { unit: 'day', every: 1, ms: DAY },
  { unit: 'day', every: 2, ms: 2 * DAY },
  { unit: 'day', every: 5, ms: 5 * DAY },
  { unit: 'day', every: 10, ms: 10 * DAY },
  { unit: 'month', every: 1, ms: 30 * DAY },
  { unit: 'month', every: 3, ms: 91 * DAY },
  { unit: 'month', every: 6, ms: 182 * DAY },
  { unit: 'year', every: 1, ms: 365 * DAY },
  { unit: 'year', every: 2, ms: 730 * DAY },
  { unit: 'year', every: 5, ms: 1826 * DAY },
  { unit: 'year', every: 10, ms: 3652 * DAY },
  { unit: 'year', every: 20, ms: 7305 * DAY },
  { unit: 'year', every: 50, ms: 18262 * DAY },
];

/**
 * @param {number} from milliseconds @param {number} to
 * @param {number} most how many labels fit
 * @returns {Tick[]}
 */
export function timeTicks(from, to, most) {
  if (!(from < to) || most < 1) return [];
  const step = STEPS.find((one) => (to - from) / one.ms <= most) ?? STEPS.at(-1);
  if (!step) return [];
  /** @type {Tick[]} */
  const ticks = [];
  let place = startOf(from, step);
  for (let guard = 0; guard < 500; guard += 1) {
    const at = instantOf(place);
    if (to < at) break;
    if (from <= at) ticks.push({ at, label: labelOf(place, step.unit) });
    place = next(place, step);
  }
  return ticks;
}

/** @typedef {{ year: number, month: number, day: number, hour: number }} Place */
/** @typedef {{ unit: string, every: number }} Step */

/** The step at or before an instant. @param {number} at @param {Step} step @returns {Place} */
function startOf(at, { unit, every }) {
  const { date, hour } = zonedTime(at);
  const { year } = date;
  const month = date.month ?? 1;
  const day = date.day ?? 1;
  if (unit === 'year') return { year: year - (year % every), month: 1, day: 1, hour: 0 };
  if (unit === 'month') {
    const first = month - ((month - 1) % every);
    return { year, month: first, day: 1, hour: 0 };
  }
  if (unit === 'day') {
    const first = day - ((day - 1) % every);
    return { year, month, day: first, hour: 0 };
  }
  return { year, month, day, hour: hour - (hour % every) };
}

/** @param {Place} place @param {Step} step @returns {Place} */
function next(place, { unit, every }) {
  if (unit === 'year') return { ...place, year: place.year + every };
  if (unit === 'month') return normal({ ...place, month: place.month + every });
  if (unit === 'hour') return normal({ ...place, hour: place.hour + every });
  // Days start again with each month, so that they fall on the same numbers everywhere; a last
  // step shorter than half would crowd the first of the next month.
  const moved = normal({ ...place, day: place.day + every });
  const crowded = every > 1 && moved.month === place.month && 31 < moved.day + every / 2;
  return moved.month !== place.month || crowded
    ? normal({ ...place, month: place.month + 1, day: 1 })
    : moved;
}

/** @param {Place} place @returns {Place} */
function normal({ year, month, day, hour }) {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
  };
}

/** @param {Place} place */
function instantOf({ year, month, day, hour }) {
  return Date.parse(facilityInstant({ year, month, day }, hour, 0));
}

/** @param {Place} place @param {string} unit */
function labelOf(place, unit) {
  if (unit === 'year') return civilText({ year: place.year, month: null, day: null });
  if (unit === 'month') return civilText({ year: place.year, month: place.month, day: null });
  const date = civilText(place);
  if (unit === 'day') return date.replace(/-\d{4}$/, '');
  return place.hour === 0 ? date.replace(/-\d{4}$/, '') : timeText(instantOf(place));
}
