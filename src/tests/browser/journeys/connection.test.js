// The line to the server: news come by themselves, nothing moves under the pointer, and when
// the line is cut nothing is lost and nothing is claimed.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import {
  accessible,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { PEOPLE } from '../people.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {any} */
let patient;
let count = 0;

before(async () => {
  server = await startServer();
  api = await setUp(server);
});

beforeEach(async () => {
  await chrome?.browser.close();
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  patient = await api('POST', '/patients', PEOPLE[count % 2]);
  count += 1;
  await tab.go('/sign-in');
  await signIn(tab.page);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** @param {string} text */
function problemOf(text) {
  return api('POST', '/conditions', { patient_id: patient.id, code_text: text, status: 'active' });
}

/** @param {string} tabName */
async function openRecord(tabName = '') {
  await tab.go(`/p/${patient.id}${tabName}`);
  await tab.page.locator('.banner-name').waitFor();
  await tab.page.getByText('Live', { exact: true }).waitFor();
  await tab.page.waitForLoadState('networkidle');
}

test('what somebody else writes shows by itself; an allergy at once in the banner', async () => {
  const { page } = tab;
  await openRecord('/problems');
  await page.mouse.move(5, 5);
  await problemOf('Asthma from elsewhere');
  await page.getByText('Asthma from elsewhere').first().waitFor();
  // Even while somebody points into the record: what must not be given cannot wait.
  await page.mouse.move(600, 400);
  const body = { patient_id: patient.id, code_text: 'Latex', status: 'active' };
  await api('POST', '/allergies', body);
  await page.locator('.banner-allergies.known', { hasText: 'Latex' }).waitFor();
  tab.clean();
});

test('rule 16: nothing moves under the pointer or the focus', async () => {
  const { page } = tab;
  await openRecord('/problems');
  await page.mouse.move(600, 500);
  await problemOf('Gout, held back');
  await page.getByRole('button', { name: /^1 change, show/ }).waitFor();
  assert.equal(await page.getByText('Gout, held back').count(), 0);
  await accessible(page, 'changes held back');
  await shoot(page, 'changes-held');
  await page.keyboard.press('r');
  await page.getByText('Gout, held back').first().waitFor();
  await page.getByRole('button', { name: /change, show/ }).waitFor({ state: 'detached' });
  // Whoever leaves sees it without asking.
  await problemOf('Migraine, after leaving');
  await page.getByRole('button', { name: /^1 change, show/ }).waitFor();
  await page.mouse.move(5, 5);
  await page.getByText('Migraine, after leaving').first().waitFor();

  await tab.go('/admin/users');
  await page.locator('main table tbody tr').first().hover();
  const person = { username: `new${count}`, display_name: 'Held Person', role: 'nurse' };
  await api('POST', '/users', { ...person, password: 'four yellow boats' });
  await page.getByRole('button', { name: /^1 change, show/ }).waitFor();
  assert.equal(await page.getByText('Held Person').count(), 0);
  await page.keyboard.press('r');
  await page.getByText('Held Person').waitFor();
  tab.clean();
});

test('rule 17: stale is visible; what was read stays, with the time', async () => {
  const { page } = tab;
  tab.expect(0, 502, 503);
  await openRecord();
  await server.halt();
  await page.getByText('Reconnecting').waitFor();
  await page.getByText(/Not connected since \d\d:\d\d\. What you see is as it was then/).waitFor({
    timeout: 30_000,
  });
  await page.locator('.frame.stale').waitFor();
  await page.locator('.banner-name', { hasText: 'MOREAU' }).waitFor();
  await accessible(page, 'not connected');
  await shoot(page, 'stale');
  await server.resume();
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
  await page.locator('.frame.stale').waitFor({ state: 'detached' });
  tab.clean();
});

test('rule 18: save is honest, also over a restart of the server', async () => {
  const { page } = tab;
  tab.expect(0, 502, 503);
  await openRecord('/problems');
  await page.getByRole('button', { name: 'Add' }).first().click();
  const field = page.locator('aside.panel input').first();
  await field.fill('Typed while cut off');
  await server.halt();
  await page.getByRole('button', { name: /Save for/ }).click();
  await page.getByText('The server did not answer. What you typed is kept').waitFor();
  assert.equal(await page.locator('.toast').count(), 0);
  assert.equal(await field.inputValue(), 'Typed while cut off');
  await server.resume();
  // Nothing was sent behind one's back.
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
  assert.equal((await api('GET', `/conditions?patient_id=${patient.id}`)).length, 0);
  await page.getByRole('button', { name: /Save for/ }).click();
  await page.locator('.toast').waitFor();
  assert.equal((await api('GET', `/conditions?patient_id=${patient.id}`)).length, 1);
  tab.clean();
});

test('what was missed while the line was down is told after', async () => {
  const { page } = tab;
  tab.expect(0, 502, 503);
  await openRecord('/problems');
  await page.mouse.move(5, 5);
  await server.halt();
  await page.getByText('Reconnecting').waitFor();
  // The page cannot reach it, somebody else can.
  await page.route('**/api/**', (route) => route.abort('connectionrefused'));
  await server.resume();
  await problemOf('Written while away');
  await page.unroute('**/api/**');
  await page.getByText('Written while away').first().waitFor({ timeout: 40_000 });
  tab.clean();
});

test('killed and started again under an open record: news come again, and none is missed', async () => {
  const { page } = tab;
  tab.expect(0, 502, 503);
  await openRecord('/problems');
  await page.mouse.move(5, 5);
  await server.kill();
  await page.getByText('Reconnecting').waitFor();
  await page.locator('.banner-name', { hasText: 'MOREAU' }).waitFor();
  await server.resume();
  // Written before the page is back: it must hear of it all the same.
  await problemOf('Written at once after the restart');
  await page.getByText('Written at once after the restart').first().waitFor({ timeout: 40_000 });
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
  await problemOf('Written on the new line');
  await page.getByText('Written on the new line').first().waitFor();
  tab.clean();
});

test('the answer to a save is lost on the way: saved again it is one record', async () => {
  const { page } = tab;
  tab.expect(0);
  await openRecord('/problems');
  await page.getByRole('button', { name: 'Add' }).first().click();
  await page.locator('aside.panel input').first().fill('Sent twice');
  let sent = 0;
  await page.route('**/api/v1/conditions', async (route) => {
    sent += 1;
    if (sent > 1) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await page.keyboard.press('Control+Enter');
  await page.getByText('The server did not answer. What you typed is kept').waitFor();
  assert.equal(await page.locator('aside.panel input').first().inputValue(), 'Sent twice');
  await page.keyboard.press('Control+Enter');
  await page.locator('.toast').waitFor();
  assert.equal(sent, 2);
  assert.equal((await api('GET', `/conditions?patient_id=${patient.id}`)).length, 1);
  tab.clean();
});

test('an old page after an upgrade offers to load again', async () => {
  const { page } = tab;
  tab.expect(404);
  await page.route('**/screens/about/about.js', (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'About' }).click();
  await page.getByRole('heading', { name: 'This page must be loaded again' }).waitFor();
  await accessible(page, 'old files');
  await shoot(page, 'old-files');
  await page.unroute('**/screens/about/about.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'About', level: 1 }).waitFor();
});
