// A set of vital signs. Each value is a row of its own on the server, so the form sends them one
// after the other and says exactly which were saved; what was not can be sent again, once. A
// value that is unusual holds the first save until somebody says that it is right.

import { h, html, useEffect, useRef, useState } from '../../../lib/ui.js';
import { api, idempotencyKey } from '../../../lib/api.js';
import { parseDecimal, typedDecimal, unitText } from '../../../lib/decimal.js';
import { civilText, fullYears, nameText, timeText, today } from '../../../lib/format.js';
import { t } from '../../../lib/i18n.js';
import { Problem } from '../../../lib/problem.js';
import { serverNow } from '../../../lib/time.js';
import { refresh, useRecord } from '../../../clinical/record-store.js';
import {
  PRESSURES,
  SINGLES,
  impossible,
  observationsOf,
  pressureOrder,
  unusual,
} from '../../../clinical/vitals.js';
import { CheckField, Field, describedBy } from '../../../ui/field.js';
import { ErrorSummary } from '../../../ui/form.js';
import { Icon } from '../../../ui/icon.js';
import { explain } from '../../../ui/state.js';
import { toast } from '../../../ui/toast.js';
import { unsaved } from '../panel.js';
import { FormField } from './field.js';
import { check, momentText } from './values.js';

/** @typedef {import('../../../clinical/vitals.js').Vital} Vital */
/** @typedef {import('./values.js').Errors} Errors */
/** @typedef {Record<string, 'saved' | string>} Outcome per row: saved, or why not */

const ALL = [...PRESSURES, ...SINGLES];
/** @type {import('./values.js').FieldSpec} */
const WHEN = { name: 'effective_recorded', label: 'vitals.when', type: 'moment', required: true };

/** @param {{ patientId: string, close: () => void }} props */
export function VitalsForm({ patientId, close }) {
  const [typed, setTyped] = useState(/** @type {Record<string, string>} */ (firstValues()));
  const [state, setState] = useState({
    busy: false,
    round: 0,
    errors: /** @type {Errors} */ ({}),
    outcome: /** @type {Outcome} */ ({}),
  });
  // Which unusual values were asked about, and those that somebody has said are right.
  const [asked, setAsked] = useState(false);
  const [right, setRight] = useState('');
  const keys = useRef(/** @type {Map<string, string>} */ (new Map()));
  const patient = useRecord(patientId, 'patient').data;
  const set = (/** @type {string} */ name, /** @type {string} */ value) =>
    setTyped((old) => ({ ...old, [name]: value }));
  const years = fullYears(patient?.birth_date);
  const equal = pressureOrder(typed) === 'equal';
  const odd = ALL.filter(
    (vital) =>
      (equal && PRESSURES.includes(vital)) || unusual(vital, typed[vital.name] ?? '', years),
  );
  const told = odd.map((vital) => `${vital.name} ${typed[vital.name]?.trim()}`).join(', ');
  const dirty = ALL.some((vital) => typed[vital.name]?.trim());
  useEffect(() => {
    unsaved.value = dirty;
  }, [dirty]);

  const save = async () => {
    if (state.busy) return;
    const errors = findErrors(typed);
    if (Object.keys(errors).length > 0) {
      return setState((old) => ({ ...old, errors, round: old.round + 1 }));
    }
    if (told && told !== right) {
      setAsked(true);
      return setState((old) => ({ ...old, errors: {}, round: old.round + 1 }));
    }
    setState((old) => ({ ...old, busy: true, errors: {} }));
    const recorded = momentText(typed[WHEN.name] ?? '', typed[`${WHEN.name}:time`] ?? '');
    const rows = observationsOf(typed, { patientId, recorded });
    const waiting = rows.filter((row) => state.outcome[row.name] !== 'saved');
    const outcome = { ...state.outcome, ...(await sendAll(waiting, keys.current)) };
    refresh(patientId, 'observations', 'series');
    const failed = rows.some((row) => outcome[row.name] !== 'saved');
    if (!failed) {
      toast(t('vitals.saved', { count: rows.length }));
      return close();
    }
    setState((old) => ({ ...old, busy: false, outcome, round: old.round + 1 }));
  };

  const name = patient ? nameText(patient) : '';
  return html`<form
    class="stack"
    novalidate
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      save();
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    }}
  >
    ${h(ErrorSummary, { errors: inShort(state.errors), round: state.round })}
    ${h(Outcomes, { outcome: state.outcome })}
    ${asked &&
    told &&
    h(AskRight, {
      key: state.round,
      odd,
      equal,
      typed,
      checked: told === right,
      onCheck: (is) => setRight(is ? told : ''),
    })}
    ${h(FormField, { field: WHEN, values: typed, set, errors: state.errors })}
    <div class="vitals">
      ${ALL.map((vital) => {
        const row = PRESSURES.includes(vital) ? 'pressure' : vital.name;
        const locked = state.outcome[row] === 'saved';
        return h(VitalField, { vital, typed, years, set, errors: state.errors, locked });
      })}
    </div>
    <div class="panel-foot">
      <button class="button primary wrap" type="submit" disabled=${state.busy}>
        ${state.busy ? t('form.saving') : t('form.save_for', { name })} <kbd>Ctrl ↵</kbd>
      </button>
    </div>
  </form>`;
}

function firstValues() {
  return { [WHEN.name]: civilText(today()), [`${WHEN.name}:time`]: timeText(serverNow()) };
}

