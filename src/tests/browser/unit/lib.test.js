import assert from 'node:assert/strict';
import { test } from 'node:test';

import { address } from '../../../../assets/lib/api.js';
import { guessMapping, readHead } from '../../../../assets/lib/csv-head.js';
import { nameOf } from '../../../../assets/lib/keys.js';
import { pagedRows } from '../../../../assets/lib/paged-rows.js';
import { placed, scrolled } from '../../../../assets/lib/scroll-map.js';
import { problemOf } from '../../../../assets/lib/problem.js';
import { fill, match } from '../../../../assets/lib/router.js';
import { html } from '../../../../assets/lib/ui.js';

test('addresses of the API', () => {
  assert.equal(address('/patients', { q: 'a b', cursor: null }), '/api/v1/patients?q=a+b');
  assert.equal(address('/patients/{id}', { id: 'pat_1/x' }), '/api/v1/patients/pat_1%2Fx');
  assert.equal(address('/api/health/live'), '/api/health/live');
});

test('routes match whole addresses', () => {
  assert.deepEqual(match('/', '/'), {});
  assert.deepEqual(match('/p/:id/edit', '/p/pat_1/edit'), { id: 'pat_1' });
  assert.equal(match('/p/:id', '/p/pat_1/edit'), null);
  assert.equal(fill('/p/:id', { id: 'a b' }), '/p/a%20b');
});

