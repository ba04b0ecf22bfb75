// Dates, times, ages and names as text. One place, so that a date reads the same on every
// screen whatever the settings of the computer: day in two digits, month in letters, year in
// four; 24 hours; the facility's zone, which the server names.

import { direction, language, t } from './i18n.js';
import { serverNow, zone } from './time.js';

const MONTHS_EN = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const PARTIAL = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const DAY_MS = 86_400_000;

/** @typedef {{ year: number, month: number | null, day: number | null }} CivilDate */
/** @typedef {{ date: CivilDate, hour: number, minute: number, second: number }} ZonedTime */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/** Today in the facility. @returns {CivilDate} */
export function today() {
  return zonedTime(serverNow()).date;
}

/**
 * Reads an ISO date that may stop at the month or the year.
 * @param {string | null | undefined} text
 * @returns {CivilDate | null} null when it is no such date
 */
export function parseCivil(text) {
  const match = PARTIAL.exec(text ?? '');
  if (!match) return null;
  const [, year, month, day] = match;
  /** @type {CivilDate} */
  const civil = {
    year: Number(year),
    month: month ? Number(month) : null,
    day: day ? Number(day) : null,
  };
  if (civil.month !== null && (civil.month < 1 || 12 < civil.month)) return null;
  if (civil.day === null) return civil;
  return civil.day < 1 || daysInMonth(civil.year, civil.month ?? 1) < civil.day ? null : civil;
}

/** @param {CivilDate} civil @returns {string} ISO text of the same precision */
export function isoCivil(civil) {
  const parts = [String(civil.year).padStart(4, '0')];
  if (civil.month !== null) parts.push(two(civil.month));
  if (civil.month !== null && civil.day !== null) parts.push(two(civil.day));
  return parts.join('-');
}

/** @param {number} year @param {number} month 1 to 12 */
export function daysInMonth(year, month) {
  const end = new Date(0);
  end.setUTCFullYear(year, month, 0);
  return end.getUTCDate();
}

/**
 * `20-Nov-2026`, `Nov-2026` or `2026`: as much as is known.
 * @param {CivilDate} civil
 * @param {{ weekday?: boolean }} [options]
 */
export function civilText(civil, options = {}) {
  const year = String(civil.year).padStart(4, '0');
  if (civil.month === null) return year;
  const month = monthName(civil.month);
  if (civil.day === null) return `${month}-${year}`;
  const date = `${two(civil.day)}-${month}-${year}`;
  return options.weekday ? `${weekdayName(civil)} ${date}` : date;
}

/**
 * The way in which a date is written, for the element that isolates it: day, month and year
 * follow one another in the direction in which the month's letters are read. From left to
 * right, `20-نوفمبر-2026` would be drawn with the year before the month.
 */
export function dateDirection() {
  return direction();
}

/**
 * The same for a screen reader: `20 November 2026`.
 * @param {CivilDate} civil
 */
export function civilSpoken(civil) {
  if (civil.month === null) return String(civil.year);
  const month = monthName(civil.month, 'long');
  return civil.day === null ? `${month} ${civil.year}` : `${civil.day} ${month} ${civil.year}`;
}

/**
 * An instant on the facility's clock.
 * @param {number | string} instant milliseconds since 1970, or RFC 3339 text
 * @returns {ZonedTime}
 */
