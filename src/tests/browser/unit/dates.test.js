import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readDate } from '../../../../assets/lib/date-input.js';

const today = { year: 2026, month: 11, day: 20 };

/** @param {string} text */
function born(text) {
  const typed = readDate(text, { today, birth: true });
  if (typed.kind === 'date') return (typed.about ? 'about ' : '') + typed.iso;
  return typed.kind === 'choose' ? typed.choices.join(' or ') : typed.kind;
}

const SPELLINGS = {
  '10051963': '1963-05-10',
  '10/5/63': '1963-05-10',
  '10.5.1963': '1963-05-10',
  '10-May-1963': '1963-05-10',
  '10 may 1963': '1963-05-10',
  'May 10, 1963': '1963-05-10',
  '1963-05-10': '1963-05-10',
  '5/23/1963': '1963-05-23',
  '1963': '1963',
  '5/1963': '1963-05',
  'sept 1963': '1963-09',
  'about 1963': 'about 1963',
  '~1963': 'about 1963',
  today: '2026-11-20',
  yesterday: '2026-11-19',
  '-3w': '2026-10-30',
  '-1m': '2026-10-20',
  '-18y': '2008-11-20',
  '+7d': '2026-11-27',
  unknown: 'unknown',
  '': 'empty',
};

for (const [text, want] of Object.entries(SPELLINGS)) {
  test(`a birth date typed as "${text}" is ${want}`, () => assert.equal(born(text), want));
}

test('a year of two digits that may be two centuries asks', () => {
  assert.equal(born('10/5/24'), '2024-05-10 or 1924-05-10');
  assert.equal(born('100524'), '2024-05-10 or 1924-05-10');
  assert.equal(born('10/5/27'), '1927-05-10');
});

test('days that do not exist are not dates', () => {
  for (const text of ['30/2/1963', '29-02-1963', '31 apr 1990', '0/1/1990', '13/13/1990', 'x', '63']) {
    assert.equal(born(text), 'wrong', text);
  }
  assert.equal(born('29/2/1964'), '1964-02-29');
});

test('months are counted to the last day', () => {
  const march = { year: 2026, month: 3, day: 31 };
  assert.equal(readDate('-1m', { today: march }).iso, '2026-02-28');
  assert.equal(readDate('-25m', { today: march }).iso, '2024-02-29');
});

test('a year of two digits outside of a birth is in this century', () => {
  assert.equal(readDate('1/2/30', { today }).iso, '2030-02-01');
});
