// The vital signs that a set of observations asks for: codes, units, the values beyond which the
// form asks to look again, and those that cannot be. None of them are reference ranges.

import { compareDecimals, typedDecimal } from '../lib/decimal.js';

/**
 * @typedef {object} Vital
 * @property {string} name of the field
 * @property {string} code LOINC
 * @property {string} unit as stored
 * @property {[number, number]} usual beyond which the form asks to look again, for adults
 * @property {[number, number]} young the same for children under twelve, from newborns on
 * @property {[number, number]} possible beyond which it is a slip; the server refuses it too
 * @property {string} title as recorded with the value
 */

export const LOINC = 'http://loinc.org';

/** Blood pressure is one observation with two parts. */
export const PRESSURE = { code: '85354-9', title: 'Blood pressure' };

/** @type {Vital[]} */
export const PRESSURES = [
  {
    name: 'systolic',
    code: '8480-6',
    unit: 'mm[Hg]',
    usual: [80, 200],
    young: [50, 140],
    possible: [0, 480],
    title: 'Systolic blood pressure',
  },
  {
    name: 'diastolic',
    code: '8462-4',
    unit: 'mm[Hg]',
    usual: [40, 120],
    young: [25, 90],
    possible: [0, 350],
    title: 'Diastolic blood pressure',
  },
];

/** @type {Vital[]} */
export const SINGLES = [
  {
    name: 'pulse',
    code: '8867-4',
    unit: '/min',
    usual: [40, 140],
    young: [60, 200],
    possible: [0, 480],
    title: 'Heart rate',
  },
  {
    name: 'temperature',
    code: '8310-5',
    unit: 'Cel',
    usual: [35, 39.5],
    young: [35.5, 39.5],
    possible: [10, 47],
    title: 'Body temperature',
  },
  {
    name: 'respiration',
    code: '9279-1',
    unit: '/min',
    usual: [8, 30],
    young: [12, 60],
    possible: [0, 200],
    title: 'Respiratory rate',
  },
  {
    name: 'saturation',
    code: '59408-5',
    unit: '%',
    usual: [90, 100],
    young: [90, 100],
    possible: [0, 100],
    title: 'Oxygen saturation',
  },
  {
    name: 'weight',
    code: '29463-7',
    unit: 'kg',
    usual: [30, 200],
    young: [1, 80],
    possible: [0.1, 650],
    title: 'Body weight',
  },
  {
    name: 'height',
    code: '8302-2',
    unit: 'cm',
    usual: [120, 220],
    young: [40, 180],
    possible: [15, 280],
    title: 'Body height',
  },
];

/** Years from which the limits of adults hold. */
const ADULT_YEARS = 12;

/**
 * Whether a typed value deserves a second look.
 * @param {Vital} vital @param {string} typed
 * @param {number | null} [years] whole years of age; an adult when unknown
 */
export function unusual(vital, typed, years = null) {
  const limits = years !== null && years < ADULT_YEARS ? vital.young : vital.usual;
  return isBeyond(limits, typed);
}

/** Whether no body can show the typed value. @param {Vital} vital @param {string} typed */
export function impossible(vital, typed) {
  return isBeyond(vital.possible, typed);
}

/**
 * How the two pressures stand to each other. The server refuses a diastolic above the systolic.
 * @param {Record<string, string>} typed by name of the field
 * @returns {'above' | 'equal' | null} null when all is well or one is missing
 */
export function pressureOrder(typed) {
  const [systolic, diastolic] = PRESSURES.map(({ name }) => typedDecimal(typed[name] ?? ''));
  const order = compareDecimals(diastolic, systolic);
  return order === 1 ? 'above' : order === 0 ? 'equal' : null;
}

/** @param {[number, number]} limits @param {string} typed */
function isBeyond([low, high], typed) {
  const value = Number(typedDecimal(typed));
  if (!typed.trim() || Number.isNaN(value)) return false;
  return value < low || high < value;
}

/**
 * The observations of one set. Each is a row of its own, blood pressure one with two parts.
 * @param {Record<string, string>} typed by name of the field, already checked
 * @param {{ patientId: string, recorded: string }} context
 * @returns {{ name: string, body: Record<string, unknown> }[]}
 */
export function observationsOf(typed, { patientId, recorded }) {
  const shared = {
    patient_id: patientId,
    status: 'final',
    category: 'vital-signs',
    effective_recorded: recorded,
    code_system: LOINC,
  };
  const rows = [];
  const parts = PRESSURES.filter((vital) => typed[vital.name]?.trim());
  if (parts.length > 0) {
    rows.push({
      name: 'pressure',
      body: {
        ...shared,
        code: PRESSURE.code,
        code_text: PRESSURE.title,
        components: parts.map((vital) => ({
          code_system: LOINC,
          code: vital.code,
          code_text: vital.title,
          ...measured(vital, typed),
        })),
      },
    });
  }
  for (const vital of SINGLES) {
    if (!typed[vital.name]?.trim()) continue;
    const coded = { code: vital.code, code_text: vital.title };
    rows.push({ name: vital.name, body: { ...shared, ...coded, ...measured(vital, typed) } });
  }
  return rows;
}

/** @param {Vital} vital @param {Record<string, string>} typed */
function measured(vital, typed) {
  const value = typedDecimal(typed[vital.name] ?? '');
  return { value_decimal: value, unit: vital.unit, unit_code: vital.unit };
}
