// Decimals as text. The server sends the digits that were written ("6.80"); they are never
// turned into a binary number on their way to the eye, so no digit is invented or lost. The
// marks are those of the page's language: where a comma is the decimal mark, `1,000` would be
// read as one, so thousands stand apart by a narrow space there.

import { latinDigits } from './digits.js';
import { language, t } from './i18n.js';

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** @typedef {{ negative: boolean, whole: string, fraction: string }} Digits */

/**
 * @param {string | number | null | undefined} text
 * @returns {Digits | null} null when it is no decimal
 */
export function parseDecimal(text) {
  const match = DECIMAL.exec(String(text ?? '').trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', power] = match;
  if (!whole && !fraction) return null;
  const moved = power ? movePoint(whole, fraction, Number(power)) : { whole, fraction };
  return {
    negative: sign === '-',
    whole: moved.whole.replace(/^0+(?=\d)/, '') || '0',
    fraction: moved.fraction,
  };
}

/** Decimal mark and thousands mark; anybody else's are those of English. */
const MARKS = { fr: [',', '\u202f'] };

function marks() {
  return MARKS[/** @type {keyof typeof MARKS} */ (language())] ?? ['.', ','];
}

/**
 * A number as somebody typed it, with the point that the server takes: `37,5`, and digits of any
 * script. Where the comma is not the decimal mark of the language, `1,234` stays as it is and so
 * is no number: it may mean a thousand.
 * @param {string} text
 */
export function typedDecimal(text) {
  const plain = latinDigits(text.trim());
  const [point = '.'] = marks();
  const comma = /^[+-]?\d*,\d*$/.test(plain) && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain);
  return point === ',' || comma ? plain.replace(',', '.') : plain;
}

/** @param {string} whole @param {string} fraction @param {number} power */
function movePoint(whole, fraction, power) {
  if (power < 0) {
    const padded = whole.padStart(-power + 1, '0');
    const point = padded.length + power;
    return { whole: padded.slice(0, point), fraction: padded.slice(point) + fraction };
  }
  const padded = fraction.padEnd(power, '0');
  return { whole: whole + padded.slice(0, power), fraction: padded.slice(power) };
}

/**
 * A measured value with every digit that was recorded, a zero before the point, commas from
 * 1,000. Text that is no decimal is given back as it is.
 * @param {string | number | null | undefined} text
 */
export function decimalText(text) {
  const digits = parseDecimal(text);
  return digits ? join(digits) : String(text ?? '');
}

/**
 * A dose: like a measured value, but without the zeros behind the point that could be read
 * as ten times as much (`5.0` is `5`).
 * @param {string | number | null | undefined} text
 */
export function doseText(text) {
  const digits = parseDecimal(text);
  if (!digits) return String(text ?? '');
  return join({ ...digits, fraction: digits.fraction.replace(/0+$/, '') });
}

/**
 * For places where eye and chart need few digits: a value recorded with more than four digits
 * behind the point (machines send 174.88922425470204) is rounded to two, a tiny one to its first
 * three digits. `rounded` says so, and the screen must say so too.
 * @param {string | number | null | undefined} text
 * @returns {{ text: string, rounded: boolean }}
 */
export function displayDecimal(text) {
  const digits = parseDecimal(text);
  if (!digits || digits.fraction.length <= 4) return { text: decimalText(text), rounded: false };
  const zeros = digits.whole === '0' ? (/^0*/.exec(digits.fraction)?.[0].length ?? 0) : 0;
  const places = zeros === 0 ? 2 : zeros + 3;
  return { text: join(roundHalfUp(digits, places)), rounded: true };
}

/** @param {Digits} digits @param {number} places @returns {Digits} */
function roundHalfUp(digits, places) {
  const kept = BigInt(digits.whole + digits.fraction.slice(0, places));
  const next = Number(digits.fraction[places] ?? '0');
  const text = String(kept + (5 <= next ? 1n : 0n)).padStart(places + 1, '0');
  return {
    negative: digits.negative,
    whole: text.slice(0, text.length - places),
    fraction: text.slice(text.length - places),
  };
}

/** @param {Digits} digits */
function join({ negative, whole, fraction }) {
  const [point, thousands = ''] = marks();
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, thousands);
  return `${negative ? '−' : ''}${grouped}${fraction ? point + fraction : ''}`;
}

/** Units as codes or as machines write them, and how a person reads them beside a result. */
const RESULT_UNITS = new Map([
  ['mm[Hg]', 'mmHg'],
  ['Cel', '°C'],
  ['[degF]', '°F'],
  ['kg/m2', 'kg/m²'],
  ['mL/min/{1.73_m2}', 'mL/min/1.73 m²'],
  ['10*3/uL', '×10³/µL'],
  ['10*6/uL', '×10⁶/µL'],
  ['10*9/L', '×10⁹/L'],
  ['10*12/L', '×10¹²/L'],
  ['[in_i]', 'in'],
  ['[lb_av]', 'lb'],
  ['[pH]', 'pH'],
  ['1', ''],
]);

/**
 * @param {string | null | undefined} unit
 * @returns {string} empty when there is none
 */
export function unitText(unit) {
  const text = (unit ?? '').trim();
  const known = RESULT_UNITS.get(text);
  if (known !== undefined) return known;
  if (text === 'a') return t('unit.years');
  return text
    .replace(/\{score\}|\{ratio\}|\{nominal\}/g, '')
    .replace(/[{}]/g, '')
    .replace(/\[iU\]|\[IU\]|\bIU\b/g, t('unit.units'))
    .replace(/(^|\/)u(?=[gLml])/g, '$1µ');
}

/** Units that are misread in doses are written in full, as the bodies on medicine safety ask. */
const DOSE_UNITS = new Map([
  ['ug', 'micrograms'],
  ['µg', 'micrograms'],
  ['μg', 'micrograms'],
  ['mcg', 'micrograms'],
  ['ng', 'nanograms'],
  ['u', 'units'],
  ['iu', 'units'],
  ['[iu]', 'units'],
  ['unt', 'units'],
  ['unit', 'units'],
  ['units', 'units'],
]);

/** Signs that are the same in every language, in their right spelling. */
const DOSE_SIGNS = new Map([
  ['ml', 'mL'],
  ['cc', 'mL'],
  ['mg', 'mg'],
  ['g', 'g'],
]);

/**
 * @param {string | null | undefined} unit
 * @returns {string} empty when there is none
 */
export function doseUnitText(unit) {
  const text = (unit ?? '').trim();
  if (/^\{.*\}$/.test(text)) return text.slice(1, -1);
  const word = DOSE_UNITS.get(text.toLowerCase());
  if (word) return t(`unit.${word}`);
  const sign = DOSE_SIGNS.get(text.toLowerCase());
  return sign ?? text.replaceAll('/', ` ${t('unit.per')} `);
}

/**
 * -1, 0 or 1; null when one is no decimal. Good for flags and sorting.
 * @param {string | null | undefined} left
 * @param {string | null | undefined} right
 */
export function compareDecimals(left, right) {
  const a = parseDecimal(left);
  const b = parseDecimal(right);
  if (!a || !b) return null;
  const places = Math.max(a.fraction.length, b.fraction.length);
  const x = scaled(a, places);
  const y = scaled(b, places);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** @param {Digits} digits @param {number} places */
function scaled({ negative, whole, fraction }, places) {
  const size = BigInt(whole + fraction.padEnd(places, '0'));
  return negative ? -size : size;
}
