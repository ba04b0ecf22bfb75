// Somebody is called because it does not work: what is wrong is said, and what to do about it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import {
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

before(async () => {
  server = await startServer();
  await setUp(server);
});

after(() => server?.stop());

test('the machine is checked from the settings, and again', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/settings');
  await page.getByRole('link', { name: 'Check this machine' }).click();
  const found = page.getByRole('region', { name: 'What was found' });
  const row = found.getByRole('row', { name: /Database/ });
  await row.getByText('the server reads and writes it').waitFor();
  await row.getByText('Fine').waitFor();
  await accessible(page, 'doctor');
  await fitsWidth(page, 'doctor');
  await shoot(page, 'doctor');
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/system/doctor'));
  await page.getByRole('button', { name: 'Check again' }).click();
  await asked;
  await found.getByRole('row', { name: /Database/ }).waitFor();
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByText('about.json').click();
  const inside = await page.getByText('"program": "HealthFlow"').innerText();
  await accessible(page, 'bundle');
  await fitsWidth(page, 'bundle');
  await shoot(page, 'bundle');
  const saving = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save it' }).click();
  const file = await (await saving).path();
  const about = execFileSync('unzip', ['-p', file, 'about.json'], { encoding: 'utf8' });
  assert.equal(about.trim(), inside.trim(), 'what is saved is what was shown');
  clean();
});
