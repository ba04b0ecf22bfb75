// A password that the administrator has typed is good for choosing one's own, and for nothing else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  accessible,
  fitsHeight,
  fitsWidth,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';

const JOY = { username: 'joy.nurse', password: 'nine slow grey boats' };
const OWN = 'seven quiet blue lamps';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;

before(async () => {
  server = await startServer();
  await setUp(server);
  chrome = await openBrowser();
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

test('the administrator adds somebody, who is to choose a password unless that is taken back', async () => {
  const tab = await openPage(chrome.context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  await tab.go('/admin/users');
  await page.getByRole('button', { name: 'Add a user' }).first().click();
  await page.locator('#display_name').fill('Joy Nurse');
  await page.locator('#username').fill(JOY.username);
  await page.locator('#role').selectOption('nurse');
  await page.locator('#password').fill(JOY.password);
  assert.ok(await page.locator('#temporary').isChecked());
  await shoot(page, 'user-temporary');
  await page.getByRole('button', { name: 'Add this user' }).click();
  await page.getByRole('button', { name: 'Add another' }).waitFor();
  tab.clean();
});

test('nothing opens before they have chosen one that only they know', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await page.locator('#username').fill(JOY.username);
  await page.locator('#password').fill(JOY.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Choose your own password' }).waitFor();
  await tab.go('/patients');
  await page.getByRole('heading', { name: 'Choose your own password' }).waitFor();
  await accessible(page, 'a password of one’s own');
  await fitsWidth(page, 'a password of one’s own');
  await fitsHeight(page, 'a password of one’s own');
  await shoot(page, 'new-password');
  await page.locator('#current_password').fill(JOY.password);
  await page.locator('#password').fill(OWN);
  await page.locator('#again').fill(OWN);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Today' }).waitFor();
  tab.clean();
});
