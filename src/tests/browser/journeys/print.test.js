// Paper: black on white whatever the screen looks like, who it is on every sheet, and what is
// left out is said.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, openBrowser, openPage, setUp, shoot, signIn, startServer } from '../harness.js';
import { PEOPLE } from '../people.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {string} */
let patient;

const VISITS = 60;

before(async () => {
  server = await startServer();
  const api = await setUp(server);
  const made = await api('POST', '/patients', PEOPLE[8]);
  patient = made.id;
  const of = { patient_id: patient };
  await api('POST', '/allergies', { ...of, code_text: 'penicillin', reaction_text: 'rash' });
  const dose = { ...of, code_text: 'Tetanus toxoid', given_recorded: '2025-01-06' };
  await api('POST', '/immunizations', { ...dose, status: 'completed' });
  const refused = { ...of, code_text: 'Influenza', status: 'not_done', reason_text: 'Fever' };
  await api('POST', '/immunizations', refused);
  for (let i = 0; i < 6; i += 1) {
    const measured = { value_decimal: String(i), unit: 'mmol/L', effective_recorded: '2026-03-01' };
    await api('POST', '/observations', { ...of, ...measured, code_text: `Substance ${i}` });
  }
  for (let i = 0; i < VISITS; i += 1) {
    const day = `20${String(10 + (i % 16))}-0${1 + (i % 9)}-1${i % 10}`;
    await api('POST', '/encounters', {
      ...{ ...of, class: 'ambulatory', status: 'finished', started_recorded: day },
      reason_text: `Control visit ${i}, with the results of the laboratory and of the X-ray`,
    });
    await api('POST', '/conditions', {
      ...{ ...of, code_text: `Finding number ${i} of the left foot`, onset_recorded: day },
    });
  }
  chrome = await openBrowser({ colorScheme: 'dark' });
  tab = await openPage(chrome.context, server.url);
  await tab.page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute('data-printed', 'yes');
  });
  await tab.go('/sign-in');
  await signIn(tab.page);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

test('F9 on the record opens the summary and prints it; Esc goes back', async () => {
  const { page } = tab;
  await tab.go(`/p/${patient}`);
  await page.locator('.banner').getByText('WOLFESCHLEGEL').waitFor();
  await page.getByRole('link', { name: 'Print' }).waitFor();
  await page.keyboard.press('F9');
  await page.locator('.paper-end').waitFor();
  await page.locator('html[data-printed]').waitFor();
  await shoot(page, 'print-dark');
  await accessible(page, 'print');
  const colours = await page.locator('.paper').evaluate((node) => {
    const { color, backgroundColor } = getComputedStyle(node);
    return [color, backgroundColor];
  });
  assert.deepEqual(colours, ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
  assert.doesNotMatch((await page.title()) + page.url(), /wolfe|MRN/i);
  await page.keyboard.press('Escape');
  await page.waitForURL(/\/p\/pat_\w+$/);
  tab.clean();
});

test('every sheet says who it is, and a part that is not whole says so', async () => {
  const { page } = tab;
  await tab.go(`/print/patient-summary/${patient}`);
  await page.locator('.paper-end').waitFor();
  assert.equal(await page.getByText(`The latest 25 of ${VISITS} visits`).count(), 2, 'above and below');
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const text = pdf.toString('latin1');
  const sheets = [...text.matchAll(/\/Type\s*\/Page\b/g)].length;
  assert.ok(3 <= sheets, `${sheets} sheets`);
  const size = /\/MediaBox\s*\[\s*0 0 (\d+)[.\d]* (\d+)/.exec(text);
  assert.deepEqual(size?.slice(1).map(Number), [594, 841], 'A4');
  // The head of a table is what browsers repeat on each sheet.
  const head = await page.locator('.sheets > thead').evaluate((node) => {
    return [getComputedStyle(node).display, node.textContent];
  });
  assert.equal(head[0], 'table-header-group');
  assert.match(head[1] ?? '', /WOLFESCHLEGEL.*03-Mar-1944.*Female.*MRN-\d+/s);
  tab.clean();
});

test('immunizations are on paper, and what is left out is said once', async () => {
  const { page } = tab;
  await tab.go(`/print/patient-summary/${patient}`);
  await page.locator('.paper-end').waitFor();
  const part = page.locator('.paper-part', { hasText: 'Immunizations' });
  await part.getByText('06-Jan-2025').waitFor();
  await part.getByText('Tetanus toxoid').waitFor();
  const refused = await part.locator('li', { hasText: 'Influenza' }).innerText();
  assert.match(refused, /Not given.*Fever/);
  assert.equal(await page.getByText('2 more kinds of measurements are in the record.').count(), 1);
  await page.getByText('Procedures and earlier observations are not on this paper').waitFor();
  await shoot(page, 'print-immunizations');
  tab.clean();
});

test('who may not read the record gets no summary', async () => {
  const api = await fetch(`${server.url}/api/v1/patients/${patient}/print/patient-summary`);
  assert.equal(api.status, 401);
});
