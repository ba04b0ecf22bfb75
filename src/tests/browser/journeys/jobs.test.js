// What the server does in the background: it is run now and watched, and comes at another time.

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

test('a job is run now, seen live, and comes at another time from then on', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByText('No job of this kind').waitFor();
  await page.getByRole('button', { name: 'Run now: Check the database' }).click();
  const jobs = page.getByRole('region', { name: 'Jobs', exact: true });
  const row = jobs.getByRole('row', { name: /Check the database/ });
  await row.getByText('Done', { exact: true }).waitFor();
  await row.getByText('tables are whole').waitFor();
  await row.getByText('1 attempt').click();
  await accessible(page, 'jobs');
  await fitsWidth(page, 'jobs');
  await shoot(page, 'jobs');
  await page.getByRole('button', { name: 'Change when: Check the database' }).click();
  await page.getByRole('textbox', { name: 'When', exact: true }).fill('61 5 * * 1');
  expect(422);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Send minutes (0-59)').first().waitFor();
  await accessible(page, 'a schedule with an error');
  await page.getByRole('textbox', { name: 'When', exact: true }).fill('0 5 * * 1');
  await page.getByLabel('Comes by the clock').uncheck();
  await shoot(page, 'schedule');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The new time holds').waitFor();
  const clock = page.getByRole('region', { name: 'By the clock' });
  await clock.getByText('0 5 * * 1').waitFor();
  await clock.getByText('Switched off').waitFor();
  await page.getByLabel('Show').selectOption('dead');
  await page.getByText('No job of this kind').waitFor();
  clean();
});
