// The product in other languages: chosen by the browser at first, then by the person; from right
// to left nothing is turned around; texts that are 40 % longer than English still fit.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { catalogue } from '../unit/catalogues.js';
import {
  accessible,
  fitsWidth,
  openBrowser,
  openPage,
  setUp,
  settled,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { lengthen, overflowing } from '../overflow.js';
import { PEOPLE } from '../people.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {string} */
let patient;

before(async () => {
  server = await startServer();
  const api = await setUp(server);
  for (const one of PEOPLE) {
    const made = await api('POST', '/patients', one);
    if (made.family === 'Moreau' && made.birth_date === '1963-05-10') patient = made.id;
  }
  const of = { patient_id: patient };
  await api('POST', '/allergies', {
    ...{ ...of, code_text: 'penicillin', reaction_text: 'rash', severity: 'severe' },
  });
  await api('POST', '/conditions', { ...of, code_text: 'Asthma', onset_recorded: '2014-02' });
  await api('POST', '/medication-requests', {
    ...{ ...of, code_text: 'insulin glargine', status: 'active', intent: 'order' },
    ...{ dose_decimal: '1000', dose_unit: 'IU', route_text: 'subcutaneous' },
    ...{ frequency: 1, period_decimal: '1', period_unit: 'd' },
  });
  for (const [value, day] of [
    ['61.5', '2026-03-01'],
    ['64.25', '2026-04-02'],
  ]) {
    await api('POST', '/observations', {
      ...{ ...of, code_system: 'http://loinc.org', code: '29463-7', code_text: 'Body weight' },
      ...{ value_decimal: value, unit: 'kg', status: 'final', effective_recorded: day },
    });
  }
  await api('POST', '/encounters', {
    ...{ ...of, class: 'ambulatory', status: 'finished', started_recorded: '2026-03-01' },
  });
  await api('POST', '/encounters', {
    ...{ ...of, class: 'emergency', status: 'finished', started_recorded: '2025-11-20T09:05:00Z' },
  });
});

after(() => server?.stop());

/** Address of each screen, and what shows that it is there. @type {[string, () => string, string][]} */
const SCREENS = [
  ['today', () => '/', 'main .person-list li'],
  ['find', () => '/patients', '#find-grid .grid-block .grid-row'],
  ['register', () => '/patients/new', '#family'],
  ['edit', () => `/p/${patient}/edit`, '#family'],
  ['record', () => `/p/${patient}`, '.lines li'],
  ['observations', () => `/p/${patient}/obs`, '.chart canvas'],
  ['medicines', () => `/p/${patient}/meds`, '.rtable tbody tr'],
  ['problems', () => `/p/${patient}/problems`, '.rtable tbody tr'],
  ['visits', () => `/p/${patient}/visits`, '.rtable tbody tr'],
  ['details', () => `/p/${patient}/details`, '.rfacts'],
  ['print', () => `/print/patient-summary/${patient}`, '.paper-end'],
  ['imports', () => '/imports', '#files'],
  ['users', () => '/admin/users', 'main table tbody tr .instant'],
  ['settings', () => '/admin/settings', '.settings tbody tr'],
  ['doctor', () => '/admin/doctor', 'main tbody tr'],
  ['system', () => '/admin/system', '.watch-chart'],
  ['alerts', () => '/admin/system/alerts', 'main tbody tr'],
  ['me', () => '/me', '.session-list li'],
  ['about', () => '/about', 'main h2'],
];

/** @param {string} locale @param {number} [height] */
async function open(locale, height) {
  const { browser, context } = await openBrowser({ locale, height });
  const tab = await openPage(context, server.url);
  // Headless browsers print in earnest.
  await tab.page.addInitScript(() => {
    window.print = () => {};
    // What a canvas draws stands nowhere else.
    const drawn = /** @type {string[]} */ ((/** @type {any} */ (window).drawn = []));
    const draw = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
      drawn.push(text);
      return draw.call(this, text, ...place);
    };
  });
  return { browser, context, tab, page: tab.page };
}

const htmlOf = (/** @type {import('../overflow.js').Page} */ page) =>
  page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

