// The last value of a curve in words, and the one before it.

import { h, html } from '../../lib/ui.js';
import { displayDecimal, unitText } from '../../lib/decimal.js';
import { t } from '../../lib/i18n.js';
import { DateText } from '../../clinical/primitives.js';
import { FlagText, ValueText, flagOf } from '../../clinical/result.js';

/** @typedef {import('../../types/record.js').Series} Series */

/**
 * A pressure is two series with one time: `134/83 mmHg`.
 * @param {{ series: Series[] }} props
 */
export function SeriesValue({ series }) {
  const [first, second] = series;
  if (!first) return null;
  const flag = flagOf({
    interpretation: null,
    value_decimal: first.last.value,
    range_low: first.range_low ?? null,
    range_high: first.range_high ?? null,
  });
  return html`<span class="result">
    ${
      second
        ? h(Pair, { first: first.last.value, second: second.last.value, unit: first.unit })
        : h(One, { of: first })
    }
    ${flag && !second && h(FlagText, { flag })}
    ${h(DateText, { recorded: first.last.recorded, at: first.last.at, dateOnly: true })}
  </span>`;
}

/** @param {{ of: Series, point?: import('../../types/record.js').SeriesPoint }} props */
export function One({ of, point }) {
  const { value, comparator } = point ?? of.last;
  return h(ValueText, {
    value: {
      value_decimal: value,
      value_comparator: comparator ?? null,
      unit: of.unit,
      unit_code: null,
      value_system: null,
      value_code: null,
      value_text: null,
    },
  });
}

/** @param {{ first: string, second: string, unit: string | null }} props */
export function Pair({ first, second, unit }) {
  const high = displayDecimal(first);
  const low = displayDecimal(second);
  const rounded = high.rounded || low.rounded;
  return html`<bdi dir="ltr" class="value"
    ><b
      class=${rounded ? 'rounded' : undefined}
      title=${rounded ? t('value.rounded', { value: `${first} / ${second}` }) : undefined}
      >${high.text}/${low.text}</b
    >\u00a0<span class="unit">${unitText(unit)}</span></bdi
  >`;
}
