// A set of vital signs becomes rows with the right codes and units, and nothing more.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import {
  SINGLES,
  impossible,
  observationsOf,
  pressureOrder,
  unusual,
} from '../../../../assets/clinical/vitals.js';

const CONTEXT = { patientId: 'pat_1', recorded: '2026-11-20T09:05:00+01:00' };

test('blood pressure is one row with two parts, the others a row each', () => {
  const rows = observationsOf(
    { systolic: '134', diastolic: ' 83 ', pulse: '', temperature: '38.40' },
    CONTEXT,
  );
  assert.deepEqual(
    rows.map((row) => row.name),
    ['pressure', 'temperature'],
  );
  const [pressure, temperature] = rows;
  const parts = /** @type {any[]} */ (pressure?.body.components);
  assert.deepEqual(
    parts.map((part) => [part.code, part.value_decimal, part.unit]),
    [
      ['8480-6', '134', 'mm[Hg]'],
      ['8462-4', '83', 'mm[Hg]'],
    ],
  );
  assert.equal(temperature?.body.value_decimal, '38.40');
  assert.equal(temperature?.body.patient_id, 'pat_1');
  assert.equal(temperature?.body.effective_recorded, CONTEXT.recorded);
});

test('a pressure with one part only keeps that part', () => {
  const [row] = observationsOf({ systolic: '90' }, CONTEXT);
  assert.equal(/** @type {any[]} */ (row?.body.components).length, 1);
});

test('values beyond the soft limits ask to be looked at', () => {
  const pulse = SINGLES.find((vital) => vital.name === 'pulse');
  assert.ok(pulse);
  assert.equal(unusual(pulse, '210'), true);
  assert.equal(unusual(pulse, '72'), false);
  assert.equal(unusual(pulse, ''), false);
  assert.equal(unusual(pulse, '160', 0), false, 'a newborn');
  assert.equal(unusual(pulse, '160', 40), true);
});

test('a temperature without its decimal point cannot be', () => {
  const temperature = SINGLES.find((vital) => vital.name === 'temperature');
  assert.ok(temperature);
  assert.equal(impossible(temperature, '388'), true);
  assert.equal(impossible(temperature, '39.9'), false);
  assert.equal(unusual(temperature, '39.9'), true);
});

test('the two pressures are compared as numbers', () => {
  assert.equal(pressureOrder({ systolic: '110', diastolic: '120' }), 'above');
  assert.equal(pressureOrder({ systolic: '110', diastolic: '110.0' }), 'equal');
  assert.equal(pressureOrder({ systolic: '110', diastolic: '70' }), null);
  assert.equal(pressureOrder({ systolic: '', diastolic: '70' }), null);
});