/** @param {Record<string, string>} typed @returns {Errors} */
function findErrors(typed) {
  const errors = check([WHEN], typed);
  for (const vital of ALL) {
    const value = typed[vital.name]?.trim();
    if (value && !parseDecimal(typedDecimal(value))) {
      errors[`f-${vital.name}`] = t('form.number', { label: t(`vital.${vital.name}`) });
    } else if (value && impossible(vital, value)) {
      errors[`f-${vital.name}`] = outOfPossible(vital);
    }
  }
  if (!errors['f-diastolic'] && pressureOrder(typed) === 'above') {
    errors['f-diastolic'] = t('vitals.above');
  }
  if (!ALL.some((vital) => typed[vital.name]?.trim())) errors['f-systolic'] = t('vitals.none');
  return errors;
}

/**
 * The errors for the summary: what is wrong with a value stands at its field, once.
 * @param {Errors} errors @returns {Errors}
 */
function inShort(errors) {
  const short = { ...errors };
  for (const vital of ALL) {
    const wrong = errors[`f-${vital.name}`];
    if (wrong && wrong !== t('vitals.none')) {
      short[`f-${vital.name}`] = t('vitals.look', { label: t(`vital.${vital.name}`) });
    }
  }
  return short;
}

/** @param {Vital} vital */
function outOfPossible({ name, unit, possible: [low, high] }) {
  return t('vitals.possible', { label: t(`vital.${name}`), low, high, unit: unitText(unit) });
}

/**
 * Asks about unusual values; nothing is saved until somebody says that they are right.
 * @param {{ odd: Vital[], equal: boolean, typed: Record<string, string>,
 *   checked: boolean, onCheck: (is: boolean) => void }} props
 */
function AskRight({ odd, equal, typed, checked, onCheck }) {
  useEffect(() => document.getElementById('f-vitals-right')?.focus(), []);
  return html`<div class="alert warn" role="alert">
    ${h(Icon, { name: 'warn' })}
    <div>
      <p class="alert-title">${t('vitals.ask')}</p>
      ${equal && html`<p>${t('vitals.equal')}</p>`}
      <ul>
        ${odd.map(
          (vital) => html`<li key=${vital.name}>
            ${t(`vital.${vital.name}`)}${' '}
            <bdi dir="ltr"><b>${typed[vital.name]?.trim()}</b> ${unitText(vital.unit)}</bdi>
          </li>`,
        )}
      </ul>
      ${h(CheckField, {
        id: 'f-vitals-right',
        label: t('vitals.right'),
        checked,
        onChange: onCheck,
      })}
    </div>
  </div>`;
}

/**
 * Sends row after row. A row keeps its key until an answer came, so that a repeat makes no second.
 * @param {{ name: string, body: Record<string, unknown> }[]} rows
 * @param {Map<string, string>} keys
 * @returns {Promise<Outcome>}
 */
async function sendAll(rows, keys) {
  /** @type {Outcome} */
  const outcome = {};
  for (const { name, body } of rows) {
    // The same values sent again carry the same key; changed ones are another row.
    const text = JSON.stringify(body);
    const key = keys.get(text) ?? idempotencyKey();
    keys.set(text, key);
    try {
      await api.post('/observations', body, { idempotencyKey: key });
      outcome[name] = 'saved';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 0) keys.delete(text);
      outcome[name] = error.errors[0]?.message ?? explain(error);
    }
  }
  return outcome;
}

/** @param {{ outcome: Outcome }} props */
function Outcomes({ outcome }) {
  const entries = Object.entries(outcome);
  if (entries.length === 0) return null;
  return html`<div class="alert crit" role="alert">
    ${h(Icon, { name: 'warn' })}
    <div>
      <p class="alert-title">${t('vitals.partly')}</p>
      <ul>
        ${entries.map(
          ([name, said]) => html`<li key=${name}>
            ${t(`vital.${name}`)}: ${said === 'saved' ? t('vitals.row_saved') : said}
          </li>`,
        )}
      </ul>
    </div>
  </div>`;
}

/**
 * Number and unit; the unit stands outside of the box and cannot change.
 * @param {{ vital: Vital, typed: Record<string, string>, years: number | null, errors: Errors,
 *   locked: boolean, set: (name: string, value: string) => void }} props
 */
function VitalField({ vital, typed, years, set, errors, locked }) {
  const id = `f-${vital.name}`;
  const [left, setLeft] = useState(false);
  const value = typed[vital.name] ?? '';
  const label = t(`vital.${vital.name}`);
  const error = errors[id];
  const note = !left || error ? undefined : noteOf(vital, value, years);
  return h(Field, {
    id,
    label,
    error,
    note: note && html`<span class="check">${h(Icon, { name: 'warn' })} ${note}</span>`,
    children: html`<div class="with-unit">
      <input
        id=${id}
        class="input"
        value=${value}
        disabled=${locked}
        data-first=${vital === PRESSURES[0] ? '' : undefined}
        inputmode="decimal"
        autocomplete="off"
        dir="ltr"
        maxlength="12"
        aria-invalid=${error ? 'true' : undefined}
        aria-describedby=${describedBy({ id, error, note })}
        onInput=${(/** @type {Event} */ event) =>
          set(vital.name, /** @type {HTMLInputElement} */ (event.currentTarget).value)}
        onBlur=${() => setLeft(true)}
      />
      <bdi dir="ltr">${unitText(vital.unit)}</bdi>
    </div>`,
  });
}

/**
 * What is said on leaving the field. @param {Vital} vital @param {string} value
 * @param {number | null} years
 */
function noteOf(vital, value, years) {
  if (impossible(vital, value)) return outOfPossible(vital);
  if (!unusual(vital, value, years)) return undefined;
  const label = t(`vital.${vital.name}`);
  return t('vitals.check', { label, value, unit: unitText(vital.unit) });
}
