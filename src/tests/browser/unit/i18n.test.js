import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { number, setMessages, t } from '../../../../assets/lib/i18n.js';

const ASSETS = new URL('../../../../assets/', import.meta.url);

/** @param {string} part */
function catalogue(part) {
  return JSON.parse(readFileSync(new URL(`i18n/en${part}.json`, ASSETS), 'utf8'));
}

/** @param {URL} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    if (entry.isDirectory()) {
      return ['vendor', 'dev', 'types', 'i18n', 'css'].includes(entry.name) ? [] : sources(url);
    }
    return entry.name.endsWith('.js') ? [readFileSync(url, 'utf8')] : [];
  });
}

test('slots, numbers, plurals and choices', () => {
  setMessages('en', {
    a: 'Not loaded: {what}',
    b: '{count, plural, =0 {None found} one {1 found} other {# found}}',
    c: '{more, select, yes {More than {count}} other {{count, plural, one {# bed} other {# beds}}}}',
  });
  assert.equal(t('a', { what: 'wards' }), 'Not loaded: wards');
  assert.equal(t('b', { count: 0 }), 'None found');
  assert.equal(t('b', { count: 1 }), '1 found');
  assert.equal(t('b', { count: 12_345 }), '12,345 found');
  assert.equal(t('c', { more: 'no', count: 1 }), '1 bed');
  assert.equal(t('c', { more: 'yes', count: 200 }), 'More than 200');
  assert.equal(number(1_234_567), '1,234,567');
});

test('a slot holds text, never a message', () => {
  setMessages('en', { a: 'Open {name}' });
  assert.equal(t('a', { name: '{count, plural, other {x}} #' }), 'Open {count, plural, other {x}} #');
  assert.equal(t('a'), 'Open ');
});

test('a missing message shows its key; a broken one is an error', () => {
  setMessages('en', { open: '{count, plural, one {x}}', stray: 'a } b' });
  assert.equal(t('no.such'), 'no.such');
  assert.throws(() => t('open', { count: 1 }), /without other/);
  assert.throws(() => t('stray'), /stray/);
});

test('every message that the code names exists, and every message is well formed', () => {
  const all = { ...catalogue(''), ...catalogue('.record') };
  const code = sources(ASSETS).join('\n');
  const named = [...code.matchAll(/\bt\(\s*'([a-z0-9_.]+)'/g)].map((match) => match[1] ?? '');
  assert.ok(200 < named.length);
  assert.deepEqual([...new Set(named)].filter((key) => !(key in all)), []);
  setMessages('en', all);
  for (const key of Object.keys(all)) assert.notEqual(t(key, { count: 2 }), key);
});

test('no message of the frame stands in two catalogues', () => {
  const record = Object.keys(catalogue('.record'));
  const frame = catalogue('');
  assert.deepEqual(record.filter((key) => key in frame), []);
});
