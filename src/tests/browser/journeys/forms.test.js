// Forms of the record: vital signs by keyboard, what cannot be, what is asked about, and how
// little of the panel the problems take.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { forget, openBrowser, openPage, setUp, shoot, signIn, startServer } from '../harness.js';
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
let dinesh;

before(async () => {
  server = await startServer();
  api = await setUp(server);
  dinesh = await api('POST', '/patients', PEOPLE[3]);
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

test('vital signs are saved by keyboard alone and stand in the chart', async () => {
  const { page } = tab;
  await tab.go(`/p/${dinesh.id}/obs`);
  await page.getByRole('button', { name: 'Record vital signs' }).press('Enter');
  for (const value of ['150', '95', '210']) {
    await page.keyboard.type(value);
    await page.keyboard.press('Tab');
  }
  await page.getByText('Pulse 210 /min: check').waitFor();
  await page.getByText('Save for DUBE, Dinesh').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('These values are unusual').waitFor();
  assert.equal((await api('GET', `/observations?patient_id=${dinesh.id}`)).length, 0);
  await page.waitForFunction(() => document.activeElement?.id === 'f-vitals-right');
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+Enter');
  await page.getByText('2 observations saved').waitFor();
  await page.getByText('150/95').waitFor();
  const saved = await api('GET', `/observations?patient_id=${dinesh.id}&include=components`);
  assert.equal(saved.length, 2);
  tab.clean();
});

test('a value that cannot be is not sent, and one in doubt is asked about again when it changes', async () => {
  const { page } = tab;
  await tab.go(`/p/${dinesh.id}/obs`);
  await page.getByRole('button', { name: 'Record vital signs' }).press('Enter');
  await page.locator('#f-temperature').fill('388');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Temperature: between 10 and 47 °C').waitFor();
  await page.getByRole('alert').getByText('Temperature: check the number').waitFor();
  await page.locator('#f-temperature').fill('39.8');
  await page.keyboard.press('Control+Enter');
  await page.locator('#f-vitals-right').check();
  await page.locator('#f-temperature').fill('41.8');
  assert.equal(await page.locator('#f-vitals-right').isChecked(), false);
  await page.keyboard.press('Control+Enter');
  await page.getByText('These values are unusual').waitFor();
  await shoot(page, 'record-vitals-asked');
  await page.locator('#f-temperature').fill('37.1');
  await page.keyboard.press('Control+Enter');
  await page.getByText('1 observation saved').waitFor();
  tab.clean();
});

test('a diastolic pressure above the systolic is refused at its field, the same twice asked about', async () => {
  const { page } = tab;
  await tab.go(`/p/${dinesh.id}/obs`);
  await page.getByRole('button', { name: 'Record vital signs' }).press('Enter');
  await page.locator('#f-systolic').fill('110');
  await page.locator('#f-diastolic').fill('120');
  await page.keyboard.press('Control+Enter');
  const field = page.locator('.field', { has: page.locator('#f-diastolic') });
  await field.getByText('The diastolic pressure is above the systolic').waitFor();
  await page.locator('#f-diastolic').fill('110');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Systolic and diastolic pressure are the same').waitFor();
  await page.locator('#f-vitals-right').check();
  await page.keyboard.press('Control+Enter');
  await page.getByText('1 observation saved').waitFor();
  tab.clean();
});

test('many wrong values: each is told at its field, and the summary stays short', async () => {
  const { page } = tab;
  await tab.go(`/p/${dinesh.id}/obs`);
  await page.getByRole('button', { name: 'Record vital signs' }).press('Enter');
  for (const name of ['pulse', 'temperature', 'respiration', 'saturation', 'weight']) {
    await page.locator(`#f-${name}`).fill('999');
  }
  await page.keyboard.press('Control+Enter');
  const summary = page.locator('.panel .alert');
  await summary.getByText('and 2 more').waitFor();
  assert.equal(await summary.locator('a').count(), 3);
  assert.equal(await page.locator('.panel').getByText('between 10 and 47').count(), 1);
  const { height = 0 } = (await summary.boundingBox()) ?? {};
  assert.ok(height < 200, `the summary takes ${height} px of the panel`);
  await shoot(page, 'record-vitals-many');
  tab.clean();
});

test('an end before its start is told in words, at the field', async () => {
  const { page } = tab;
  await tab.go(`/p/${dinesh.id}/visits`);
  await page.getByRole('button', { name: 'Add a visit' }).click();
  await page.locator('#f-started_recorded').fill('20-Nov-2025');
  await page.locator('#f-ended_recorded').fill('19-Nov-2025');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('alert').getByText('The end lies before the start.').waitFor();
  assert.doesNotMatch(await page.locator('.panel').innerText(), /_recorded/);
  tab.clean();
});
