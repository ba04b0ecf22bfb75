// What a person sees when something fails: nothing typed is lost, nothing is made twice, and
// failed never looks like empty.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import {
  ADMIN,
  forget,
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

before(async () => {
  server = await startServer();
  api = await setUp(server);
  patient = await api('POST', '/patients', PEOPLE[0]);
  chrome = await openBrowser();
});

beforeEach(async () => {
  if (tab) await forget(tab.page);
  tab = await openPage(chrome.context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** @param {number} status */
function problem(status, detail = '') {
  const body = { code: 'test.fault', status, detail, request_id: 'req-12345678' };
  return { status, contentType: 'application/problem+json', body: JSON.stringify(body) };
}

test('a failed list says so, keeps the field, and can be tried again', async () => {
  const { page } = tab;
  tab.expect(500);
  await page.route('**/api/v1/patients/search', (route) => route.fulfill(problem(500)));
  await page.keyboard.press('F2');
  await page.locator('#find-q').fill('moreau');
  await page.getByText('Not loaded: patients').waitFor();
  await page.getByText('request req-12345678').waitFor();
  await shoot(page, 'find-failed');
  await page.unroute('**/api/v1/patients/search');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('row', { name: /MOREAU/ }).waitFor();
  tab.clean();
});

test('a full disk and changes that are gone are told on Today in plain words', async () => {
  const { page } = tab;
  await page.route('**/api/health', async (route) => {
    const told = await (await route.fetch()).json();
    Object.assign(told.services, { database: 'disk_full', audit: 'waiting', search: 'failing' });
    await route.fulfill({ json: { ...told, status: 'degraded' } });
  });
  await page.route('**/api/v1/system', async (route) => {
    const told = await (await route.fetch()).json();
    told.data.store.missing = { known: 1204, found: 1180, noticed_at: '2026-03-01T12:00:00Z' };
    await route.fulfill({ json: told });
  });
  const card = page.getByRole('region', { name: 'The server' });
  await card.getByRole('button', { name: 'Ask again' }).click();
  await card.getByRole('alert').getByText('Changes are missing').waitFor();
  await card.getByText('ends with audit row 1,180, and row 1,204 was written before').waitFor();
  for (const words of ['Disk full', 'Waits to be written', 'Failed']) {
    await card.getByText(words, { exact: true }).waitFor();
  }
  await shoot(page, 'today-server-faults');
  await page.unroute('**/api/health');
  await page.unroute('**/api/v1/system');
  await card.getByRole('button', { name: 'Ask again' }).click();
  await card.getByText('Disk full').waitFor({ state: 'detached' });
  assert.equal(await card.getByRole('alert').count(), 0);
  tab.clean();
});

test('why somebody cannot be disabled is told, and leads back to the button', async () => {
  const { page } = tab;
  tab.expect(422);
  const account = { username: 'kofi', display_name: 'Kofi Osei', password: 'four yellow boats' };
  await api('POST', '/users', { ...account, role: 'administrator' });
  const message =
    'This is the last active administrator. Make somebody else administrator first.';
  // Somebody else has disabled the other one in the same moment.
  await page.route('**/api/v1/users/*', (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    const body = { code: 'record.invalid', status: 422, errors: [{ field: 'active', message }] };
    const contentType = 'application/problem+json';
    return route.fulfill({ status: 422, contentType, body: JSON.stringify(body) });
  });
  await tab.go('/admin/users');
  await page.getByRole('row', { name: /Kofi Osei/ }).getByRole('button').click();
  const disable = page.locator('aside.panel').getByRole('button', { name: 'Disable this user' });
  await disable.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable this user' }).click();
  await page.getByRole('alert').getByRole('link', { name: message }).click();
  assert.ok(await disable.evaluate((node) => node === document.activeElement));
  await page.unroute('**/api/v1/users/*');
  tab.clean();
});

test('no answer to a save, then saved again: one patient', async () => {
  const { page } = tab;
  tab.expect(0);
  let calls = 0;
  await page.route('**/api/v1/patients', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    calls += 1;
    // The server does its work, and the answer is lost on the way.
    if (calls === 1) {
      await route.fetch();
      return route.abort('connectionreset');
    }
    return route.continue();
  });
  await tab.go('/patients/new');
  await page.getByLabel('Family name').fill('Kone');
  await page.getByLabel('Given name(s)').fill('Awa');
  await page.getByLabel('Female').check();
  await page.keyboard.press('Control+s');
  await page.getByText('The server did not answer. What you typed is kept').waitFor();
  assert.equal(await page.getByLabel('Family name').inputValue(), 'Kone');
  await shoot(page, 'save-no-answer');
  await page.getByText(/Likely|Possible|Nobody/).first().waitFor();
  const none = page.getByLabel('None of these is the person');
  if (await none.count()) await none.check();
  await page.keyboard.press('Control+s');
  await page.waitForURL(/\/p\/pat_/);
  const found = await api('GET', '/patients?q=kone%20awa');
  assert.equal(found.length, 1);
  tab.clean();
});

test('two clicks on Save make one patient', async () => {
  const { page } = tab;
  await tab.go('/patients/new');
  await page.getByLabel('Family name').fill('Twoclick');
  await page.getByLabel('Other').check();
  await page.getByText('Nobody like this is registered').waitFor();
  await page.getByRole('button', { name: 'Save' }).dblclick();
  await page.waitForURL(/\/p\/pat_/);
  assert.equal((await api('GET', '/patients?q=twoclick')).length, 1);
  tab.clean();
});

test('errors of the server stand at their fields', async () => {
  const { page } = tab;
  tab.expect(422);
  const errors = [{ field: 'telecoms[0].value', message: 'Enter a phone number of at most 200 digits' }];
  await page.route('**/api/v1/patients', (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const body = { code: 'patients.telecoms', status: 422, detail: 'One value is wrong.', errors };
    return route.fulfill({ ...problem(422), body: JSON.stringify(body) });
  });
  await tab.go('/patients/new');
  await page.getByLabel('Family name').fill('Lindt');
  await page.getByLabel('Unknown').check();
  await page.keyboard.press('Control+s');
  const link = page.getByRole('alert').getByRole('link');
  await link.waitFor();
  await link.click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'phone');
  assert.equal(await page.getByLabel('Phone').getAttribute('aria-invalid'), 'true');
  tab.clean();
});

test('an expired session asks for the password and goes on with the form', async () => {
  const { page } = tab;
  tab.expect(401);
  await tab.go('/patients/new');
  await page.getByLabel('Family name').fill('Expired');
  await page.getByLabel('Female').check();
  await page.getByText('Nobody like this is registered').waitFor();
  await chrome.context.clearCookies();
  await page.keyboard.press('Control+s');
  await page.getByRole('heading', { name: 'Sign in again' }).waitFor();
  assert.doesNotMatch(await page.content(), /Expired/);
  await shoot(page, 'sign-in-again');
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/p\/pat_/);
  assert.equal((await api('GET', '/patients?q=expired')).length, 1);
  tab.clean();
});

