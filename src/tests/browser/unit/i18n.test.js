import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { LANGUAGES, number, setMessages, t } from '../../../../assets/lib/i18n.js';
import { ASSETS, CODES, catalogue, sources } from './catalogues.js';

/** Names of the slots that a message asks for, in whichever case. @param {string} key */
function slotsOf(key) {
  /** @type {Set<string>} */
  const asked = new Set();
  for (const value of [0, 1, 2, 3, 11, 100, 'yes', 'female', 'male', 'other']) {
    const slots = new Proxy(/** @type {Record<string, any>} */ ({}), {
      get(_, name) {
        asked.add(String(name));
        return value;
      },
    });
    t(key, slots);
  }
  return [...asked].sort();
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
  const code = sources().join('\n');
  const named = [...code.matchAll(/\bt\(\s*'([a-z0-9_.]+)'/g)].map((match) => match[1] ?? '');
  assert.ok(200 < named.length);
  for (const language of CODES) {
    const all = catalogue(language);
    assert.deepEqual([...new Set(named)].filter((key) => !(key in all)), [], language);
    setMessages(language, all);
    for (const key of Object.keys(all)) assert.notEqual(t(key, { count: 2 }), key, language);
  }
});

test('no message is left that nothing names', () => {
  const code = sources().join('\n');
  // `t(\`sex.${…}\`)` names every message that begins with `sex.`.
  const begun = [...code.matchAll(/`([a-z_]+\.(?:[a-z_]*))\$\{/g)].map((match) => match[1] ?? '');
  // The title of a screen, with `_help` behind it, is its help; options are words behind a prefix.
  const words = [...code.matchAll(/words: '([a-z_]+)'/g)].map((match) => `${match[1]}.`);
  const starts = [...new Set([...begun, ...words])];
  const unused = Object.keys(catalogue('en')).filter(
    (key) =>
      !code.includes(`'${key}'`) &&
      !code.includes(`'${key.replace(/_help$/, '')}'`) &&
      !starts.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unused, []);
});

test('every language has the keys of English, each with the same slots', () => {
  const english = catalogue('en');
  setMessages('en', english);
  const slots = new Map(Object.keys(english).map((key) => [key, slotsOf(key)]));
  for (const language of CODES) {
    const theirs = catalogue(language);
    assert.deepEqual(Object.keys(theirs).sort(), Object.keys(english).sort(), language);
    setMessages(language, theirs);
    for (const [key, want] of slots) assert.deepEqual(slotsOf(key), want, `${language} ${key}`);
  }
});

test('a translation is one: no sentence of English is left in another language', () => {
  const english = catalogue('en');
  const same = (/** @type {string} */ language) => {
    const theirs = catalogue(language);
    const words = Object.keys(english).filter((key) => (english[key] ?? '').includes(' '));
    return words.filter((key) => theirs[key] === english[key]);
  };
  for (const language of CODES.slice(1)) assert.deepEqual(same(language), [], language);
});

test('plurals follow the rules of the language', () => {
  const few = '{count, plural, one {one} two {two} few {few #} many {many #} other {other #}}';
  setMessages('ar', { beds: few });
  const said = [1, 2, 3, 11, 100, 103].map((count) => t('beds', { count }));
  assert.deepEqual(said, ['one', 'two', 'few 3', 'many 11', 'other 100', 'few 103']);
  setMessages('fr', { beds: '{count, plural, one {# lit} other {# lits}}' });
  assert.deepEqual([0, 1, 2].map((count) => t('beds', { count })), ['0 lit', '1 lit', '2 lits']);
});

test('numbers have Latin digits in every language', () => {
  for (const language of CODES) {
    setMessages(language, {});
    assert.match(number(1_234_567), /^1[\s,.\u202f\u00a0]234[\s,.\u202f\u00a0]567$/, language);
  }
});

test('server, page and development server know the same languages', () => {
  const build = readFileSync(new URL('../src/build/ui.rs', ASSETS), 'utf8');
  const table = /const LANGUAGES:[^=]*= \[(.*)\];/.exec(build)?.[1] ?? '';
  const built = [...table.matchAll(/\("(\w+)", "(\w+)"\)/g)].map(([, code, dir]) => ({ code, dir }));
  const ours = LANGUAGES.map(({ code, dir }) => ({ code, dir }));
  assert.deepEqual(built, ours);
  const served = readFileSync(new URL('dev/serve.mjs', ASSETS), 'utf8');
  for (const { code, dir } of ours) assert.ok(served.includes(`${code}: '${dir}'`), code);
  const files = readdirSync(new URL('i18n/', ASSETS));
  const parts = ['', '.door', '.record', '.audit', '.admin', '.notify', '.system'];
  const wanted = CODES.flatMap((code) => parts.map((part) => `${code}${part}.json`));
  assert.deepEqual(files.sort(), wanted.sort());
});

test('every reason for a match that the server gives has words', () => {
  const rules = readFileSync(new URL('../src/domain/patients/matches.rs', ASSETS), 'utf8');
  const rust = rules.slice(rules.indexOf('fn score'), rules.indexOf('fn likeness'));
  const reasons = [...rust.matchAll(/(?:add\(-?\d+, |push\()"([^"]+)"/g)].map((one) => one[1] ?? '');
  assert.ok(8 < reasons.length, reasons.join());
  const known = catalogue('en');
  const keys = reasons.map((reason) => `matches.reason_${reason.replaceAll(' ', '_')}`);
  assert.deepEqual(keys.filter((key) => !(key in known)), []);
});

test('no message of the frame stands in two catalogues', () => {
  for (const language of CODES) {
    const frame = catalogue(language, ['']);
    const others = Object.keys(catalogue(language, ['.record', '.admin', '.notify', '.system']));
    assert.deepEqual(others.filter((key) => key in frame), [], language);
  }
});
