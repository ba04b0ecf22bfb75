// A date as free text, always answered in letters: what was understood stands below the field.

import { html, h } from '../lib/ui.js';
import { readDate } from '../lib/date-input.js';
import { age, civilText, dateDirection, parseCivil, today } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { TextField } from './field.js';

/**
 * @param {{ id: string, label: string, value: string, onInput: (text: string) => void,
 *   error?: string, hint?: string, optional?: boolean, birth?: boolean, size?: number,
 *   narrow?: boolean }} props
 */
export function DateField({ birth, ...props }) {
  const typed = readDate(props.value, { today: today(), birth });
  return h(TextField, {
    ...props,
    dir: dateDirection(),
    size: props.size ?? 14,
    note: echo(typed, props, birth),
  });
}

/**
 * @param {import('../lib/date-input.js').Typed} typed
 * @param {{ onInput: (text: string) => void }} props
 * @param {boolean} [birth]
 */
function echo(typed, props, birth) {
  if (typed.kind === 'choose') {
    return html`${t('date.which')}${' '}
    ${typed.choices.map(
      (iso, i) =>
        html`<button
            key=${iso}
            class="link"
            type="button"
            onClick=${() => props.onInput(asTyped(iso, typed.about))}
          >
            ${inWords(iso)}</button
          >${i === 0 && ` ${t('date.or')} `}`,
    )}`;
  }
  if (typed.kind === 'unknown') return t('date.unknown');
  if (typed.kind === 'wrong') return t('date.not_understood');
  if (typed.kind !== 'date') return undefined;
  const civil = parseCivil(typed.iso);
  if (!civil) return undefined;
  const date = civilText(civil, { weekday: true });
  const years = birth ? age(typed.iso) : null;
  const shown = typed.about ? t('born.about', { date }) : date;
  return html`<bdi dir=${dateDirection()} class="understood"
    >${years ? `${shown} (${years.text})` : shown}</bdi
  >`;
}

/** The chosen date as one would have typed it. @param {string} iso @param {boolean} about */
function asTyped(iso, about) {
  return about ? t('born.about', { date: inWords(iso) }) : inWords(iso);
}

/** @param {string} iso */
function inWords(iso) {
  const civil = parseCivil(iso);
  return civil ? civilText(civil) : iso;
}
