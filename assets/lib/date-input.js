// Dates as people type them: 10051963, 10/5/63, 10 may 1963, 1963, about 1963, today, -3w.
// Day before month, as everything on screen is; what can mean two dates asks.

import { latinDigits } from './digits.js';
import { daysInMonth, isoCivil, monthNames, parseCivil, utcOf } from './format.js';
import { t } from './i18n.js';

/** @typedef {import('./format.js').CivilDate} CivilDate */
/**
 * @typedef {object} Typed
 * @property {'empty' | 'date' | 'choose' | 'unknown' | 'wrong'} kind
 * @property {string} iso the date when `kind` is `date`, maybe only a year or a month
 * @property {string[]} choices two dates when `kind` is `choose`
 * @property {boolean} about the person said that it is estimated
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const UNITS = { d: 1, w: 7, m: 0, y: 0 };
const OLDEST_YEARS = 115;

/**
 * @param {string} text
 * @param {{ today: CivilDate, birth?: boolean }} context `birth`: the date lies in the past,
 *   so a two-digit year means the latest such year, and asks when an older one is likely too
 * @returns {Typed}
 */
export function readDate(text, { today, birth = false }) {
  let typed = latinDigits(text).trim().toLowerCase();
  if (!typed) return result('empty');
  if (isWord(typed, 'unknown')) return result('unknown');
  const about = aboutAt(typed);
  if (about) typed = typed.slice(about.length).trim();
  const found = relative(typed, today) ?? isoLike(typed) ?? dayMonthYear(typed, today, birth);
  if (!found || found.length === 0) return result('wrong');
  const [first, second] = found.map((date) => isoCivil(date));
  if (second) return { ...result('choose'), choices: [first ?? '', second], about: Boolean(about) };
  return { ...result('date'), iso: first ?? '', about: Boolean(about) };
}

/**
 * Whether a word is one of those for something, in English or in the page's language.
 * @param {string} typed @param {'about' | 'today' | 'unknown' | 'yesterday'} meaning
 */
function isWord(typed, meaning) {
  return wordsFor(meaning).includes(typed);
}

const ENGLISH = {
  about: ['about', 'abt', 'ca.', 'ca', 'c.', 'c', '~'],
  today: ['today'],
  unknown: ['unknown'],
  yesterday: ['yesterday'],
};

/** @param {keyof typeof ENGLISH} meaning */
function wordsFor(meaning) {
  return [...t(`date.words_${meaning}`).split(', '), ...ENGLISH[meaning]];
}

/** The word for an estimate that a text begins with, or nothing. @param {string} typed */
function aboutAt(typed) {
  const word = wordsFor('about').find((one) => typed.startsWith(one));
  // A month may begin with the same letters: `c` is an estimate only before a digit.
  return word && /^[\s.]*[\d]|^\s/.test(typed.slice(word.length)) ? word : undefined;
}

/** @param {Typed['kind']} kind @returns {Typed} */
function result(kind) {
  return { kind, iso: '', choices: [], about: false };
}

/** @param {string} text @param {CivilDate} today @returns {CivilDate[] | null} */
function relative(text, today) {
  if (isWord(text, 'today')) return [today];
  if (isWord(text, 'yesterday')) return [addDays(today, -1)];
  const match = /^([+-])\s*(\d{1,4})\s*([dwmy])$/.exec(text);
  if (!match) return null;
  const amount = Number(match[2]) * (match[1] === '-' ? -1 : 1);
  const unit = /** @type {keyof typeof UNITS} */ (match[3]);
  if (unit === 'm') return [addMonths(today, amount)];
  if (unit === 'y') return [addMonths(today, amount * 12)];
  return [addDays(today, amount * UNITS[unit])];
}

/** `1963`, `1963-05`, `1963-5-10`. @param {string} text @returns {CivilDate[] | null} */
function isoLike(text) {
  const match = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(text);
  if (!match) return null;
  const [, year, month, day] = match;
  const parts = [year, month?.padStart(2, '0'), day?.padStart(2, '0')].filter(Boolean);
  const civil = parseCivil(parts.join('-'));
  return civil ? [civil] : [];
}