test('keys are named as the help writes them', () => {
  const key = (/** @type {object} */ event) =>
    nameOf(
      /** @type {any} */ ({
        ...{ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
        ...event,
      }),
    );
  assert.equal(key({ key: 'k', ctrlKey: true }), 'Ctrl+K');
  assert.equal(key({ key: 'L', ctrlKey: true, shiftKey: true }), 'Ctrl+Shift+L');
  assert.equal(key({ key: 'F2' }), 'F2');
  assert.equal(key({ key: '?', shiftKey: true }), '?');
  assert.equal(key({ key: '1', altKey: true }), 'Alt+1');
});

test('a problem keeps what the server said', () => {
  const reply = new Response(null, { status: 503, headers: { 'retry-after': '4' } });
  const problem = problemOf(reply, { code: 'store.busy', detail: 'Full', request_id: 'abc' });
  assert.equal(problem.code, 'store.busy');
  assert.equal(problem.retryAfter, 4);
  assert.equal(problem.requestId, 'abc');
  assert.equal(problemOf(new Response(null, { status: 502 }), null).code, 'http.502');
});

test('the head of a table: quotes, semicolons, a cut last line', () => {
  const text = '\uFEFFLast Name;First Name;DOB\r\n"Mor""eau;x";Bekele;1963\r\nDube;Dine';
  const { headings, rows } = readHead(text, false);
  assert.deepEqual(headings, ['Last Name', 'First Name', 'DOB']);
  assert.deepEqual(rows, [['Mor"eau;x', 'Bekele', '1963']]);
  assert.deepEqual(guessMapping(headings), {
    family: 'Last Name',
    given: 'First Name',
    birth_date: 'DOB',
  });
});

test('headings of common exports are guessed', () => {
  const headings = 'Id,BIRTHDATE,DEATHDATE,PREFIX,FIRST,LAST,GENDER,ADDRESS,CITY,STATE,COUNTY,ZIP';
  const mapping = guessMapping(headings.split(','));
  assert.equal(mapping.family, 'LAST');
  assert.equal(mapping.given, 'FIRST');
  assert.equal(mapping.birth_date, 'BIRTHDATE');
  assert.equal(mapping.sex, 'GENDER');
  assert.equal(mapping.id, 'Id');
  assert.equal(mapping['address.postal_code'], 'ZIP');
  assert.equal(mapping.deceased_date, 'DEATHDATE');
});

/** A list of `total` numbers by pages of ten, as the server gives them. @param {number} total */
function numbers(total) {
  /** @type {string[]} */
  const asked = [];
  /** @param {{ cursor: string | null, offset: number | null }} start */
  const load = async ({ cursor, offset }) => {
    asked.push(cursor ?? (offset === null ? 'first' : `offset ${offset}`));
    const from = Number(cursor ?? offset ?? 0);
    const rows = Array.from({ length: Math.min(10, total - from) }, (_, i) => from + i);
    return { rows, next: from + 10 < total ? String(from + 10) : null };
  };
  return { asked, rows: pagedRows(load, 10) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

test('a long list comes page by page and fetches dropped pages again', async () => {
  const { asked, rows } = numbers(145);
  for (let at = 0; at < 150; at += 10) {
    rows.need(at, at + 9);
    await settle();
  }
  assert.equal(rows.count, 145);
  assert.equal(rows.done, true);
  assert.equal(rows.row(144), 144);
  assert.equal(asked.length, 15);
  rows.need(140, 149);
  await settle();
  assert.equal(rows.row(3), null, 'the first page was dropped');
  rows.need(0, 9);
  await settle();
  assert.equal(rows.row(3), 3);
  assert.equal(asked.at(-1), 'first');
});

test('a counted list opens anywhere, and goes on by cursors from there', async () => {
  const { asked, rows } = numbers(1_000);
  rows.need(0, 9);
  await settle();
  assert.equal(rows.done, false);
  rows.know(1_000);
  assert.equal(rows.count, 1_000);
  rows.need(990, 999);
  await settle();
  assert.equal(rows.row(999), 999);
  rows.need(500, 509);
  await settle();
  rows.need(510, 519);
  await settle();
  assert.deepEqual(asked, ['first', 'offset 990', 'offset 500', '510']);
});

test('who drags through a list does not wait for what was passed by', async () => {
  const { rows } = numbers(1_000);
  rows.know(1_000);
  rows.need(300, 309);
  rows.need(600, 609);
  await settle();
  assert.equal(rows.row(300), null);
  assert.equal(rows.row(600), 600);
  rows.need(300, 309);
  await settle();
  assert.equal(rows.row(300), 300);
});

test('somebody who was added since the count lengthens the list', async () => {
  const { rows } = numbers(25);
  rows.know(20);
  rows.need(10, 19);
  await settle();
  assert.equal(rows.count, 21);
  rows.need(20, 29);
  await settle();
  assert.equal(rows.count, 25);
});

test('a list higher than a browser can draw is scrolled step by step and dragged as a whole', () => {
  const size = { height: 36_000_000, view: 500, max: 8_000_000 };
  let at = { top: 0, box: 0 };
  at = scrolled(at, 120, size);
  assert.deepEqual(at, { top: 120, box: 120 }, 'the wheel moves as always');
  at = scrolled(at, 4_000_000, size);
  assert.equal(Math.round(at.top / 1e5), 180, 'the thumb moves in proportion');
  const still = placed(at.top, size);
  assert.ok(Math.abs(still.box - at.box) <= 1);
  at = scrolled(at, 7_999_500, size);
  assert.equal(at.top, 35_999_500, 'the end of the box is the end of the list');
  const nearEnd = scrolled({ top: 35_999_000, box: 7_999_400 }, 7_999_500, size);
  assert.equal(nearEnd.top, 35_999_100);
  assert.notEqual(nearEnd.box, 7_999_500, 'a box at its end before the list is put back');
  assert.deepEqual(scrolled(at, 77, { height: 4_000, view: 500 }), { top: 77, box: 77 });
});

test('a page is asked for once, however often it is needed', async () => {
  const { asked, rows } = numbers(30);
  rows.need(0, 9);
  rows.need(0, 9);
  await settle();
  assert.deepEqual(asked, ['first']);
});

test('a tag without values is made anew each time, or it would hold the first page for ever', () => {
  const made = () => html`<p><b>fixed</b> ${1}</p>`;
  const [one, other] = [made(), made()];
  assert.notEqual(one.props.children[0], other.props.children[0]);
  const fixed = () => html`<p>fixed</p>`;
  assert.notEqual(fixed(), fixed());
});
