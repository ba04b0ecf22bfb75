// The first day of a hospital: set up, sign in, register by keyboard only, search three
// letters, open the record, change a detail.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ADMIN, HOSPITAL, openBrowser, openPage, shoot, signIn, startServer } from '../harness.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;

before(async () => {
  server = await startServer();
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** @param {...string} keys */
async function press(...keys) {
  for (const key of keys) await tab.page.keyboard.press(key);
}

/** @param {string} text */
const type = (text) => tab.page.keyboard.type(text, { delay: 15 });

const focused = () => tab.page.evaluate(() => document.activeElement?.id ?? '');

test('whoever opens the server before it is set up is led to the set-up', async () => {
  await tab.go('/patients');
  await tab.page.getByRole('heading', { name: 'Set up HealthFlow' }).waitFor();
  assert.equal(new URL(tab.page.url()).pathname, '/setup');
  assert.equal(await focused(), 'token');
  tab.clean();
});

test('the set-up link opens the form in the page that is open, and the key leaves the address', async () => {
  await tab.page.goto(server.setupLink);
  await tab.page.locator('#token').waitFor({ state: 'detached' });
  await tab.page.getByLabel('Name of the hospital').waitFor();
  assert.equal(tab.page.url(), `${server.url}/setup`);
  tab.clean();
});

test('an incomplete set-up names each field, and its links lead there', async () => {
  await press('Enter');
  const summary = tab.page.getByRole('alert');
  await summary.waitFor();
  assert.match((await summary.textContent()) ?? '', /There are 4 problems/);
  await press('Tab', 'Enter');
  assert.equal(await focused(), 'hospital_name');
  await shoot(tab.page, 'setup-errors');
  tab.clean();
});

test('set-up ends on Today, which offers the next steps', async () => {
  const { page } = tab;
  await type(HOSPITAL.hospital_name);
  await page.getByLabel('Time zone').selectOption(HOSPITAL.time_zone);
  await page.getByLabel('Full name').fill(ADMIN.display_name);
  await page.getByLabel('User name').fill(ADMIN.username);
  await page.getByLabel('Password').fill(ADMIN.password);
  await shoot(page, 'setup');
  await press('Enter');
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Import patients' }).waitFor();
  await page.getByText('No patients yet').waitFor();
  await shoot(page, 'today-first');
  tab.clean();
});

test('the link is void afterwards, and says so', async () => {
  const { page } = tab;
  const other = await openPage(await chrome.browser.newContext(), server.url);
  await other.page.goto(server.setupLink);
  await other.page.getByText('This hospital is set up already').waitFor();
  await other.page.getByText('one-time link that you opened is not needed any more').waitFor();
  other.clean();
  await other.page.context().close();
  tab.expect(404);
  await tab.go('/settings');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.locator('main').getByRole('link').click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  tab.clean();
});

test('signing out and in again', async () => {
  const { page } = tab;
  await page.getByRole('button', { name: ADMIN.display_name }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'username');
  tab.expect(401);
  await type(ADMIN.username);
  await press('Tab');
  await type('not the password');
  await press('Enter');
  await page.getByText('User name or password is wrong').waitFor();
  await shoot(page, 'sign-in-wrong');
  await signIn(page);
  tab.clean();
});

test('a patient is registered with the keyboard alone', async () => {
  const { page } = tab;
  await press('F2');
  await page.waitForFunction(() => document.activeElement?.id === 'find-q');
  await type('moreau bekele 10/5/63');
  await page.getByText('No patient matches').waitFor();
  await press('F4');
  await page.waitForFunction(() => document.activeElement?.id === 'sex');
  assert.equal(await page.getByLabel('Family name').inputValue(), 'Moreau');
  assert.equal(await page.getByLabel('Given name(s)').inputValue(), 'Bekele');
  await page.getByText('Fri 10-May-1963 (63y)').waitFor();
  await press('ArrowRight', 'Tab');
  assert.equal(await focused(), 'phone');
  await type('07700 900417');
  await page.getByText('Nobody like this is registered').waitFor();
  await shoot(page, 'register');
  await press('Control+s');
  await page.waitForURL(/\/p\/pat_/);
  await page.getByText('MOREAU').first().waitFor();
  assert.doesNotMatch(page.url() + (await page.title()), /moreau|bekele|MRN/i);
  await shoot(page, 'record-new');
  tab.clean();
});

test('the same person again must be looked at first', async () => {
  const { page } = tab;
  await tab.go('/patients/new');
  await page.getByLabel('Family name').fill('Moreau');
  await page.getByLabel('Given name(s)').fill('Bekele');
  await page.getByLabel('Born').fill('10051963');
  await page.getByLabel('Male', { exact: true }).check();
  await page.getByText(/Likely \d+ %/).waitFor();
  await press('Control+Enter');
  await page.getByRole('alert').getByText('Look at the possible matches').waitFor();
  await shoot(page, 'register-match');
  await page.getByRole('button', { name: 'This is the person' }).click();
  await page.waitForURL(/\/p\/pat_/);
  tab.clean();
});

test('three letters find the patient, Enter opens the record', async () => {
  const { page } = tab;
  await press('F2');
  await page.waitForFunction(() => document.activeElement?.id === 'find-q');
  await type('mor');
  await page.locator('#find-hint').getByText('1 found').waitFor();
  await page.getByRole('row', { name: /MOREAU, Bekele.*10-May-1963.*Male/ }).waitFor();
  await shoot(page, 'find');
  await press('Enter');
  await page.waitForURL(/\/p\/pat_/);
  await page.getByText('MOREAU').first().waitFor();
  await shoot(page, 'record');
  tab.clean();
});

test('a change is saved and shown', async () => {
  const { page } = tab;
  const id = new URL(page.url()).pathname.split('/')[2];
  await tab.go(`/p/${id}/edit`);
  await page.waitForFunction(() => document.activeElement?.id === 'family');
  await page.getByLabel('Town').fill('Tema');
  await page.getByText('Next of kin').click();
  await page.getByRole('button', { name: 'Add a contact' }).click();
  await page.locator('#contact-0-relationship').fill('Mother');
  await page.locator('#contact-0-name').fill('Ama Moreau');
  await shoot(page, 'edit');
  await press('Control+s');
  await page.waitForURL(new RegExp(`/p/${id}$`));
  await page.getByText('Details of MOREAU, Bekele are saved').waitFor();
  await tab.go(`/p/${id}/edit`);
  assert.equal(await page.getByLabel('Town').inputValue(), 'Tema');
  assert.equal(await page.locator('#contact-0-name').inputValue(), 'Ama Moreau');
  tab.clean();
});

test('leaving typed work asks; the safe answer stays', async () => {
  const { page } = tab;
  await page.getByLabel('Town').fill('Accra');
  await press('Alt+1');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Leave without saving?').waitFor();
  await press('Control+s');
  await page.waitForTimeout(300);
  assert.ok(await dialog.isVisible(), 'the keys of the page rest');
  await press('Enter');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Town').inputValue(), 'Accra');
  await press('Alt+1');
  await dialog.getByRole('button', { name: 'Leave, do not save' }).click();
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  tab.clean();
});

test('locking takes every name off the page; the same person gets it back', async () => {
  const { page } = tab;
  await page.getByRole('link', { name: /MOREAU/ }).waitFor();
  await press('Control+Shift+L');
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  assert.doesNotMatch(await page.evaluate(() => document.documentElement.outerHTML), /moreau/i);
  await shoot(page, 'locked');
  await type(ADMIN.password);
  await press('Enter');
  await page.getByRole('link', { name: /MOREAU/ }).waitFor();
  tab.clean();
});

test('the palette goes to a page and to a patient', async () => {
  const { page } = tab;
  await press('Control+k');
  await type('abo');
  await page.getByRole('option', { name: 'Go to About' }).waitFor();
  await press('Enter');
  await page.getByRole('heading', { name: 'About', level: 1 }).waitFor();
  await press('Control+k');
  await type('bekele');
  await page.getByRole('option', { name: /MOREAU, Bekele/ }).waitFor();
  await shoot(page, 'palette');
  await press('Enter');
  await page.waitForURL(/\/p\/pat_/);
  tab.clean();
});

test('nothing of a patient is kept in the browser', async () => {
  const kept = await tab.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.doesNotMatch(kept, /moreau|bekele|1963/i);
});
