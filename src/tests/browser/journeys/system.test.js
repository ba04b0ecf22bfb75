// How the server does, as somebody sees it who is no engineer; and a warning from its rule to the
// one who says that they know.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';

import {
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

test('the state of the server is told in sentences and charts, light, dark and in Arabic', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await page.getByRole('link', { name: 'Server health', exact: true }).first().click();
  const glance = page.getByRole('region', { name: 'How it is now' });
  await glance.getByText(/of the disk is free/).waitFor({ timeout: 40_000 });
  await glance.getByText('Backups are not set up yet.').waitFor();
  await page.getByRole('region', { name: 'What fills up first' }).getByText('Too early').first().waitFor();
  const charts = page.getByRole('region', { name: 'Charts' });
  const chart = charts.getByRole('figure', { name: /^How long answers take/ });
  await chart.locator('canvas').waitFor({ timeout: 40_000 });
  const picture = await chart.getByRole('img').getAttribute('aria-label');
  assert.match(picture ?? '', /^How long answers take: Half within: now [\d.]+ ms/);
  await accessible(page, 'server health');
  await fitsWidth(page, 'server health');
  await shoot(page, 'system');
  await chart.locator('summary').click();
  await chart.getByRole('columnheader', { name: '95 of 100 within' }).waitFor();
  await accessible(page, 'a chart as a table');
  await page.evaluate(() => document.querySelector('.watch-charts')?.scrollIntoView());
  await shoot(page, 'system-charts');
  await charts.getByLabel('A day').check();
  await settled(page);
  await chart.locator('canvas').waitFor();
  await page.evaluate(() => {
    document.documentElement.dataset.theme = 'dark';
  });
  await accessible(page, 'server health, dark');
  await shoot(page, 'system-dark');
  clean();
});

test('a rule warns, somebody knows of it, and a silence keeps it quiet', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/system/alerts');
  await page.getByText('Nothing is wrong.').waitFor();
  const rules = page.getByRole('region', { name: 'When somebody is warned' }).first();
  await rules.getByRole('button', { name: 'Change the rule: Memory taken' }).click();
  await rules.getByLabel('Warning (per cent)').fill('99');
  expect(422);
  await rules.getByRole('button', { name: 'Save' }).click();
  await rules.getByText('It must be above the warning').first().waitFor();
  await accessible(page, 'a rule with an error');
  await shoot(page, 'system-rule');
  await rules.getByLabel('Warning (per cent)').fill('0.1');
  await rules.getByLabel('Over (per cent)').fill('');
  await rules.getByLabel('Must last, in seconds').fill('0');
  await rules.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The rule holds from now on').waitFor();
  const open = page.getByRole('region', { name: 'What is wrong now' }).first();
  await open.getByText('Memory taken').waitFor({ timeout: 40_000 });
  await open.getByRole('button', { name: 'I know of it: Memory taken' }).click();
  await open.getByText('Ama Mensah knows since').waitFor();
  await rules.getByRole('button', { name: 'Try whether it arrives: Memory taken' }).click();
  await page.getByText('A test was sent').waitFor();
  const history = page.getByRole('region', { name: 'What was' }).first();
  await history.getByText('Test', { exact: true }).waitFor();
  await page.getByText('Tell nobody for a while').click();
  await page.getByRole('button', { name: 'Begin the silence' }).click();
  await page.getByText('Say why, so that others know').first().waitFor();
  await page.getByLabel('Why').fill('New memory is put in');
  await page.getByRole('button', { name: 'Begin the silence' }).click();
  await page.getByText('New memory is put in').waitFor();
  await accessible(page, 'alerts');
  await fitsWidth(page, 'alerts');
  await shoot(page, 'system-alerts');
  await page.getByRole('link', { name: 'At a glance' }).click();
  await page.getByText('A silence holds').waitFor();
  await page.getByText(/of the memory is taken/).waitFor();
  await shoot(page, 'system-warned');
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  await page.getByRole('button', { name: 'End it: All alerts' }).click();
  await page.getByText('No silence holds').waitFor();
  clean();
});

test('what is slow and the log are read, by keyboard too', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/system');
  await page.getByRole('link', { name: 'What is slow' }).focus();
  await page.keyboard.press('Enter');
  const costliest = page.getByRole('region', { name: 'What costs most together' }).first();
  await costliest.getByText('SELECT').first().waitFor();
  await accessible(page, 'what is slow');
  await fitsWidth(page, 'what is slow');
  await shoot(page, 'system-slow');
  await page.getByRole('link', { name: 'Log', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('HealthFlow serves at').first().waitFor();
  await accessible(page, 'the log');
  await fitsWidth(page, 'the log');
  await shoot(page, 'system-log');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  await page.getByLabel('Level').selectOption('error');
  await page.getByText('No line of this level yet').waitFor();
  clean();
});

test('in Arabic the page runs the other way and fits', async (t) => {
  const { browser, context } = await openBrowser({ locale: 'ar' });
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/system');
  await page.locator('.looks li').first().waitFor({ timeout: 40_000 });
  await page.locator('.watch-canvas canvas').first().waitFor();
  await accessible(page, 'server health in Arabic');
  await fitsWidth(page, 'server health in Arabic');
  await shoot(page, 'system-ar');
  clean();
});
