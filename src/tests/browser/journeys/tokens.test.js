// A program gets a token, uses it and loses it; and how many requests are let in is changed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ADMIN,
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

/** @type {import('../harness.js').Server} */
let server;

before(async () => {
  server = await startServer();
  await setUp(server);
});

after(() => server?.stop());

/** @param {string} token */
const ask = (token) =>
  fetch(`${server.url}/api/v1/patients`, { headers: { authorization: `Bearer ${token}` } });

test('a token is made, shown once, seen in use and revoked', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await page.getByRole('link', { name: 'Tokens', exact: true }).click();
  await page.getByText('No program has a token.').waitFor();
  await page.keyboard.press('F4');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByText('Say what the token is for').first().waitFor();
  await page.getByText('Choose at least one permission').first().waitFor();
  await page.getByText('Choose for whom the program acts').first().waitFor();
  await page.getByLabel('What it is for').fill('Laboratory machine, room 4');
  await page.getByLabel('Acts for').selectOption({ label: 'Ama Mensah' });
  await page.getByLabel('patients.read').check();
  await page.getByLabel('How long it lasts').selectOption('7');
  await page.getByLabel('Present password').fill(ADMIN.password);
  await settled(page);
  await accessible(page, 'token-new');
  await shoot(page, 'token-new');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const field = page.getByLabel('The token', { exact: true });
  const token = await field.inputValue();
  assert.match(token, /^hft_[0-9a-f]{56}$/);
  await page.getByRole('button', { name: 'Copy the token' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
  await accessible(page, 'token-made');
  await shoot(page, 'token-made');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await field.waitFor({ state: 'detached' });
  assert.ok(!(await page.content()).includes(token.slice(8)), 'it is shown nowhere else');

  assert.equal((await ask(token)).status, 200);
  await go('/admin/tokens');
  const row = page.getByRole('row', { name: /Laboratory machine/ });
  await row.getByText('Ends in 7 days').waitFor();
  await row.getByText('127.0.0.1').waitFor();
  await fitsWidth(page, 'tokens');
  await shoot(page, 'tokens');
  await row.getByRole('button', { name: 'Revoke the token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('Revoked').waitFor();
  assert.equal((await ask(token)).status, 401);
  expect(401);
  clean();
});

test('how many requests are let in is changed and taken back', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/settings');
  const card = page.getByRole('region', { name: 'How many requests are let in' }).first();
  const burst = card.getByLabel('Of one account, Reading: at once');
  await burst.fill('many');
  await card.getByRole('button', { name: 'Save' }).click();
  await card.getByText('Enter a whole number from 1 to').first().waitFor();
  await burst.fill('700');
  await card.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The limits hold from now on').waitFor();
  await go('/admin/settings');
  await burst.waitFor();
  assert.equal(await burst.inputValue(), '700');
  await settled(page);
  await burst.scrollIntoViewIfNeeded();
  await accessible(page, 'limits');
  await shoot(page, 'limits');
  clean();
});
