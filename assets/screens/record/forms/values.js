// From what is typed in a form to the body of a request, and back.

import { readDate } from '../../../lib/date-input.js';
import { parseDecimal, typedDecimal } from '../../../lib/decimal.js';
import { latinDigits } from '../../../lib/digits.js';
import {
  civilText,
  facilityInstant,
  parseCivil,
  recordedParts,
  timeText,
  today,
} from '../../../lib/format.js';
import { t } from '../../../lib/i18n.js';
import { serverNow } from '../../../lib/time.js';

/**
 * @typedef {object} FieldSpec
 * @property {string} name of the column
 * @property {string} label message key
 * @property {'text' | 'long' | 'date' | 'moment' | 'select' | 'radio' | 'decimal' | 'whole'
 *   | 'check'} type
 * @property {boolean} [required]
 * @property {string} [hint] message key
 * @property {string[]} [options] values of a select or radio; '' stands for not recorded
 * @property {string} [words] prefix of the message keys of the options
 * @property {Record<string, string>} [labels] of options that have names instead of messages
 * @property {boolean} [hidden] kept as it is, and not asked
 * @property {string} [suggest] names a list of words to choose from
 * @property {boolean} [beside] stands in one row with the field before it
 * @property {string} [start] first value of a new form; of a moment `now`, or `today` where the
 *   hour is seldom known
 * @property {string} [after] the name of the moment that it must not lie before
 * @property {boolean} [future] a date may lie in the future
 * @property {string} [needs] permission without which the field is not there
 */
/**
 * What is typed, by name; a moment has `name` and `name:time`.
 * @typedef {Record<string, string>} Values
 */
/** @typedef {Record<string, string>} Errors */

/** @param {FieldSpec} field */
export function idOf(field) {
  return `f-${field.name}`;
}

/**
 * @param {FieldSpec[]} fields @param {Record<string, any> | null} row
 * @returns {Values}
 */
export function valuesOf(fields, row) {
  /** @type {Values} */
  const values = {};
  for (const field of fields) {
    const given = row ? row[field.name] : (field.start ?? null);
    if (field.type === 'date' || field.type === 'moment') {
      Object.assign(values, momentValues(field, given, row === null));
    } else if (field.type === 'check') {
      values[field.name] = given === true || given === 'true' ? 'true' : 'false';
    } else {
      values[field.name] = given === null || given === undefined ? '' : String(given);
    }
  }
  return values;
}

/**
 * @param {FieldSpec} field @param {string | null} given @param {boolean} fresh
 * @returns {Values}
 */
function momentValues(field, given, fresh) {
  if (fresh && (given === 'now' || given === 'today')) {
    const time = given === 'now' ? timeText(serverNow()) : '';
    return { [field.name]: civilText(today()), [`${field.name}:time`]: time };
  }
  const parts = recordedParts(given);
  return {
    [field.name]: parts ? civilText(parts.date) : '',
    [`${field.name}:time`]: parts?.time ?? '',
  };
}

/**
 * Checks what the browser can know; the server has the last word.
 * @param {FieldSpec[]} fields @param {Values} values
 * @returns {Errors} by the id of the field
 */
export function check(fields, values) {
  /** @type {Errors} */
  const errors = {};
  for (const field of fields) {
    const message = wrong(field, values);
    if (message) errors[idOf(field)] = message;
  }
  return errors;
}

/** @param {FieldSpec} field @param {Values} values @returns {string | null} */
function wrong(field, values) {
  const value = (values[field.name] ?? '').trim();
  const label = t(field.label);
  if (!value) {
    if (values[`${field.name}:time`]?.trim()) return t('form.date_first', { label });
    return field.required ? t('form.required', { label }) : null;
  }
  if (field.type === 'decimal' && !parseDecimal(typedDecimal(value))) {
    return t('form.number', { label });
  }
  if (field.type === 'whole' && !/^[1-9]\d{0,3}$/.test(latinDigits(value))) {
    return t('form.whole', { label });
  }
  if (field.type !== 'date' && field.type !== 'moment') return null;
  const typed = readDate(value, { today: today() });
  if (typed.kind === 'choose') return t('form.date_choose', { label });
  if (typed.kind !== 'date') return t('form.date', { label });
  const time = (values[`${field.name}:time`] ?? '').trim();
  if (time && !readTime(time)) return t('form.time', { label });
  if (time && typed.iso.length < 10) return t('form.time_day', { label });
  if (!field.future && later(typed.iso)) return t('form.future', { label });
  return field.after && before(field, values) ? t('form.order') : null;
}

/**
 * Whether the end lies before its start, as far as dates without their day or hour can tell.
 * @param {FieldSpec} field @param {Values} values
 */
function before({ name, after = '' }, values) {
  const start = readDate(values[after] ?? '', { today: today() });
  const end = readDate(values[name] ?? '', { today: today() });
  if (start.kind !== 'date' || end.kind !== 'date') return false;
  const known = Math.min(start.iso.length, end.iso.length);
  const [from, until] = [start.iso.slice(0, known), end.iso.slice(0, known)];
  if (from !== until || known < 10) return until < from;
  const [first, last] = [after, name].map((one) => readTime(values[`${one}:time`] ?? ''));
  if (!first || !last) return false;
  return last.hour * 60 + last.minute < first.hour * 60 + first.minute;
}

/** @param {string} iso */
function later(iso) {
  const now = today();
  const on = parseCivil(iso);
  if (!on) return false;
  const left = [on.year, on.month ?? 0, on.day ?? 0];
  const right = [now.year, on.month ? (now.month ?? 0) : 0, on.day ? (now.day ?? 0) : 0];
  for (const [i, part] of left.entries()) {
    if (part !== right[i]) return part > (right[i] ?? 0);
  }
  return false;
}

/**
 * `905`, `0905`, `9:05`, `9.05`.
 * @param {string} text @returns {{ hour: number, minute: number } | null}
 */
export function readTime(text) {
  const match = /^(\d{1,2})[:.h]?(\d{2})$/.exec(latinDigits(text).trim());
  if (!match) return null;
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  return hour < 24 && minute < 60 ? { hour, minute } : null;
}

/**
 * The body of the request. For a change only what differs from `before` is sent, so that a time
 * recorded to the second or with another offset stays as it was.
 * @param {FieldSpec[]} fields @param {Values} values @param {Values | null} before
 */
export function bodyOf(fields, values, before) {
  /** @type {Record<string, unknown>} */
  const body = {};
  for (const field of fields) {
    const names = [field.name, `${field.name}:time`];
    if (before && names.every((name) => (before[name] ?? '') === (values[name] ?? ''))) continue;
    const value = bodyValue(field, values);
    if (value !== null || before) body[field.name] = value;
  }
  return body;
}

/** @param {FieldSpec} field @param {Values} values */
function bodyValue(field, values) {
  const value = (values[field.name] ?? '').trim();
  if (field.type === 'check') return value === 'true';
  if (!value) return null;
  if (field.type === 'whole') return Number(latinDigits(value));
  if (field.type === 'decimal') return typedDecimal(value);
  if (field.type === 'date' || field.type === 'moment') {
    return momentText(value, values[`${field.name}:time`] ?? '');
  }
  return value;
}

/** @param {string} date @param {string} time as typed, already checked */
export function momentText(date, time) {
  const { iso } = readDate(date, { today: today() });
  const clock = readTime(time);
  const civil = parseCivil(iso);
  return clock && civil ? facilityInstant(civil, clock.hour, clock.minute) : iso;
}
