// The privacy officer: who looked at this patient, and why, in two clicks; the audit with its
// filters, proven; and the sheet for the patient.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  accessible,
  fitsHeight,
  fitsWidth,
  openBrowser,
  openPage,
  setUp,
  settled,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { PEOPLE } from '../people.js';

const OFFICER = { username: 'esi.officer', password: 'four yellow boats' };

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {string} */
let patient;

/** @param {{ username: string, password: string }} user */
async function tokenOf(user) {
  const answer = await fetch(`${server.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(user),
  });
  return (await answer.json()).token;
}

before(async () => {
  server = await startServer();
  const api = await setUp(server);
  for (const one of PEOPLE) {
    const made = await api('POST', '/patients', one);
    if (made.family === 'Dube') patient = made.id;
  }
  const people = [
    { ...OFFICER, display_name: 'Esi Officer', role: 'privacy_officer' },
    { username: 'kofi', display_name: 'Dr Kofi Osei', role: 'clinician', password: OFFICER.password },
  ];
  for (const one of people) await api('POST', '/users', one);
  const token = await tokenOf({ username: 'kofi', password: OFFICER.password });
  const look = (/** @type {string} */ path) =>
    fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  for (const rest of ['', '/timeline', '/history']) await look(`/patients/${patient}${rest}`);
  const refused = await look('/users');
  assert.equal(refused.status, 403);
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  await tab.page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute('data-printed', 'yes');
  });
  await tab.go('/sign-in');
  await signIn(tab.page, OFFICER);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

test('from the start page to who looked at a patient, and why, in two clicks', async () => {
  const { page } = tab;
  await page.locator('#who-q').click();
  await page.keyboard.type('dube');
  const found = page.locator('section[aria-labelledby="who-title"] .person-list a');
  await found.filter({ hasText: 'DUBE' }).waitFor();
  await shoot(page, 'audit-today');
  await found.filter({ hasText: 'DUBE' }).click();
  const row = page.locator('.who-table tr', { hasText: 'Dr Kofi Osei' });
  await row.getByText('looked 3 times').waitFor();
  await row.getByText('Opened the record').waitFor();
  await row.getByText('No reason had to be given').waitFor();
  await page.locator('.who-table tr', { hasText: 'Ama Mensah' }).getByText('1 change').waitFor();
  await page.getByRole('heading', { name: /DUBE, Dinesh/ }).waitFor();
  await settled(page);
  await shoot(page, 'audit-who-looked');
  await accessible(page, 'who looked');
  await fitsWidth(page, 'who looked');
  tab.clean();
});

test('from the record it is one click', async () => {
  const { page } = tab;
  await tab.go(`/p/${patient}`);
  await page.getByRole('link', { name: 'Who looked' }).click();
  await page.locator('.who-table tr', { hasText: 'Dr Kofi Osei' }).waitFor();
  tab.clean();
});

test('the sheet for the patient says it in plain words and is printed', async () => {
  const { page } = tab;
  await page.keyboard.press('F9');
  await page.locator('.paper .who-table').waitFor();
  await page.locator('html[data-printed]').waitFor();
  await page.getByText('opened or changed your record').waitFor();
  assert.equal(await page.locator('.paper').getByText('127.0.0.1').count(), 0);
  await shoot(page, 'audit-paper');
  await accessible(page, 'who looked on paper');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Who looked', level: 1 }).waitFor();
  tab.clean();
});

test('the list is narrowed, a row opens beside it, all by the keyboard', async () => {
  const { page } = tab;
  await tab.go('/admin/audit');
  await page.locator('#audit-grid .grid-block .grid-row').first().waitFor();
  await settled(page);
  await shoot(page, 'audit-list');
  await accessible(page, 'audit');
  await fitsWidth(page, 'audit');
  await fitsHeight(page, 'audit');
  await page.locator('#audit-person').selectOption({ label: 'Dr Kofi Osei' });
  await page.locator('#audit-outcome').selectOption('refused');
  const rows = page.locator('#audit-grid .grid-block .grid-row');
  await page.waitForFunction(
    () => document.querySelectorAll('#audit-grid .grid-block .grid-row').length === 1,
  );
  await rows.getByText('Was refused').waitFor();
  await page.locator('#audit-grid').focus();
  await page.keyboard.press('Enter');
  await page.locator('.panel').getByText('users.read').waitFor();
  await shoot(page, 'audit-row');
  await accessible(page, 'row of the audit');
  await page.keyboard.press('Escape');
  await page.locator('.panel').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'All of it' }).click();
  await page.locator('#audit-from').fill('1 Jan 2020');
  await page.locator('#audit-to').fill('2 Jan 2020');
  await page.getByText('Nothing of that kind').waitFor();
  await page.locator('#audit-to').fill('');
  await rows.first().waitFor();
  tab.clean();
});

test('what is listed is saved as a table', async () => {
  const { page } = tab;
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Save as a table' }).click(),
  ]);
  assert.equal(file.suggestedFilename(), 'audit.csv');
  tab.clean();
});

test('the audit is verified and says so, and the line to print is there', async () => {
  const { page } = tab;
  await page.getByText('Not verified yet').waitFor();
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(/Proven whole on .* up to row \d+/).waitFor();
  await page.getByText('Verified by Esi Officer').waitFor();
  await page.getByRole('button', { name: 'Line to print' }).click();
  await page.getByText(/^healthflow-audit \d{4}-/).waitFor();
  await shoot(page, 'audit-proven');
  await accessible(page, 'proof');
  tab.clean();
});

test('from an account it is one click to what its person did and looked at', async () => {
  const { page } = tab;
  await tab.go('/admin/users');
  await page.getByRole('button', { name: 'Look at Dr Kofi Osei' }).click();
  await page.getByRole('button', { name: 'What they did and looked at' }).click();
  await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
  const rows = page.locator('#audit-grid .grid-block .grid-row');
  await rows.filter({ hasText: 'Opened the record' }).first().waitFor();
  assert.equal(await rows.filter({ hasText: 'Ama Mensah' }).count(), 0);
  await shoot(page, 'audit-of-person');
  tab.clean();
});

test('it reads from right to left, and who may not sees nothing of it', async () => {
  const { browser, context } = await openBrowser({ locale: 'ar' });
  const arabic = await openPage(context, server.url);
  await arabic.go('/sign-in');
  await signIn(arabic.page, OFFICER);
  await arabic.go(`/admin/audit/patient/${patient}`);
  await arabic.page.locator('.who-table tbody tr').first().waitFor();
  await settled(arabic.page);
  await shoot(arabic.page, 'audit-who-looked-ar');
  await fitsWidth(arabic.page, 'who looked, Arabic');
  await arabic.go('/admin/audit');
  await arabic.page.locator('#audit-grid .grid-block .grid-row').first().waitFor();
  await shoot(arabic.page, 'audit-list-ar');
  await fitsWidth(arabic.page, 'audit, Arabic');
  arabic.clean();
  await browser.close();
  const other = await openBrowser();
  const nurse = await openPage(other.context, server.url);
  await nurse.go('/sign-in');
  await signIn(nurse.page, { username: 'kofi', password: OFFICER.password });
  assert.equal(await nurse.page.locator('#who-q').count(), 0);
  assert.equal(await nurse.page.locator('a[href="/admin/audit"]').count(), 0);
  await nurse.go('/admin/audit');
  await nurse.page.locator('.state.warn').waitFor();
  nurse.clean();
  await other.browser.close();
});
