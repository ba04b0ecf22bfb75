import assert from 'node:assert/strict';
import { test } from 'node:test';

import { COUNTED_MAX, countChanges, countOnce } from '../../../../assets/lib/steady.js';

test('rows that came, went or read otherwise are counted, those that moved are not', () => {
  const a = { id: 'a', name: 'Ama' };
  const b = { id: 'b', name: 'Bekele' };
  assert.equal(countChanges([a, b], [b, a]), 0);
  assert.equal(countChanges([a, b], [a, { ...b, name: 'Beki' }]), 1);
  assert.equal(countChanges([a], [a, b]), 1);
  assert.equal(countChanges([a, b], [a]), 1);
  assert.equal(countChanges([a], [b]), 2);
});

test('who changed is counted once each, and of very many only that they are more', () => {
  const who = countOnce();
  assert.equal(who.add(['a', 'b', 'a']), 2);
  assert.equal(who.add(['b']), 2);
  const many = Array.from({ length: 10_000 }, (_, i) => `pat_${i}`);
  assert.equal(who.add(many), COUNTED_MAX + 1);
  assert.equal(who.add(['another']), COUNTED_MAX + 1);
  who.clear();
  assert.equal(who.add(['a']), 1);
});
