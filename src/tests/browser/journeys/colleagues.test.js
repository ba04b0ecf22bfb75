// Two desks at once: what one of them registers or changes shows at the other without loading
// the page again, and never under the pointer or in a list that somebody works in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ADMIN, accessible, openBrowser, openPage, setUp, signIn, startServer } from '../harness.js';
import { PEOPLE } from '../people.js';

const RECEPTION = { username: 'kofi', display_name: 'Kofi Osei', password: 'four yellow boats' };

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof openBrowser>>[]} */
const browsers = [];
/** @type {Awaited<ReturnType<typeof openPage>>} */
let mine;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let theirs;

/** @param {{ username: string, password: string }} user */
async function desk(user) {
  const chrome = await openBrowser();
  browsers.push(chrome);
  const tab = await openPage(chrome.context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page, user);
  return tab;
}

before(async () => {
  server = await startServer();
  api = await setUp(server);
  for (const one of PEOPLE) await api('POST', '/patients', one);
  await api('POST', '/users', { ...RECEPTION, role: 'reception' });
  mine = await desk(RECEPTION);
  theirs = await desk(ADMIN);
});

after(async () => {
  for (const { browser } of browsers) await browser.close();
  await server?.stop();
});

/** At the other desk, by the form. @param {string} family @param {string} given */
async function register(family, given) {
  const { page } = theirs;
  await theirs.go('/patients/new');
  await page.getByLabel('Family name').fill(family);
  await page.getByLabel('Given name(s)').fill(given);
  await page.getByLabel('Female').check();
  await page.getByText('Nobody like this is registered').waitFor();
  await page.keyboard.press('Control+s');
  await page.waitForURL(/\/p\/pat_/);
  return String(page.url().split('/').pop());
}

/** At the other desk. @param {string} id @param {string} label @param {string} text */
async function amend(id, label, text) {
  const { page } = theirs;
  await theirs.go(`/p/${id}/edit`);
  await page.getByLabel(label).first().fill(text);
  await page.keyboard.press('Control+s');
  await page.waitForURL(new RegExp(`/p/${id}$`));
}

/** Marks the page: whoever loads it again loses the mark. */
const mark = () => mine.page.evaluate(() => void (/** @type {any} */ (window).here = true));
const marked = () => mine.page.evaluate(() => /** @type {any} */ (window).here === true);
const rows = () => mine.page.locator('#find-grid .grid-block .grid-row');
const waiting = () => mine.page.getByRole('button', { name: /^1 change, show/ });

test('who is registered at the other desk stands in the open list; under the pointer it waits', async () => {
  const { page } = mine;
  await mine.go('/patients');
  await rows().first().waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await mark();
  await page.mouse.move(5, 5);
  const id = await register('Aaba', 'Zora');
  await page.getByRole('row', { name: /AABA, Zora/ }).waitFor();

  const first = rows().first();
  await first.hover();
  const before = [await first.boundingBox(), await first.innerText()];
  await amend(id, 'Phone', '0244 555 0199');
  await waiting().waitFor();
  assert.deepEqual([await first.boundingBox(), await first.innerText()], before);
  await accessible(page, 'list with changes held back');
  await page.mouse.move(5, 5);
  await page.getByRole('row', { name: /AABA, Zora.*…0199/ }).waitFor();
  await waiting().waitFor({ state: 'detached' });
  assert.ok(await marked(), 'without loading the page again');
  mine.clean();
  theirs.clean();
});

test('a search that somebody is about to answer with Enter changes when they ask', async () => {
  const { page } = mine;
  await mine.go('/patients');
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator('#find-q').fill('quaye');
  await page.getByText('No patient matches').waitFor();
  await mark();
  await register('Quaye', 'Naa');
  await waiting().waitFor();
  assert.equal(await rows().count(), 0);
  await waiting().click();
  await page.getByRole('row', { name: /QUAYE, Naa/ }).waitFor();
  assert.ok(await marked());
  // What does not concern the search says nothing.
  await register('Sarpong', 'Yaw');
  await page.waitForTimeout(3000);
  assert.equal(await waiting().count(), 0);
  mine.clean();
});

test('who a patient is changes in the open record at once', async () => {
  const { page } = mine;
  const [{ id }] = await api('GET', '/patients?q=dube');
  await mine.go(`/p/${id}/details`);
  await page.locator('.banner-name', { hasText: 'DUBE' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await mark();
  await amend(id, 'Family name', 'Dube-Ncube');
  await page.locator('.banner-name', { hasText: 'DUBE-NCUBE' }).waitFor();
  assert.ok(await marked());
  mine.clean();
  theirs.clean();
});
