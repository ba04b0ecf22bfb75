// The four states of allergies must never be mistaken for each other.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { allergyState } from '../../../../assets/clinical/allergy-state.js';

const NOT_REVIEWED = { allergies_reviewed_at: null, allergies_reviewed_by: null };
const REVIEWED = { allergies_reviewed_at: '2026-11-20T09:00:00Z', allergies_reviewed_by: 'usr_1' };

/** @param {any} more */
const allergy = (more) => ({
  status: 'active',
  verification: 'confirmed',
  code_text: 'x',
  ...more,
});
/** @param {any[]} items @param {boolean} complete */
const ready = (items, complete = true) => ({
  state: /** @type {const} */ ('ready'),
  data: { items, complete },
  problem: null,
  busy: false,
});
/** @param {'loading' | 'failed' | 'forbidden'} state @param {any} data */
const other = (state, data = null) => ({ state, data, problem: null, busy: false });

test('known, none known and not recorded are told apart', () => {
  assert.equal(allergyState(ready([allergy({})]), NOT_REVIEWED).state, 'known');
  assert.equal(allergyState(ready([]), REVIEWED).state, 'none_known');
  assert.equal(allergyState(ready([]), NOT_REVIEWED).state, 'not_recorded');
});

test('an allergy found later beats an older review', () => {
  assert.equal(allergyState(ready([allergy({})]), REVIEWED).state, 'known');
});

test('a failed load is unavailable; known allergies stay, as perhaps not all', () => {
  assert.equal(allergyState(other('failed'), REVIEWED).state, 'unavailable');
  const old = { items: [], complete: true };
  assert.equal(allergyState(other('failed', old), REVIEWED).state, 'unavailable');
  const known = allergyState(other('failed', { items: [allergy({})], complete: true }), REVIEWED);
  assert.ok(known.state === 'known' && !known.complete);
  assert.equal(allergyState(other('loading'), REVIEWED).state, 'loading');
  assert.equal(allergyState(other('forbidden'), REVIEWED).state, 'hidden');
});

test('a part of a list never says that there are none', () => {
  assert.equal(allergyState(ready([], false), REVIEWED).state, 'unavailable');
});

test('errors, refuted and resolved ones do not count, the worst comes first', () => {
  const rows = [
    allergy({ id: 'a', status: 'entered_in_error' }),
    allergy({ id: 'b', verification: 'refuted' }),
    allergy({ id: 'c', status: 'resolved' }),
    allergy({ id: 'd', severity: 'mild' }),
    allergy({ id: 'e', severity: 'severe', status: 'unknown' }),
  ];
  const found = allergyState(ready(rows), NOT_REVIEWED);
  assert.ok(found.state === 'known');
  assert.deepEqual(
    found.allergies.map((one) => one.id),
    ['e', 'd'],
  );
});