export function zonedTime(instant) {
  const at = typeof instant === 'number' ? instant : Date.parse(instant);
  /** @type {Record<string, number>} */
  const part = {};
  for (const piece of zoneFormatter().formatToParts(at)) part[piece.type] = Number(piece.value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return { date: { year, month, day }, hour, minute, second };
}

/** `09:05`, facility time. @param {number | string} instant */
export function timeText(instant) {
  const { hour, minute } = zonedTime(instant);
  return `${two(hour)}:${two(minute)}`;
}

/** `20-Nov-2026 09:05`, facility time. @param {number | string} instant */
export function instantText(instant) {
  return `${civilText(zonedTime(instant).date)} ${timeText(instant)}`;
}

/**
 * A clinical time as it was recorded, which may be a year, a month, a day or a moment.
 * A moment is told on the facility's clock; what is less than a moment stays as written.
 * @param {string | null | undefined} recorded
 * @param {string | null} [at] the instant that the server derived, used when nothing was recorded
 * @returns {{ date: CivilDate, time: string | null } | null} null when unknown
 */
export function recordedParts(recorded, at = null) {
  const civil = parseCivil(recorded);
  if (civil) return { date: civil, time: null };
  const instant = Date.parse(recorded || at || '');
  if (Number.isNaN(instant)) return null;
  return { date: zonedTime(instant).date, time: timeText(instant) };
}

/**
 * `20-Nov-2026 09:05`, `May-2019` …, or null when unknown.
 * @param {string | null | undefined} recorded
 * @param {string | null} [at]
 */
export function recordedText(recorded, at = null) {
  const parts = recordedParts(recorded, at);
  if (!parts) return null;
  return parts.time ? `${civilText(parts.date)} ${parts.time}` : civilText(parts.date);
}

/**
 * Age in the units in which care thinks: `10d`, `6w 2d`, `14m`, `13y 0m`, `63y`.
 * @param {string | null | undefined} born ISO date, maybe reduced
 * @param {CivilDate} [on] the day to count to; today when left out
 * @returns {{ text: string, about: boolean } | null} null when unknown or not yet born;
 *   `about` when the birth date is too coarse for the units shown
 */
export function age(born, on = today()) {
  const from = parseCivil(born);
  if (!from || on.month === null || on.day === null) return null;
  if (from.month === null) {
    const years = on.year - from.year;
    return years < 0 ? null : { text: t('age.years', { count: years }), about: true };
  }
  const months = fullMonths(from, on);
  if (months < 0) return null;
  const about = from.day === null;
  const years = Math.floor(months / 12);
  if (216 <= months) return { text: t('age.years', { count: years }), about };
  if (24 <= months) {
    const parts = { years, months: months % 12 };
    return { text: t('age.years_months', parts), about };
  }
  if (12 <= months || about) return { text: t('age.months', { count: months }), about };
  const days = Math.round((utcOf(on) - utcOf(from)) / DAY_MS);
  if (days < 28) return { text: t('age.days', { count: days }), about };
  return { text: t('age.weeks_days', { weeks: Math.floor(days / 7), days: days % 7 }), about };
}

/**
 * Whole years of age; from a birth date that is only a year, at most one too many.
 * @param {string | null | undefined} born ISO date, maybe reduced
 * @param {CivilDate} [on] the day to count to; today when left out
 * @returns {number | null} null when unknown
 */
export function fullYears(born, on = today()) {
  const from = parseCivil(born);
  if (!from) return null;
  if (from.month === null) return on.year - from.year;
  return Math.floor(fullMonths(from, on) / 12);
}

/** @param {CivilDate} from @param {CivilDate} to with month and day */
function fullMonths(from, to) {
  const months = (to.year - from.year) * 12 + (to.month ?? 1) - (from.month ?? 1);
  return from.day !== null && (to.day ?? 1) < from.day ? months - 1 : months;
}

/**
 * A family name in capitals, as the language of the page writes them; scripts without
 * capitals stay as they are. The German sharp s keeps its capital form: `SS` is another name.
 * @param {string} family
 * @param {string} [locale]
 */
export function upperFamily(family, locale = language()) {
  return family.replace(/ß/g, 'ẞ').toLocaleUpperCase(locale);
}

/** @typedef {string | string[] | null | undefined} Given */

/**
 * `MOREAU, Bekele (Mr)`; one name alone is fine.
 * @param {{ family?: string | null, given?: Given, prefix?: string | null }} name
 */
export function nameText(name) {
  const given = givenText(name.given);
  const parts = [name.family ? upperFamily(name.family) : '', given].filter(Boolean);
  const text = parts.join(', ');
  return name.prefix ? `${text} (${name.prefix.replace(/\.$/, '')})` : text;
}

/** Given names in one line. @param {Given} given */
export function givenText(given) {
  return (Array.isArray(given) ? given.join(' ') : (given ?? '')).trim();
}

/**
 * Time of a day in the facility as RFC 3339 with the offset that is in force then.
 * A moment that the clocks skip takes the offset from before the change.
 * @param {CivilDate} date a full date @param {number} hour @param {number} minute
 */
export function facilityInstant(date, hour, minute) {
  const wall = utcOf(date) + (hour * 60 + minute) * 60_000;
  let offsetMin = offsetMinutes(wall);
  offsetMin = offsetMinutes(wall - offsetMin * 60_000);
  const sign = offsetMin < 0 ? '-' : '+';
  const size = Math.abs(offsetMin);
  const offset = `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${isoCivil(date)}T${two(hour)}:${two(minute)}:00${offset}`;
}

/** Facility time minus UTC at an instant. @param {number} at */
function offsetMinutes(at) {
  const { date, hour, minute } = zonedTime(at);
  const wall = utcOf(date) + (hour * 60 + minute) * 60_000;
  return Math.round((wall - at) / 60_000);
}

/** Midnight UTC of a date, in milliseconds. @param {CivilDate} civil */
export function utcOf(civil) {
  return new Date(0).setUTCFullYear(civil.year, (civil.month ?? 1) - 1, civil.day ?? 1);
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}

/** @param {number} month 1 to 12 @param {'short' | 'long'} [length] */
function monthName(month, length = 'short') {
  // Intl says 'Sept' in British and 'Sep' in American English; we always say Sep.
  if (length === 'short' && language().startsWith('en')) return MONTHS_EN[month - 1] ?? '';
  const name = named(length, { month: length }).format(Date.UTC(2001, month - 1, 15));
  return name.replace(/\.$/, '');
}

/** Short and long name of each month in the page's language. @returns {string[][]} */
export function monthNames() {
  return MONTHS_EN.map((_, i) => [monthName(i + 1), monthName(i + 1, 'long')]);
}

/** @param {CivilDate} civil */
function weekdayName(civil) {
  return named('weekday', { weekday: 'short' }).format(utcOf(civil)).replace(/\.$/, '');
}

/** @param {string} key @param {Intl.DateTimeFormatOptions} options */
function named(key, options) {
  const locale = `${language()}-u-ca-gregory-nu-latn`;
  return formatter(`${key} ${locale}`, locale, { ...options, timeZone: 'UTC' });
}

function zoneFormatter() {
  return formatter(zone.value, 'en-u-ca-gregory-nu-latn', {
    timeZone: zone.value,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** @param {string} key @param {string} locale @param {Intl.DateTimeFormatOptions} options */
function formatter(key, locale, options) {
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}