test('two persons change one patient: both texts are shown, nothing is overwritten', async () => {
  const { page } = tab;
  tab.expect(412);
  await tab.go(`/p/${patient.id}/edit`);
  await page.getByLabel('Town').fill('Tema');
  const change = { addresses: [{ city: 'Accra', line: '7 Harbour Rd' }] };
  const now = await api('GET', `/patients/${patient.id}`);
  await api('PATCH', `/patients/${patient.id}`, change, { 'if-match': `"${now.version}"` });
  await page.keyboard.press('Control+s');
  await page.getByText('Somebody else changed this patient meanwhile').waitFor();
  const row = page.getByRole('row', { name: /Town/ });
  assert.match((await row.textContent()) ?? '', /Tema.*Accra/s);
  await shoot(page, 'conflict');
  await row.getByLabel('Accra').check();
  await page.getByRole('button', { name: 'Use these' }).click();
  await page.getByLabel('Town').fill('Accra West');
  await page.keyboard.press('Control+s');
  await page.waitForURL(new RegExp(`/p/${patient.id}$`));
  const saved = await api('GET', `/patients/${patient.id}`);
  assert.equal(saved.addresses[0].city, 'Accra West');
  assert.equal(saved.addresses[0].line, '7 Harbour Rd');
  tab.clean();
});

test('when the server is gone the header says since when', async () => {
  const { page } = tab;
  tab.expect(0);
  await page.route('**/api/**', (route) => route.abort('connectionrefused'));
  await page.keyboard.press('F2');
  await page.locator('#find-q').fill('moreau');
  await page.locator('.header').getByText(/Not connected since \d\d:\d\d/).waitFor();
  await shoot(page, 'not-connected');
  await page.unroute('**/api/**');
  await page.getByText('Live', { exact: true }).waitFor();
  tab.clean();
});

test('an address without a page is a page of its own, with status 404', async () => {
  tab.expect(404);
  const reply = await tab.go('/no/such/page');
  assert.equal(reply?.status(), 404);
  await tab.page.getByText('There is no such page').waitFor();
});

test('whoever guesses a password is told how long to wait', async () => {
  const { page } = tab;
  tab.expect(401, 429);
  await page.getByRole('button', { name: ADMIN.display_name }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  // All at once, so that the wait is longer than this test takes.
  const guesses = Array.from({ length: 12 }, () =>
    fetch(`${server.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'nobody', password: 'not the password' }),
    }),
  );
  await Promise.all(guesses);
  await page.getByLabel('User name').fill('nobody');
  await page.getByLabel('Password').fill('not the password');
  await page.keyboard.press('Enter');
  await page.getByText(/Too many wrong passwords .* Try again in \d+ (second|minute)s?\./).waitFor();
  await shoot(page, 'sign-in-slowed');
  // Nobody else waits for it.
  await signIn(page);
  tab.clean();
});
