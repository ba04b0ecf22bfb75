// The desk: who is known is found and let in within eight keystrokes and a name, who is new is
// registered without a mouse, nobody is registered twice unseen, and the list of all is walked
// from its first to its last.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, openBrowser, openPage, setUp, shoot, signIn, startServer } from '../harness.js';
import { PEOPLE, crowd } from '../people.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {import('../overflow.js').Page} */
let page;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;

const CROWD = 450;
const TOTAL = CROWD + PEOPLE.length;
const RECEPTION = { username: 'kofi', password: 'four yellow boats' };

/** All that the page has asked for. @type {string[]} */
const addresses = [];

before(async () => {
  server = await startServer();
  api = await setUp(server);
  for (const one of [...crowd(CROWD), ...PEOPLE]) await api('POST', '/patients', one);
  await api('POST', '/users', { ...RECEPTION, display_name: 'Kofi Osei', role: 'reception' });
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  page = tab.page;
  page.on('request', (request) => addresses.push(request.url()));
  await tab.go('/sign-in');
  await signIn(page, RECEPTION);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** Counts what hands do. */
function hands() {
  const count = { strokes: 0, letters: 0 };
  return {
    count,
    /** @param {...string} keys */
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
      count.strokes += keys.length;
    },
    /** @param {string} text */
    type: async (text) => {
      await page.keyboard.type(text, { delay: 10 });
      count.letters += text.length;
    },
  };
}

const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
const at = (/** @type {string} */ id) =>
  page.waitForFunction((want) => document.activeElement?.id === want, id);

test('a returning patient is let in within eight keystrokes and a name', async (t) => {
  await tab.go('/');
  await page.locator('.frame main h1').waitFor();
  const { press, type, count } = hands();
  await press('F2');
  await at('find-q');
  await type('dube');
  await page.getByRole('row', { name: /DUBE, Dinesh/ }).waitFor();
  await press('F8');
  await at('f-class');
  await press('e');
  await press('Control+Enter');
  const row = page.getByRole('row', { name: /Emergency.*In progress/ });
  await row.waitFor();
  assert.match((await row.textContent()) ?? '', /\d{2}:\d{2}/, 'it began at a time of day');
  assert.ok(count.strokes <= 8, `${count.strokes} keystrokes`);
  t.diagnostic(`${count.strokes} keystrokes and a name of ${count.letters} letters`);
  await shoot(page, 'reception-visit');
  tab.clean();
});

test('a visit of today without its hour is in the list of today, without an invented time', async () => {
  const [found] = await api('GET', '/patients?q=dube');
  const day = new Date().toISOString().slice(0, 10);
  const visit = { patient_id: found.id, class: 'home', started_recorded: day };
  await api('POST', '/encounters', visit);
  await tab.go('/');
  const row = page.locator('main').getByRole('row', { name: /DUBE.*At home/ });
  await row.waitFor();
  assert.doesNotMatch((await row.textContent()) ?? '', /\d{2}:\d{2}/);
  tab.clean();
});

test('a new patient is registered without a mouse', async (t) => {
  const { press, type, count } = hands();
  const started = Date.now();
  await press('F2');
  await at('find-q');
  await type('Nkrumah Yaa 10/5/1988');
  await page.getByText('No patient matches').waitFor();
  await press('F4');
  await at('sex');
  await press('Space', 'Tab');
  assert.equal(await focused(), 'phone');
  await type('0244 555 019');
  await press('Control+s');
  await page.waitForURL(/\/p\/pat_/);
  await page.locator('.banner').getByText('NKRUMAH').waitFor();
  await page.locator('.banner').getByText('10-May-1988').waitFor();
  await page.locator('.banner').getByText('Female').waitFor();
  t.diagnostic(`${count.strokes} keystrokes, ${count.letters} letters, ${Date.now() - started} ms`);
  assert.ok(count.strokes <= 8, `${count.strokes} keystrokes`);
  tab.clean();
});

test('rule 3: registration is blocked until matches are answered, however fast one is', async () => {
  const { press, type } = hands();
  await tab.go('/patients/new');
  await at('family');
  await type('Moreau');
  await press('Tab');
  await type('Bekele');
  await press('Tab');
  await type('10051963');
  await press('Tab', 'Tab', 'ArrowRight');
  // Before the matches beside the form have come.
  await press('Control+s');
  await page.getByRole('alert').getByText('Look at the possible matches').waitFor();
  assert.match(page.url(), /\/patients\/new$/);
  await page.getByText(/Likely \d+ %/).first().waitFor();
  await shoot(page, 'register-blocked');
  await accessible(page, 'blocked registration');
  await page.getByText('None of these is the person').first().waitFor();
  await page.locator('#none').focus();
  await press('Space', 'Control+s');
  await page.waitForURL(/\/p\/pat_/);
  tab.clean();
});

test('rule 3: when matches cannot be searched, registering without them is a decision', async () => {
  const { press, type } = hands();
  tab.expect(500);
  await page.route('**/api/v1/patients/matches*', (route) => route.fulfill({ status: 500, body: '{}' }));
  await tab.go('/patients/new');
  await at('family');
  await type('Quartey');
  await press('Tab', 'Tab', 'Tab', 'Tab', 'ArrowRight');
  await press('Control+s');
  await page.getByRole('alert').getByText('Nobody has looked whether').waitFor();
  await page.unroute('**/api/v1/patients/matches*');
  await page.getByLabel('Register without this check').focus();
  await press('Space', 'Control+s');
  await page.waitForURL(/\/p\/pat_/);
  tab.clean();
});

test('rule 3: an unknown person gets a temporary identity', async () => {
  const { press, type } = hands();
  await tab.go('/patients/new');
  await at('family');
  await press('Shift+Tab');
  assert.equal(await focused(), 'unknown');
  await press('Space');
  await page.getByText('Temporary name: UNKNOWN PERSON, and a number').waitFor();
  await press('Tab', 'Tab');
  assert.equal(await focused(), 'age');
  await type('40');
  await press('Tab', 'ArrowRight');
  await page.getByText('Temporary name: UNKNOWN MALE, and a number').waitFor();
  await shoot(page, 'register-unknown');
  await press('Control+s');
  await page.waitForURL(/\/p\/pat_/);
  await page.locator('.banner').getByText('UNKNOWN MALE 1').waitFor();
  await page.locator('.banner').getByText(/about 19\d\d/).waitFor();
  tab.clean();
});

test('one name alone and an estimated birth are enough', async () => {
  const { press, type } = hands();
  await tab.go('/patients/new');
  await at('family');
  await type('Sukarnoputri');
  await press('Tab', 'Tab');
  await type('about 1963');
  await page.getByText('about 1963 (63y)').waitFor();
  await press('Tab', 'Tab', 'Space', 'Control+s');
  await page.waitForURL(/\/p\/pat_/);
  await page.locator('.banner').getByText('about 1963').waitFor();
  tab.clean();
});

test('rule 3: similar names are flagged, and the dead look different', async () => {
  const { press, type } = hands();
  await press('F2');
  await at('find-q');
  await type('bekele');
  const twins = page.getByRole('row', { name: /MOREAU, Bekele.*Similar/ });
  await twins.first().waitFor();
  assert.ok((await twins.count()) >= 2);
  for (const row of await page.locator('#find-grid .grid-block .grid-row').all()) {
    const text = (await row.textContent()) ?? '';
    const identifiers = [/\d{2}-\w{3}-\d{4}|about|Not recorded/, /MRN-\d+/];
    assert.ok(identifiers.every((one) => one.test(text)), `two identifiers: ${text}`);
  }
  const dead = page.getByRole('row', { name: /MOREIRA, Bekele.*Died 04-Mar-2026/ });
  await dead.waitFor();
  const looks = await dead.evaluate((node) => {
    const own = getComputedStyle(node);
    return [own.backgroundImage.includes('gradient'), own.backgroundColor];
  });
  const living = await twins.first().evaluate((node) => getComputedStyle(node).backgroundColor);
  assert.equal(looks[0], true, 'another pattern');
  assert.notEqual(looks[1], living, 'another colour');
  await shoot(page, 'find-similar');
  tab.clean();
});

test('rule 12: the longest name is never cut, in the list or in the banner', async () => {
  const { press, type } = hands();
  await press('F2', 'Escape');
  await at('find-q');
  await type('wolfesch');
  const row = page.getByRole('row', { name: /WOLFESCHLEGEL/ });
  await row.waitFor();
  const whole = await row.locator('.name').evaluate((node) => {
    const box = /** @type {HTMLElement} */ (node.closest('.grid-row')).getBoundingClientRect();
    const text = node.getBoundingClientRect();
    return text.left >= box.left && text.right <= box.right && text.bottom <= box.bottom + 1;
  });
  assert.equal(whole, true);
  await press('Enter');
  await page.locator('.banner').getByText('MONTMORENCY').waitFor();
  tab.clean();
});

test('the list of all goes to its last and its first row, and Back finds the place again', async () => {
  const { press } = hands();
  await press('F2');
  await at('find-q');
  await page.keyboard.press('Escape');
  const grid = page.locator('#find-grid');
  await page.waitForFunction((count) => {
    const now = document.getElementById('find-grid')?.getAttribute('aria-rowcount');
    return Number(now) >= count;
  }, TOTAL);
  const count = Number(await grid.getAttribute('aria-rowcount')) - 1;
  await press('End');
  const last = page.locator(`#find-grid-${count - 1}`);
  await last.getByText(/MRN-/).waitFor();
  assert.equal(await last.getAttribute('aria-selected'), 'true');
  assert.equal(await last.getAttribute('aria-rowindex'), String(count + 1));
  await inView(last, grid);
  await press('Home');
  await page.locator('#find-grid-0').getByText(/MRN-/).waitFor();
  await page.locator('.letters').getByRole('button', { name: 'F', exact: true }).focus();
  await press('Enter');
  const fofana = page.locator('#find-grid .grid-row.on');
  await fofana.getByText('FOFANA').waitFor();
  await inView(fofana, grid);
  const index = await fofana.getAttribute('aria-rowindex');
  const top = await grid.evaluate((node) => node.scrollTop);
  assert.ok(top > 1000, `${top}`);
  await page.locator('#find-q').focus();
  await press('Enter');
  await page.waitForURL(/\/p\/pat_/);
  await page.locator('.banner').getByText('FOFANA').waitFor();
  await page.goBack();
  const again = page.locator('#find-grid .grid-row.on');
  await again.getByText('FOFANA').waitFor();
  assert.equal(await again.getAttribute('aria-rowindex'), index);
  await page.waitForFunction((was) => {
    const now = document.getElementById('find-grid')?.scrollTop ?? 0;
    return Math.abs(now - was) < 40;
  }, top);
  const rows = await page.locator('#find-grid .grid-row').count();
  assert.ok(rows < 80, `${rows} rows in the page`);
  tab.clean();
});

/** @param {import('../overflow.js').Locator} row @param {import('../overflow.js').Locator} grid */
async function inView(row, grid) {
  const [mine, box] = [await row.boundingBox(), await grid.boundingBox()];
  assert.ok(mine && box);
  const fits = box.y <= mine.y + 1 && mine.y + mine.height <= box.y + box.height + 1;
  assert.ok(fits, `row ${JSON.stringify(mine)} in ${JSON.stringify(box)}`);
}

test('rule 13: an empty list, a failed one and one without an answer say different things', async () => {
  tab.expect(500);
  await page.route('**/api/v1/patients?*', (route) => route.fulfill({ status: 500, body: '{}' }));
  await tab.go('/patients');
  await page.getByText('Not loaded: Patients').waitFor();
  await page.unroute('**/api/v1/patients?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#find-grid .grid-block .grid-row').first().waitFor();
  await page.locator('#find-q').focus();
  await page.keyboard.type('zzzzqq');
  await page.getByText('No patient matches').waitFor();
  tab.clean();
});

test('after all of this nothing that was typed about a patient has stood in an address', () => {
  const asked = addresses.filter((url) => /\/patients\/(search|matches)$/.test(url));
  assert.ok(asked.length > 5, `${asked.length} questions were asked in bodies`);
  const typed = addresses.filter((url) => /[?&](q|family|given|phone)=|quartey|zzzzqq/i.test(url));
  assert.deepEqual(typed, []);
});
