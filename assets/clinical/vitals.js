// The vital signs that a set of observations asks for: codes, units, and the values beyond
// which the form asks to look again. The limits only warn; they are no reference ranges.

import { typedDecimal } from '../lib/decimal.js';

/**
 * @typedef {object} Vital
 * @property {string} name of the field
 * @property {string} code LOINC
 * @property {string} unit as stored
 * @property {number} low below which the form asks to check, for adults
 * @property {number} high
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
    low: 80,
    high: 200,
    title: 'Systolic blood pressure',
  },
  {
    name: 'diastolic',
    code: '8462-4',
    unit: 'mm[Hg]',
    low: 40,
    high: 120,
    title: 'Diastolic blood pressure',
  },
];

/** @type {Vital[]} */
export const SINGLES = [
  { name: 'pulse', code: '8867-4', unit: '/min', low: 40, high: 140, title: 'Heart rate' },
  {
    name: 'temperature',
    code: '8310-5',
    unit: 'Cel',
    low: 35,
    high: 39.5,
    title: 'Body temperature',
  },
  {
    name: 'respiration',
    code: '9279-1',
    unit: '/min',
    low: 8,
    high: 30,
    title: 'Respiratory rate',
  },
  {
    name: 'saturation',
    code: '59408-5',
    unit: '%',
    low: 90,
    high: 100,
    title: 'Oxygen saturation',
  },
  { name: 'weight', code: '29463-7', unit: 'kg', low: 2, high: 200, title: 'Body weight' },
  { name: 'height', code: '8302-2', unit: 'cm', low: 40, high: 220, title: 'Body height' },
];

/**
 * Whether a typed value deserves a second look.
 * @param {Vital} vital @param {string} typed
 */
export function unusual(vital, typed) {
  const value = Number(typedDecimal(typed));
  if (!typed.trim() || Number.isNaN(value)) return false;
  return value < vital.low || vital.high < value;
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
