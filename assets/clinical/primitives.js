// The only way in which clinical values reach the screen. All are isolated with a direction of
// their own, so that a page written from right to left does not turn `08-Nov-2013` around, and
// none is cut.

import { classes, h, html } from '../lib/ui.js';
import {
  age as ageOf,
  civilSpoken,
  civilText,
  dateDirection,
  givenText,
  parseCivil,
  recordedParts,
  timeText,
  upperFamily,
} from '../lib/format.js';
import { doseText, doseUnitText } from '../lib/decimal.js';
import { t } from '../lib/i18n.js';
import { CopyButton } from './copy.js';

/** @typedef {import('../types/record.js').MedicationRequest} MedicationRequest */

/**
 * `MOREAU, Bekele (Mr)`. One name alone is fine.
 * @param {{ family?: string | null, given?: string | string[] | null,
 *   prefix?: string | null }} props
 */
export function PatientName({ family, given, prefix }) {
  const first = givenText(given);
  return html`<bdi class="patient-name" dir="auto"
    >${family && html`<b>${upperFamily(family)}</b>`}${family && first ? ', ' : ''}${first}${
      prefix ? ` (${prefix.replace(/\.$/, '')})` : ''
    }</bdi
  >`;
}

/**
 * `20-Nov-2026 09:05`, or less when less is known, or a word when nothing is.
 * @param {{ recorded?: string | null, at?: string | null, dateOnly?: boolean,
 *   weekday?: boolean, about?: boolean, none?: string }} props
 *   `about` marks an estimate, `none` is said when unknown
 */
export function DateText({ recorded, at, dateOnly, weekday, about, none }) {
  const parts = recordedParts(recorded, at ?? null);
  if (!parts) return html`<span class="quiet">${none ?? t('value.not_recorded')}</span>`;
  const date = civilText(parts.date, { weekday: weekday ?? false });
  const time = dateOnly ? null : parts.time;
  const spoken = civilSpoken(parts.date) + (time ? ` ${time}` : '');
  return html`<bdi dir=${dateDirection()} class="date"
    ><time aria-label=${about ? t('born.about', { date: spoken }) : spoken}
      >${about ? t('born.about', { date }) : date}${
        time && html` <span class="time">${time}</span>`
      }</time
    ></bdi
  >`;
}

/** `09:05` on the facility's clock. @param {{ at: string | number }} props */
export function TimeText({ at }) {
  return html`<bdi dir="ltr" class="date"><time>${timeText(at)}</time></bdi>`;
}

/**
 * The age in the units of care, at death for those who died.
 * @param {{ born: string | null, estimated?: boolean, on?: string | null }} props
 */
export function Age({ born, estimated, on }) {
  const end = on ? (parseCivil(on) ?? recordedParts(on)?.date) : undefined;
  const found = end === null ? null : ageOf(born, end);
  if (!found) return null;
  const about = found.about || estimated;
  const text = about ? t('age.about', { age: found.text }) : found.text;
  return html`<bdi dir=${dateDirection()} class="age">${text}</bdi>`;
}

/** `0.5 mL`, `1,000 units`. @param {{ value: string | null, unit?: string | null }} props */
export function Dose({ value, unit }) {
  if (!value) return null;
  const text = [doseText(value), doseUnitText(unit)].filter(Boolean).join('\u00a0');
  return html`<bdi dir="auto" class="dose">${text}</bdi>`;
}

/**
 * Drug – DOSE – route – how often, always in this order; it wraps and is never cut.
 * @param {{ med: MedicationRequest }} props
 */
export function MedLine({ med }) {
  const often = frequencyText(med);
  const parts = [
    med.dose_decimal &&
      html`<span class="label">${t('med.dose')}</span> ${h(Dose, {
        value: med.dose_decimal,
        unit: med.dose_unit,
      })}`,
    med.route_text && html`<bdi dir="auto">${med.route_text}</bdi>`,
    often,
    med.dose_text && html`<bdi dir="auto">${med.dose_text}</bdi>`,
  ].filter(Boolean);
  return html`<span class="med-line"
    ><b dir="auto">${med.code_text}</b>${parts.map((part) => html`<span> – ${part}</span>`)}</span
  >`;
}

const PERIODS = new Map([
  ['s', 'second'],
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['wk', 'week'],
  ['mo', 'month'],
  ['a', 'year'],
]);

/**
 * `twice a day`, `every 4 hours`, `when needed`; empty when nothing was recorded.
 * @param {Pick<MedicationRequest,
 *   'frequency' | 'period_decimal' | 'period_unit' | 'as_needed'>} med
 */
export function frequencyText(med) {
  const needed = med.as_needed ? t('med.as_needed') : '';
  const unit = PERIODS.get(med.period_unit ?? '');
  if (!unit || !med.frequency) return needed;
  const period = doseText(med.period_decimal ?? '1');
  const count = med.frequency;
  const often =
    period === '1'
      ? t(`med.per_${unit}`, { count })
      : count === 1
        ? t(`med.every_${unit}`, { period })
        : t(`med.times_every_${unit}`, { count, period });
  return needed ? `${often}, ${needed}` : often;
}

/** Beyond this a number from elsewhere would not fit into one line. */
const LONG_ID = 24;

/**
 * A record number: one line, even digits, with a button to copy it.
 * @param {{ value: string, copy?: boolean }} props
 */
export function Id({ value, copy }) {
  return html`<span class=${classes('id', LONG_ID < value.length && 'long')}
    ><bdi dir="ltr">${value}</bdi>${copy && h(CopyButton, { text: value })}</span
  >`;
}

/**
 * Text that somebody wrote, in its own direction; a word when there is none.
 * @param {{ text: string | null | undefined, class?: string }} props
 */
export function Written({ text, class: name }) {
  if (!text) return html`<span class="quiet">${t('value.not_recorded')}</span>`;
  return html`<bdi dir="auto" class=${classes('written', name)}>${text}</bdi>`;
}
