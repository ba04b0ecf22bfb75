// The record of one patient as care reads and writes it: the banner with its four allergy
// states, charts, timeline, forms; what fails looks failed, and another patient starts blank.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import {
  ADMIN,
  accessible,
  fitsWidth,
  forget,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { PEOPLE } from '../people.js';

const RECEPTION = { username: 'desk.one', password: 'nine loud kettles' };

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {any} */
let bekele;
/** @type {any} */
let dinesh;

before(async () => {
  server = await startServer();
  api = await setUp(server);
  bekele = await api('POST', '/patients', PEOPLE[0]);
  dinesh = await api('POST', '/patients', PEOPLE[3]);
  const user = { ...RECEPTION, display_name: 'Rita Desk', role: 'reception' };
  await api('POST', '/users', user);
  await fillRecord(bekele.id);
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

/** A visit with two measured sets, problems, a medicine, an allergy. @param {string} patient_id */
async function fillRecord(patient_id) {
  const loinc = { code_system: 'http://loinc.org' };
  for (const [day, high, low, weight] of [
    ['2026-03-01', '128', '81', '82.50'],
    ['2026-05-02', '134', '83', '81.123456789'],
  ]) {
    const shared = {
      patient_id,
      effective_recorded: `${day}T08:30:00Z`,
      status: 'final',
      ...loinc,
    };
    const part = (/** @type {string} */ code, /** @type {any} */ value) => {
      return { ...loinc, code, code_text: code, value_decimal: value, unit: 'mm[Hg]' };
    };
    await api('POST', '/observations', {
      ...shared,
      code: '85354-9',
      code_text: 'Blood pressure',
      components: [part('8480-6', high), part('8462-4', low)],
    });
    const body = { code: '29463-7', code_text: 'Body weight', value_decimal: weight, unit: 'kg' };
    await api('POST', '/observations', { ...shared, ...body });
  }
  const conditions = { patient_id, verification: 'confirmed' };
  await api('POST', '/conditions', {
    ...conditions,
    code_text: 'Type 2 diabetes',
    status: 'active',
    onset_recorded: '2014',
  });
  await api('POST', '/conditions', { ...conditions, code_text: 'Otitis', status: 'resolved' });
  await api('POST', '/allergies', {
    patient_id,
    code_text: 'sulfamethoxazole',
    status: 'active',
    verification: 'confirmed',
    severity: 'severe',
    reaction_text: 'rash',
  });
  await api('POST', '/medication-requests', {
    patient_id,
    code_text: 'metformin tablet',
    status: 'active',
    intent: 'order',
    dose_decimal: '500.0',
    dose_unit: 'mg',
    route_text: 'oral',
    frequency: 2,
    period_decimal: '1',
    period_unit: 'd',
  });
}

const banner = () => tab.page.getByRole('region', { name: 'Patient' });

test('the summary tells who it is, what is dangerous, and the story', async () => {
  const { page } = tab;
  await tab.go(`/p/${bekele.id}`);
  const text = await banner().innerText();
  const order = [
    'MOREAU',
    'Bekele',
    'Born',
    '10-May-1963',
    'Sex',
    'Male',
    'Record no.',
    bekele.mrn,
  ];
  const places = order.map((word) => text.indexOf(word));
  assert.deepEqual(
    [...places].sort((a, b) => a - b),
    places,
    text,
  );
  await page.getByText('sulfamethoxazole (rash, severe)').waitFor();
  await page.getByText('Show 1 past problem').waitFor();
  const medicines = page.getByRole('region', { name: 'Current medicines' });
  await medicines.getByText('metformin tablet').waitFor();
  const line = (await medicines.innerText()).replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
  assert.match(line, /metformin tablet – DOSE 500 mg – oral – twice a day/);
  const latest = page.getByRole('region', { name: 'Latest observations' });
  await latest.getByText('134/83').waitFor();
  // Machine noise is rounded, says so, and keeps every digit within reach.
  assert.match((await latest.getByText('81.12').getAttribute('title')) ?? '', /81\.123456789/);
  await page.getByRole('region', { name: 'Timeline' }).getByText('Type 2 diabetes').waitFor();
  assert.doesNotMatch(await page.title(), /moreau/i);
  await accessible(page, 'summary');
  await fitsWidth(page, 'summary');
  await shoot(page, 'record-summary');
  tab.clean();
});

test('charts are drawn, follow the theme, and stand in words and as a table too', async () => {
  const { page } = tab;
  await tab.go(`/p/${bekele.id}/obs`);
  await page.locator('.chart-canvas canvas').nth(1).waitFor();
  await page.getByRole('img', { name: /Body weight, kg: 2 values/ }).waitFor();
  const colour = () =>
    page
      .locator('.chart-canvas canvas')
      .nth(1)
      .evaluate((canvas) => {
        const box = /** @type {HTMLCanvasElement} */ (canvas);
        const { data } = /** @type {CanvasRenderingContext2D} */ (
          box.getContext('2d')
        ).getImageData(0, 0, box.width, box.height);
        return data.reduce(
          (sum, byte, i) => (i % 4 === 3 ? sum : sum + byte * (data[i | 3] ?? 0)),
          0,
        );
      });
  const light = await colour();
  await page.evaluate(() => {
    document.documentElement.dataset.theme = 'dark';
  });
  await page.waitForTimeout(500);
  assert.notEqual(await colour(), light, 'the canvas kept the old colours');
  await accessible(page, 'observations, dark');
  await page.getByRole('button', { name: /Table of 2 values Body weight/ }).click();
  await page.getByText('81.123456789').waitFor();
  await shoot(page, 'record-observations');
  tab.clean();
});

test('a patient who does not exist has neither tabs nor paper', async () => {
  const { page } = tab;
  tab.expect(404);
  await tab.go('/p/pat_0000000000001');
  await page.getByRole('link', { name: 'Find another patient' }).waitFor();
  assert.equal(await page.getByRole('navigation', { name: 'Parts of the record' }).count(), 0);
  assert.equal(await page.locator('.print-link').count(), 0);
  tab.clean();
});

test('the four allergy states are four sentences', async () => {
  const { page } = tab;
  tab.expect(500);
  await tab.go(`/p/${dinesh.id}/problems`);
  await banner().getByText('Allergies not recorded').waitFor();
  await page.getByRole('button', { name: /Record .no known allergies/ }).click();
  await page.getByRole('button', { name: 'Yes, record it' }).click();
  await banner().getByText('No known allergies').waitFor();
  await banner().getByText('Ama Mensah').waitFor();
  const fault = { status: 500, contentType: 'application/problem+json', body: '{"status":500}' };
  await page.route('**/api/v1/allergies?*', (route) => route.fulfill(fault));
  await tab.go(`/p/${bekele.id}`);
  await banner().getByText('Allergies unavailable').waitFor();
  await shoot(page, 'record-allergies-unavailable');
  await page.unroute('**/api/v1/allergies?*');
  await banner().getByRole('button', { name: 'Try again' }).click();
  await banner().getByText('Known allergies').waitFor();
  tab.clean();
});

test('an error stays readable, struck through, with its reason', async () => {
  const { page } = tab;
  await tab.go(`/p/${bekele.id}/problems`);
  await page.getByRole('button', { name: 'Mark as entered in error: Otitis' }).click();
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Say why it is wrong').waitFor();
  await page.getByLabel('Reason').fill('belongs to another patient');
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /Otitis/ });
  await row.getByText('belongs to another patient').waitFor();
  const drawn = await row
    .getByText('Otitis', { exact: true })
    .evaluate(
      (cell) => getComputedStyle(/** @type {Element} */ (cell.closest('.cell'))).textDecorationLine,
    );
  assert.equal(drawn, 'line-through');
  await accessible(page, 'problems');
  tab.clean();
});

