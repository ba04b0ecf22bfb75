// What the server measures has words and a unit on the page, and whatever can be wrong a sentence.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { figureText, soonText, unitOf } from '../../../../assets/screens/admin/system-words.js';
import { ASSETS, catalogue, speak } from './catalogues.js';

/** @param {string} name of a file of the room */
const rust = (name) => readFileSync(new URL(`../src/watch/${name}.rs`, ASSETS), 'utf8');

const SERIES = [...rust('series').matchAll(/\(Series::(\w+), "(\w+)", Unit::(\w+)\)/g)].map(
  ([, name = '', code = '', unit = '']) => ({
    name,
    code,
    unit: unit.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
  }),
);

test('every series has its words, and the unit that the server counts it in', () => {
  assert.ok(30 < SERIES.length, String(SERIES.length));
  const known = catalogue('en', ['.notify', '.system']);
  for (const { code, unit } of SERIES) {
    assert.ok(`watch.s_${code}` in known, code);
    assert.equal(unitOf(code), unit, code);
    assert.ok(`watch.unit_${unit}` in known, unit);
  }
});

test('every system has its words, and each of its series a sentence for when it is bad', () => {
  const known = catalogue('en', ['.notify', '.system']);
  const table = rust('systems').split('pub const STATES')[0] ?? '';
  const systems = [...table.matchAll(/"(\w+)",\s*&\[([^\]]*)\]/g)];
  assert.equal(systems.length, 6);
  for (const [, system = '', series = ''] of systems) {
    for (const kind of ['system', 'ok', 'quiet', 'unknown']) {
      assert.ok(`watch.${kind}_${system}` in known, `${kind} ${system}`);
    }
    for (const [, name] of series.matchAll(/Series::(\w+)/g)) {
      const code = SERIES.find((one) => one.name === name)?.code;
      assert.ok(`watch.bad_${code}` in known, String(code));
    }
  }
  for (const what of ['disk', 'database', 'memory', 'wal', 'spool']) {
    assert.ok(`watch.full_${what}` in known && `watch.fill_${what}` in known, what);
  }
});

test('figures are told as people write them', () => {
  speak('en');
  assert.equal(figureText(0.034, 'ms'), '0.03 ms');
  assert.equal(figureText(1234.5, 'ms'), '1,235 ms');
  assert.equal(figureText(12_000, 'ms'), '12 s');
  assert.equal(figureText(3_600, 'seconds'), '60 min');
  assert.equal(figureText(86_400, 'seconds'), '24 h');
  assert.equal(figureText(1.2e9, 'bytes'), '1.2 GB');
  assert.equal(figureText(85, 'percent'), '85%');
  assert.equal(figureText(null, 'percent'), 'not known');
  assert.equal(figureText(0, 'yes'), 'no');
});

test('when something is full is told in hours, days or months', () => {
  speak('en');
  assert.equal(soonText(0.01), 'in about 1 hour');
  assert.equal(soonText(40.2), 'in about 40 days');
  assert.equal(soonText(400), 'in about 13 months');
});
