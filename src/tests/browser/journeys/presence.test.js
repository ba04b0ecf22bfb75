// Leaving, coming back, and somebody else at the same PC.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import {
  ADMIN,
  accessible,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { PEOPLE } from '../people.js';

const NURSE = { username: 'efua', display_name: 'Efua Boateng', password: 'four yellow boats' };

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
/** @type {string} */
let nurse;

before(async () => {
  server = await startServer();
  api = await setUp(server);
  patient = await api('POST', '/patients', PEOPLE[0]);
  nurse = (await api('POST', '/users', { ...NURSE, role: 'nurse' })).id;
});

beforeEach(async () => {
  await chrome?.browser.close();
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  tab.expect(401, 0);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** Everything that stands in the document. */
function markup() {
  return tab.page.evaluate(() => document.documentElement.outerHTML + document.title);
}

/** Types a visit of the patient and does not save it. */
async function typeSomething() {
  await tab.go(`/p/${patient.id}/problems`);
  await tab.page.getByRole('button', { name: 'Add' }).first().click();
  const field = tab.page.locator('aside.panel input').first();
  await field.fill('Kept while locked');
  return field;
}

/** @param {string} password */
async function unlock(password) {
  await tab.page.getByLabel('Password').fill(password);
  await tab.page.keyboard.press('Enter');
}

test('nobody there: a warning, then the lock, and nothing of a patient in the page', async () => {
  const { page } = tab;
  await page.clock.install();
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  await typeSomething();
  // A ward locks after three minutes and says so half a minute before.
  await page.clock.fastForward(2 * 60_000 + 35_000);
  await page.getByText(/Nobody seems to be here/).first().waitFor();
  await accessible(page, 'warning before the lock');
  await shoot(page, 'idle-warning');
  await page.clock.fastForward(30_000);
  await page.getByRole('heading', { name: 'Locked: nobody was here' }).waitFor();
  assert.doesNotMatch(await markup(), /moreau|bekele|kept while locked/i);
  await accessible(page, 'locked');
  await shoot(page, 'idle-locked');
  const { status } = await page.evaluate(async () => {
    const reply = await fetch('/api/v1/sessions/current', { headers: { 'X-HealthFlow-Client': 'ui' } });
    return { status: reply.status };
  });
  assert.equal(status, 401, 'the session is over, not only hidden');
  await unlock(NURSE.password);
  await page.locator('.banner-name').waitFor();
  const typed = page.locator('aside.panel input').first();
  assert.equal(await typed.inputValue(), 'Kept while locked');
  tab.clean();
});

test('any key or movement keeps the page open', async () => {
  const { page } = tab;
  await page.clock.install();
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  await page.clock.fastForward(2 * 60_000 + 40_000);
  await page.getByRole('button', { name: 'Stay' }).waitFor();
  await page.keyboard.press('Shift');
  await page.getByRole('button', { name: 'Stay' }).waitFor({ state: 'detached' });
  await page.clock.fastForward(2 * 60_000);
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  tab.clean();
});

test('half an hour locked: the page is given up and the next person starts with nothing', async () => {
  const { page } = tab;
  await page.clock.install();
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  await tab.go(`/p/${patient.id}`);
  await page.locator('.banner-name').waitFor();
  await page.keyboard.press('Control+Shift+L');
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  await page.clock.fastForward(31 * 60_000);
  await page.waitForURL(/\/sign-in$/);
  tab.clean();
});

test('rule 20: another person starts with an empty page', async () => {
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  await typeSomething();
  await page.keyboard.press('Control+Shift+L');
  page.on('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Another person' }).click();
  await page.waitForURL(/\/sign-in$/);
  await signIn(page, NURSE);
  assert.doesNotMatch(await markup(), /moreau|kept while locked/i);
  await page.goBack().catch(() => {});
  assert.doesNotMatch(await markup(), /kept while locked/i);
  tab.clean();
});

test('an ended session covers an open form at once; the same person goes on with it', async () => {
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  const field = await typeSomething();
  await page.getByText('Live', { exact: true }).waitFor();
  await api('DELETE', `/sessions?user_id=${nurse}`);
  await page.getByRole('heading', { name: 'Sign in again' }).waitFor();
  assert.doesNotMatch(await markup(), /moreau|kept while locked/i);
  await unlock(NURSE.password);
  await page.locator('.banner-name').waitFor();
  assert.equal(await field.inputValue(), 'Kept while locked');
  await page.getByRole('button', { name: /Save for/ }).click();
  await page.getByText('Kept while locked').first().waitFor();
  tab.clean();
});

test('one lock for all tabs, and another person in one of them takes all', async () => {
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  const other = await openPage(chrome.context, server.url);
  other.expect(401, 0);
  await other.go(`/p/${patient.id}`);
  await other.page.locator('.banner-name').waitFor();
  await page.keyboard.press('Control+Shift+L');
  await other.page.getByRole('heading', { name: 'Locked' }).waitFor();
  await unlock(NURSE.password);
  await other.page.locator('.banner-name').waitFor();
  await page.keyboard.press('Control+Shift+L');
  await page.getByRole('button', { name: 'Another person' }).click();
  await page.waitForURL(/\/sign-in$/);
  await signIn(page, ADMIN);
  await other.page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();
  await other.page.getByRole('button', { name: ADMIN.display_name }).waitFor();
});

test('one sees where one is signed in, ends the others and changes the password', async () => {
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page, NURSE);
  await fetch(`${server.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Ward-Robot/1.0' },
    body: JSON.stringify({ username: NURSE.username, password: NURSE.password }),
  });
  await tab.go('/me');
  await page.getByText('Ward-Robot/1.0').waitFor();
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByText('Ward-Robot/1.0').waitFor({ state: 'detached' });
  await page.getByText('This one', { exact: true }).waitFor();
  tab.expect(422);
  await page.getByLabel('Present password').fill('not the right one');
  await page.getByLabel('New password', { exact: true }).fill('nine quiet harbours');
  await page.getByLabel('New password again').fill('nine quiet harbours');
  await page.getByRole('button', { name: 'Change my password' }).click();
  await page.getByRole('link', { name: 'This is not your present password.' }).waitFor();
  await page.getByLabel('Present password').fill(NURSE.password);
  await page.getByRole('button', { name: 'Change my password' }).click();
  await page.getByText('Your password is changed').waitFor();
  NURSE.password = 'nine quiet harbours';
  await tab.go('/me');
  await page.getByText('This one', { exact: true }).waitFor();
  tab.clean();
});
