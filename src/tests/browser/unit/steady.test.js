import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countChanges } from '../../../../assets/lib/steady.js';

test('rows that came, went or read otherwise are counted, those that moved are not', () => {
  const a = { id: 'a', name: 'Ama' };
  const b = { id: 'b', name: 'Bekele' };
  assert.equal(countChanges([a, b], [b, a]), 0);
  assert.equal(countChanges([a, b], [a, { ...b, name: 'Beki' }]), 1);
  assert.equal(countChanges([a], [a, b]), 1);
  assert.equal(countChanges([a, b], [a]), 1);
  assert.equal(countChanges([a], [b]), 2);
});
