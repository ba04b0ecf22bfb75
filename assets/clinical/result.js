// Results: a value never travels alone. Value, unit, flag in words, range, time and status.

import { classes, h, html } from '../lib/ui.js';
import { compareDecimals, decimalText, displayDecimal, unitText } from '../lib/decimal.js';
import { t } from '../lib/i18n.js';
import { DateText } from './primitives.js';
import { Shape } from './shape.js';

/** @typedef {import('../types/record.js').Observation} Observation */
/** @typedef {import('../types/record.js').Value} Value */
/** @typedef {import('./shape.js').ShapeName} ShapeName */
/** @typedef {{ word: string, shape: ShapeName, tone: 'crit' | 'warn' | 'ok' | 'neutral' }} Flag */

/** Interpretations of HL7, and what they are for a reader. @type {Record<string, Flag>} */
const FLAGS = {
  HH: { word: 'flag.critical_high', shape: 'up2', tone: 'crit' },
  LL: { word: 'flag.critical_low', shape: 'down2', tone: 'crit' },
  AA: { word: 'flag.critical', shape: 'up2', tone: 'crit' },
  H: { word: 'flag.high', shape: 'up', tone: 'warn' },
  HU: { word: 'flag.high', shape: 'up', tone: 'warn' },
  L: { word: 'flag.low', shape: 'down', tone: 'warn' },
  LU: { word: 'flag.low', shape: 'down', tone: 'warn' },
  A: { word: 'flag.abnormal', shape: 'up', tone: 'warn' },
  N: { word: 'flag.normal', shape: 'dot', tone: 'ok' },
};

/**
 * What the laboratory said, or else what the range says.
 * @param {Pick<Observation, 'interpretation' | 'value_decimal' | 'range_low' | 'range_high'>} of
 * @returns {Flag | null} null when nothing says anything
 */
export function flagOf({ interpretation, value_decimal: value, range_low: low, range_high: high }) {
  if (interpretation) {
    const known = FLAGS[interpretation.toUpperCase()];
    return known ?? { word: interpretation, shape: 'dot', tone: 'neutral' };
  }
  if (value === null) return null;
  if (high !== null && compareDecimals(value, high) === 1) return FLAGS.H ?? null;
  if (low !== null && compareDecimals(value, low) === -1) return FLAGS.L ?? null;
  return null;
}

/** @param {{ flag: Flag }} props */
export function FlagText({ flag }) {
  return html`<span class=${classes('flag', flag.tone)}
    >${h(Shape, { name: flag.shape })} ${t(flag.word)}</span
  >`;
}

/**
 * Value and unit alone, for tables whose columns say the rest. A rounded value is underlined
 * with dots and says so.
 * @param {{ value: Value, exact?: boolean }} props
 */
export function ValueText({ value, exact }) {
  if (value.value_decimal !== null) {
    const unit = unitText(value.unit);
    const shown = exact
      ? { text: decimalText(value.value_decimal), rounded: false }
      : displayDecimal(value.value_decimal);
    const recorded = t('value.rounded', { value: decimalText(value.value_decimal) });
    return html`<bdi dir="ltr" class="value"
      ><b
        class=${shown.rounded ? 'rounded' : undefined}
        title=${shown.rounded ? recorded : undefined}
        >${value.value_comparator}${shown.text}</b
      >${unit && html`\u00a0<span class="unit">${unit}</span>`}</bdi
    >`;
  }
  const text = value.value_text ?? value.value_code;
  if (!text) return null;
  return html`<bdi dir="auto" class="value"><b>${text}</b></bdi>`;
}

/** @param {{ of: Pick<Observation, 'range_low' | 'range_high' | 'range_text' | 'unit'> }} props */
export function RangeText({ of }) {
  const text = rangeText(of);
  return text ? html`<bdi dir="auto" class="range">${text}</bdi>` : null;
}

/**
 * `3.5–5.3`, `up to 5.3`, or the words of the laboratory.
 * @param {Pick<Observation, 'range_low' | 'range_high' | 'range_text'>} of
 */
export function rangeText({ range_low: low, range_high: high, range_text: text }) {
  if (low && high) return `${decimalText(low)}–${decimalText(high)}`;
  if (high) return t('range.up_to', { high: decimalText(high) });
  if (low) return t('range.from', { low: decimalText(low) });
  return text ?? '';
}

/**
 * @param {{ of: Observation, time?: boolean, exact?: boolean }} props
 *   `time` false only where one time stands above a whole set
 */
export function Result({ of, time = true, exact }) {
  const flag = flagOf(of);
  const odd = !['final', 'amended', 'corrected'].includes(of.status);
  const parts = of.components ?? [];
  const range = rangeText(of);
  const own = h(ValueText, { value: of, exact });
  const hasOwn = of.value_decimal !== null || of.value_text || of.value_code;
  return html`<span class="result">
    ${hasOwn && own}
    ${parts.map(
      (part, i) => html`<span key=${i} class="part">
        <span class="label">${part.code_text}</span> ${h(ValueText, { value: part, exact })}
      </span>`,
    )}
    ${
      !hasOwn &&
      parts.length === 0 &&
      html`<span class="quiet">${of.absent_reason ?? t('value.not_recorded')}</span>`
    }
    ${flag && h(FlagText, { flag })} ${range && html`<span class="range">(${range})</span>`}
    ${odd && html`<span class="quiet">${t(`status.${of.status}`)}</span>`}
    ${time && h(DateText, { recorded: of.effective_recorded, at: of.effective_at })}
  </span>`;
}