/**
 * @param {string} text
 * @param {CivilDate} today
 * @param {boolean} birth
 * @returns {CivilDate[] | null}
 */
function dayMonthYear(text, today, birth) {
  const packed = /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(text);
  const parts = packed ? packed.slice(1) : text.split(/[\s/.,-]+/).filter(Boolean);
  if (parts.length === 2) return monthYear(parts, today, birth);
  if (parts.length !== 3) return null;
  const [first = '', second = '', third = ''] = parts;
  if (!/^\d{1,4}$/.test(third)) return null;
  const years = yearsOf(third, today, birth);
  const named = monthOf(second) ?? monthOf(first);
  if (named !== null) {
    const day = Number(monthOf(second) !== null ? first : second);
    return valid(years, named, day);
  }
  if (!/^\d{1,2}$/.test(first) || !/^\d{1,2}$/.test(second)) return null;
  const dayFirst = valid(years, Number(second), Number(first));
  // 5/23/1963 can only be month first.
  return dayFirst.length > 0 ? dayFirst : valid(years, Number(first), Number(second));
}

/** `may 1963`, `5/1963`. @param {string[]} parts @param {CivilDate} today @param {boolean} birth */
function monthYear([first = '', second = ''], today, birth) {
  const month = monthOf(first) ?? (/^\d{1,2}$/.test(first) ? Number(first) : null);
  if (month === null || month < 1 || 12 < month || !/^\d{4}$/.test(second)) return null;
  return yearsOf(second, today, birth).map((year) => ({ year, month, day: null }));
}

/**
 * A month in letters: three or more of an English name, or as many of the page's language as
 * tell it from the others.
 * @param {string} word
 */
function monthOf(word) {
  const plain = bare(word);
  if (!/^\p{L}{3,}$/u.test(plain)) return null;
  const english = /^[a-z]{3,9}$/.test(plain) ? MONTHS.indexOf(plain.slice(0, 3)) : -1;
  if (english >= 0) return english + 1;
  const fitting = monthNames().flatMap((names, i) =>
    names.some((name) => bare(name).startsWith(plain)) ? [i + 1] : [],
  );
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** Small letters without accents and points. @param {string} word */
function bare(word) {
  return word.normalize('NFD').replace(/\p{M}|\./gu, '').toLowerCase();
}

/**
 * A year of two digits: the latest that is not in the future, and the century before when
 * somebody born then may well be alive.
 * @param {string} text
 * @param {CivilDate} today
 * @param {boolean} birth
 */
function yearsOf(text, today, birth) {
  if (text.length === 4) return [Number(text)];
  if (text.length !== 2) return [];
  const century = Math.floor(today.year / 100) * 100;
  const near = century + Number(text);
  if (!birth) return [near];
  const late = near <= today.year ? near : near - 100;
  const early = late - 100;
  return today.year - early <= OLDEST_YEARS ? [late, early] : [late];
}

/** @param {number[]} years @param {number} month @param {number} day @returns {CivilDate[]} */
function valid(years, month, day) {
  if (month < 1 || 12 < month) return [];
  return years
    .filter((year) => 1 <= day && day <= daysInMonth(year, month))
    .map((year) => ({ year, month, day }));
}

/** @param {CivilDate} date @param {number} days @returns {CivilDate} */
function addDays(date, days) {
  const at = new Date(utcOf(date) + days * 86_400_000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/**
 * The same day of another month, or its last day.
 * @param {CivilDate} date
 * @param {number} months
 */
function addMonths(date, months) {
  const count = date.year * 12 + (date.month ?? 1) - 1 + months;
  const year = Math.floor(count / 12);
  const month = (count % 12) + 1;
  return { year, month, day: Math.min(date.day ?? 1, daysInMonth(year, month)) };
}