test('the browser’s language is taken at first, the person’s choice from then on', async (t) => {
  const { browser, tab, page } = await open('fr-CA');
  t.after(() => browser.close());
  await tab.go('/sign-in');
  await page.getByRole('heading', { name: catalogue('fr')['sign_in.title'] }).waitFor();
  assert.deepEqual(await htmlOf(page), ['fr', 'ltr']);
  /** @type {string[]} */
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.getByLabel('Langue').selectOption({ label: 'العربية' });
  await page.getByRole('heading', { name: catalogue('ar')['sign_in.title'] }).waitFor();
  assert.deepEqual(await htmlOf(page), ['ar', 'rtl']);
  const messages = fetched.filter((path) => path.includes('/i18n/'));
  assert.ok(messages.length >= 2 && messages.every((path) => /\/ar[.\w]*json$/.test(path)), messages.join());
  await signIn(page);
  assert.deepEqual(await htmlOf(page), ['ar', 'rtl']);
  // It can be changed behind the door too: in My settings, and in the user's menu.
  await tab.go('/me');
  await page.locator('main').getByLabel(catalogue('ar')['menu.language']).selectOption('fr');
  await page.getByRole('heading', { name: catalogue('fr')['me.title'], level: 1 }).waitFor();
  await page.locator('[aria-controls="user-menu"]').click();
  await page.locator('.header').getByLabel(catalogue('fr')['menu.language']).selectOption('en');
  await page.getByRole('heading', { name: 'My settings', level: 1 }).waitFor();
  assert.deepEqual(await htmlOf(page), ['en', 'ltr']);
  tab.clean();
});

test('the parts of a record and the button beside them stand in one row, whichever is open', async (t) => {
  for (const locale of ['en-GB', 'fr-FR', 'ar-EG']) {
    const { browser, tab, page } = await open(locale);
    t.after(() => browser.close());
    await tab.go('/sign-in');
    await signIn(page);
    /** @type {string[]} */
    const rows = [];
    for (const part of ['', '/obs', '/problems']) {
      await tab.go(`/p/${patient}${part}`);
      await page.locator('.tab.on').waitFor();
      const places = await page.locator('.tab').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().x));
      rows.push(places.map(Math.round).join());
      const height = await page.locator('.tabs').evaluate((all) => all.getBoundingClientRect().height);
      assert.ok(height < 60, `${locale}: ${height}`);
    }
    assert.equal(new Set(rows).size, 1, `${locale}: no part moves when another is open`);
    tab.clean();
  }
});

