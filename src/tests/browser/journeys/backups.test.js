// Backups, from nothing set to a restore that was proven, as the one IT person does it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';

import {
  ADMIN,
  accessible,
  fitsWidth,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';

/** @type {import('../harness.js').Server} */
let server;
let folder = '';

before(async () => {
  server = await startServer();
  await setUp(server);
  folder = await mkdtemp(join(tmpdir(), 'healthflow-backups-'));
});

after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('backups are set up, made, and proven; the sheet is shown once and on paper', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await page.getByRole('link', { name: 'Backups', exact: true }).first().click();
  await page.getByText('Say below where backups go').waitFor();
  await accessible(page, 'backups, nothing set');
  await fitsWidth(page, 'backups, nothing set');
  await shoot(page, 'backups-unset');

  const plan = page.getByRole('region', { name: 'Where they go' });
  await plan.getByLabel('Folder for backups').fill('backups');
  await plan.getByLabel('Present password').fill(ADMIN.password);
  expect(422);
  await plan.getByRole('button', { name: 'Save where they go' }).click();
  await plan.getByText('Write the whole path of a folder').first().waitFor();
  await accessible(page, 'a folder that is none');
  await plan.getByLabel('Folder for backups').fill(folder);
  await plan.getByRole('button', { name: 'Save where they go' }).click();
  await page.getByText('It is set where backups go').waitFor();
  await page.getByText('Make the recovery sheet below').waitFor();

  const sheet = page.getByRole('region', { name: 'Recovery sheet' });
  await sheet.getByLabel('Present password').fill(ADMIN.password);
  await sheet.getByRole('button', { name: 'Make the recovery sheet' }).click();
  const shown = sheet.locator('.recovery-key');
  await shown.waitFor();
  const key = await shown.innerText();
  assert.match(key, /^AGE-SE CRET-K EY-1/);
  await accessible(page, 'the recovery sheet');
  await shoot(page, 'backups-sheet');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await shown.isVisible());
  assert.ok(!(await plan.getByLabel('Folder for backups').isVisible()));
  await shoot(page, 'backups-sheet-paper');
  await page.emulateMedia({ media: 'screen' });

  await sheet.getByLabel('Key of the sheet, as printed').fill(key.slice(0, -3));
  expect(422);
  await sheet.getByRole('button', { name: 'Prove that I have it' }).click();
  await sheet.getByText('This is not the key of the newest recovery sheet').first().waitFor();
  await sheet.getByLabel('Key of the sheet, as printed').fill(key.toLowerCase());
  await sheet.getByRole('button', { name: 'Prove that I have it' }).click();
  await sheet.getByText('Somebody has it').waitFor();
  assert.equal(await page.locator('.recovery-key').count(), 0, 'it is shown once');

  // The one that the shipped log begins with may be at work.
  expect(409);
  await page.getByRole('button', { name: 'Back up now' }).click();
  const kept = page.getByRole('region', { name: 'Backups that are kept' });
  await kept.getByText('Read back and whole').waitFor();
  await page.getByRole('button', { name: 'Try a restore now' }).click();
  await kept.getByText('Restored and whole').waitFor();
  await accessible(page, 'backups');
  await fitsWidth(page, 'backups');
  await page.evaluate(() => window.scrollTo(0, 0));
  await shoot(page, 'backups');
  clean();
});

test('a moment is picked, shown for what would be lost, and takes the place', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/backups');
  // Something is done seconds after the first backup, so that it would be lost.
  await page.waitForTimeout(3_000);
  const plan = page.getByRole('region', { name: 'Where they go' });
  await plan.getByLabel('Days kept').fill('8');
  await plan.getByLabel('Present password').fill(ADMIN.password);
  await plan.getByRole('button', { name: 'Save where they go' }).click();
  await page.getByText('It is set where backups go').waitFor();
  await page.waitForTimeout(2_000);
  await page.reload();
  const card = page.getByRole('region', { name: 'Bring the hospital back to a moment' });
  const slider = card.getByRole('slider', { name: 'The hospital as it was at' });
  await slider.waitFor();
  await card.getByRole('button', { name: '− 1 hour' }).click();
  await card.getByText('This would be lost').waitFor();
  await card.getByText('Changed where backups go').waitFor();
  await card.getByRole('button', { name: '+ 1 hour' }).click();
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await accessible(page, 'a moment is picked');
  await fitsWidth(page, 'a moment is picked');
  await card.scrollIntoViewIfNeeded();
  await shoot(page, 'restore-pick');
  const password = card.locator('#prepare_password');
  await password.fill('not it');
  expect(422);
  await card.getByRole('button', { name: 'Prepare this moment' }).click();
  await card.getByText('This is not your present password').first().waitFor();
  await password.fill(ADMIN.password);
  await card.getByRole('button', { name: 'Prepare this moment' }).click();
  await card.getByText(/stands ready/).waitFor();
  await accessible(page, 'a moment stands ready');
  await shoot(page, 'restore-ready');
  await card.locator('#begin_password').fill(ADMIN.password);
  const back = page.waitForEvent('load');
  // The server is gone for a moment, which the page bears.
  expect(0);
  await card.getByRole('button', { name: 'Bring it back now' }).click();
  await page.getByText('This page comes back by itself').waitFor();
  await back;
  // The session of now may be younger than that moment.
  await context.clearCookies();
  await go('/sign-in');
  await signIn(page);
  await go('/admin/backups');
  await page.getByText('Take the last restore back').waitFor();
});