test('what somebody else changed meanwhile is shown, not overwritten', async () => {
  const { page } = tab;
  tab.expect(412);
  await tab.go(`/p/${bekele.id}/problems`);
  await page.getByRole('button', { name: 'Change: Type 2 diabetes' }).click();
  const rows = await api('GET', `/conditions?patient_id=${bekele.id}`);
  const row = rows.find((/** @type {any} */ one) => one.code_text === 'Type 2 diabetes');
  const seen = { 'if-match': `"${row.version}"` };
  await api('PATCH', `/conditions/${row.id}`, { note: 'seen by the eye clinic' }, seen);
  await page.getByLabel('Severity').fill('mild');
  await page.keyboard.press('Control+Enter');
  await page.getByText('Somebody else changed this meanwhile').waitFor();
  await page.getByRole('listitem').getByText('seen by the eye clinic').waitFor();
  assert.equal(await page.getByLabel('Severity').inputValue(), 'mild');
  assert.equal((await api('GET', `/conditions/${row.id}`)).severity_text, null);
  tab.clean();
});

test('tabs by keyboard; Esc asks before typed text is lost', async () => {
  const { page } = tab;
  await tab.go(`/p/${bekele.id}`);
  await page.getByText('sulfamethoxazole (rash, severe)').waitFor();
  await page.keyboard.press(']');
  await page.waitForURL('**/obs');
  // The address changes before the page does.
  await page.locator('.tab.on[href$="/obs"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/problems');
  await page.getByRole('button', { name: 'Add a problem' }).click();
  await page.keyboard.type('asth');
  await page.keyboard.press('Escape');
  await page.getByText('Leave without saving?').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#f-code_text').inputValue(), 'asth');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Leave, do not save' }).click();
  await page.getByRole('heading', { name: 'Add a problem' }).waitFor({ state: 'detached' });
  tab.clean();
});

test('another patient starts blank', async () => {
  const { page } = tab;
  await tab.go(`/p/${bekele.id}`);
  await page.getByText('sulfamethoxazole (rash, severe)').waitFor();
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(null);
  });
  await page.route(`**/api/v1/patients/${dinesh.id}`, async (route) => {
    await held;
    return route.continue();
  });
  await page.evaluate((id) => {
    const link = document.createElement('a');
    link.href = `/p/${id}`;
    document.getElementById('main')?.append(link);
    link.click();
  }, dinesh.id);
  await page.getByText('Loading the patient').waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /moreau|sulfa|metformin/i);
  release();
  await banner().getByText('DUBE').waitFor();
  tab.clean();
});

test('reception sees the person and the visits, nothing clinical', async () => {
  await forget(tab.page);
  tab = await openPage(chrome.context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page, { ...ADMIN, ...RECEPTION });
  await tab.go(`/p/${bekele.id}`);
  await page.getByRole('heading', { name: 'Numbers' }).waitFor();
  assert.deepEqual(await page.locator('.tab').allInnerTexts(), ['Visits', 'Details']);
  assert.doesNotMatch(await page.locator('main').innerText(), /allerg|sulfa|diabetes/i);
  await tab.go(`/p/${bekele.id}/meds`);
  await page.getByText('You are not allowed to see this').waitFor();
  tab.clean();
});