test('rule 9: from right to left nothing clinical is turned around', async (t) => {
  const { browser, tab, page } = await open('ar-EG');
  t.after(() => browser.close());
  await tab.go('/sign-in');
  await signIn(page);
  for (const [name, path, there] of SCREENS) {
    await t.test(name, async () => {
      await tab.go(path());
      await page.locator(there).first().waitFor();
      await settled(page);
      await shoot(page, `${name}-ar`);
      await accessible(page, `${name}, ar`);
      await fitsWidth(page, `${name}, ar`);
      assert.deepEqual(await overflowing(page), [], name);
      assert.deepEqual(await turnedAround(page), [], name);
      tab.clean();
    });
  }
  await tab.go(`/p/${patient}`);
  await page.locator('.banner').getByText('MOREAU').waitFor();
  const born = page.locator('.banner .date').first();
  assert.equal(await born.textContent(), '10-مايو-1963');
  assert.equal(await born.getAttribute('dir'), 'rtl', 'or the year stands before the month');
  const points = await born.evaluate((node) => {
    const text = /** @type {Text} */ (
      document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode()
    );
    const at = (/** @type {string} */ part) => {
      const range = document.createRange();
      const from = text.data.indexOf(part);
      range.setStart(text, from);
      range.setEnd(text, from + part.length);
      return range.getBoundingClientRect().left;
    };
    return [at('10'), at('مايو'), at('1963')];
  });
  assert.deepEqual([...points].sort((a, b) => b - a), points, 'day, month, year from the right');
  assert.equal(await page.locator('.dose').first().textContent(), '1,000\u00a0وحدة');
  const allergy = page.locator('.banner-allergies li').first();
  assert.match((await allergy.textContent()) ?? '', /\(rash، شديد/, 'the comma of the language');
  assert.equal(await allergy.locator('bdi').first().textContent(), 'rash', 'each part isolated');
  assert.equal(await datesIntoKinds(page), 0, 'a date runs into the kind');
  await tab.go(`/p/${patient}/obs`);
  await page.locator('.chart canvas').first().waitFor();
  const drawn = await page.evaluate(() => /** @type {any} */ (window).drawn.join(' '));
  assert.match(drawn, /6\d/, 'the axis has its numbers');
  assert.doesNotMatch(drawn, /[\u0660-\u0669\u066b]/, 'in the digits of all values');
  tab.clean();
});

/**
 * Dates of the timeline that reach into the next column.
 * @param {import('../overflow.js').Page} page
 */
function datesIntoKinds(page) {
  return page.locator('.tl-head').evaluateAll((heads) => {
    const wrong = heads.filter((head) => {
      const range = document.createRange();
      range.selectNodeContents(/** @type {Element} */ (head.querySelector('.tl-date')));
      const date = range.getBoundingClientRect();
      const kind = /** @type {Element} */ (head.querySelector('.tl-kind')).getBoundingClientRect();
      return date.left < kind.right && kind.left < date.right;
    });
    return wrong.length;
  });
}

/**
 * Texts that must keep their order and are not isolated from the text around them.
 * @param {import('../overflow.js').Page} page
 */
function turnedAround(page) {
  return page.evaluate(() => {
    const number = /MRN-\d+|\d{2}-\p{L}+-\d{4}|\d+(\.\d+)? ?(mmHg|kg|mg|\/min)|…\d{4}/u;
    /** @type {string[]} */
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || !number.test(node.textContent ?? '')) continue;
      // A sentence of the catalogue has its own direction, and its dates run with it.
      if (/\p{Script=Arabic}.*\s.*\p{Script=Arabic}/u.test(node.textContent ?? '')) continue;
      const own = parent.closest('bdi, [dir]:not(html), input, option');
      const letters = /\p{Script=Arabic}/u.test(node.textContent ?? '');
      // A date whose month has Arabic letters runs from the right.
      const wrong = own && letters && getComputedStyle(own).direction === 'ltr';
      if (!own || wrong) found.push(node.textContent ?? '');
    }
    return found;
  });
}

test('French: every screen fits, and values have the marks of the language', async (t) => {
  const { browser, tab, page } = await open('fr-FR', 657);
  t.after(() => browser.close());
  await tab.go('/sign-in');
  await signIn(page);
  for (const [name, path, there] of SCREENS) {
    await t.test(name, async () => {
      await tab.go(path());
      await page.locator(there).first().waitFor();
      await settled(page);
      await fitsWidth(page, `${name}, fr`);
      assert.deepEqual(await overflowing(page), [], name);
      tab.clean();
    });
  }
  await tab.go(`/p/${patient}`);
  await page.locator('.dose').first().waitFor();
  assert.equal(await page.locator('.dose').first().textContent(), '1\u202f000\u00a0unités');
  await page.getByText('64,25').first().waitFor();
  assert.equal(await datesIntoKinds(page), 0, 'a date runs into the kind');
  await shoot(page, 'record-fr');
  tab.clean();
});

test('texts 40 % longer than English fit on a small screen', async (t) => {
  const { browser, context, tab, page } = await open('en-US', 657);
  t.after(() => browser.close());
  await lengthen(context);
  await tab.go('/sign-in');
  await page.locator('#username').waitFor();
  assert.match((await page.locator('h1').textContent()) ?? '', /ö/);
  assert.deepEqual(await overflowing(page), [], 'sign-in');
  await signIn(page);
  for (const [name, path, there] of SCREENS) {
    await t.test(name, async () => {
      await tab.go(path());
      await page.locator(there).first().waitFor();
      await settled(page);
      await shoot(page, `${name}-long`);
      await fitsWidth(page, `${name}, long`);
      assert.deepEqual(await overflowing(page), [], name);
      tab.clean();
    });
  }
});
