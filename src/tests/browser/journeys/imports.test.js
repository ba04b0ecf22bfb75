// Importing from the page: a bundle, a table with its columns named, refused rows, and the same
// file again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible, openBrowser, openPage, setUp, shoot, signIn, startServer } from '../harness.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;

before(async () => {
  server = await startServer();
  await setUp(server);
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

const BUNDLE = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:5cbc121b-cd71-4428-b8b7-31e53eba8184',
      resource: {
        resourceType: 'Patient',
        id: '5cbc121b-cd71-4428-b8b7-31e53eba8184',
        name: [{ use: 'official', family: 'Fofana', given: ['Mariam'] }],
        gender: 'female',
        birthDate: '1990-02-03',
      },
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: 'urn:uuid:77aa121b-cd71-4428-b8b7-31e53eba8184',
      resource: {
        resourceType: 'Condition',
        id: '77aa121b-cd71-4428-b8b7-31e53eba8184',
        code: { text: 'Asthma' },
        subject: { reference: 'urn:uuid:5cbc121b-cd71-4428-b8b7-31e53eba8184' },
        onsetDateTime: '2001-05',
      },
      request: { method: 'POST', url: 'Condition' },
    },
  ],
};

const TABLE = [
  'Nr;Nachname;Vorname;DOB;Sex;Shoe size',
  '1;Keller;Ute;1961-04-30;F;39',
  '2;Brandt;Jan;1975-13-45;M;44',
  '3;Vogel;"Eva; Maria";1988-09-09;F;38',
].join('\n');

/** @param {string} name @param {string} text */
async function choose(name, text) {
  const buffer = Buffer.from(text);
  await tab.page.locator('#files').setInputFiles({ name, mimeType: 'text/plain', buffer });
}

/** Waits for the end of the import that is open. */
async function finished() {
  await tab.page.waitForURL(/\/imports\/imp_/);
  await tab.page.locator('.screen-head').getByText(/^Completed/).waitFor();
}

/** What the summary says of a kind of resource. @param {string} kind */
async function counts(kind) {
  const row = tab.page.getByRole('row', { name: new RegExp(`^${kind}`) });
  return (await row.getByRole('cell').allTextContents()).slice(0, 4);
}

test('a bundle goes in and every kind is counted', async () => {
  await tab.go('/imports');
  await choose('ward.json', JSON.stringify(BUNDLE));
  await finished();
  assert.deepEqual(await counts('Patient'), ['1', '1', '–', '–']);
  assert.deepEqual(await counts('Condition'), ['1', '1', '–', '–']);
  await shoot(tab.page, 'import-done');
  await accessible(tab.page, 'a finished import');
  tab.clean();
});

test('the same bundle again changes nothing', async () => {
  await tab.go('/imports');
  await choose('ward.json', JSON.stringify(BUNDLE));
  await finished();
  assert.deepEqual(await counts('Patient'), ['1', '–', '–', '1']);
  tab.clean();
});

test('the columns of a table are named before it goes in; bad rows are listed', async () => {
  const { page } = tab;
  await tab.go('/imports');
  await choose('patients.csv', TABLE);
  await page.getByRole('heading', { name: 'Columns of patients.csv' }).waitFor();
  assert.equal(await page.getByLabel('Family name').inputValue(), 'Nachname');
  assert.equal(await page.getByLabel('Given name(s)').inputValue(), 'Vorname');
  await page.getByText('2 columns are not imported: Nr, Shoe size').waitFor();
  await page.getByRole('cell', { name: 'Eva; Maria' }).waitFor();
  await page.getByLabel('Row or person no.').selectOption('Nr');
  await accessible(page, 'the columns of a table');
  await shoot(page, 'import-columns');
  await page.getByRole('button', { name: 'Import this table' }).click();
  await finished();
  await shoot(page, 'import-refused');
  await page.locator('.screen-head .tag.warn').getByText('Completed, 1 not taken').waitFor();
  assert.deepEqual(await counts('Patient'), ['2', '2', '–', '–']);
  await page.getByRole('heading', { name: '1 resource was not taken' }).waitFor();
  const refused = page.getByRole('row', { name: /patients\.csv/ });
  assert.match((await refused.textContent()) ?? '', /3.*DOB is not a date/);
  await shoot(page, 'import-refused');
  tab.clean();
});

test('an import that took nothing does not look like a success', async () => {
  const { page } = tab;
  await tab.go('/imports');
  await choose('wrong.json', '{"resourceType":"Patient","id":"x","birthDate":"soon"}');
  await page.waitForURL(/\/imports\/imp_/);
  await page.locator('.screen-head .tag.crit').getByText('Nothing taken').waitFor();
  await page.getByText('Left out (no place in the record yet)').waitFor();
  // Nor one that took nothing because the rest has no place.
  await tab.go('/imports');
  const claim = '{"resourceType":"Claim","id":"c"}';
  await choose('claims.ndjson', `${claim}\n{"resourceType":"Patient","id":"y","birthDate":"soon"}`);
  await page.waitForURL(/\/imports\/imp_/);
  await page.locator('.screen-head .tag.crit').getByText('Nothing taken').waitFor();
  await tab.go('/');
  await page.locator('.tile .tag.crit').getByText('Nothing taken').waitFor();
  tab.clean();
});

test('a file of another kind is refused on the page', async () => {
  await tab.go('/imports');
  await choose('photo.heic', 'x');
  await tab.page.getByText('This file is of a kind that cannot be imported').waitFor();
  await choose('patients.xlsx', 'x');
  await tab.page.getByText('This is an Excel workbook: save it as CSV').waitFor();
  tab.clean();
});

test('the list shows all imports, the latest first', async () => {
  await tab.go('/imports');
  const rows = tab.page.locator('main table tbody tr');
  await rows.nth(4).waitFor();
  assert.match((await rows.nth(2).textContent()) ?? '', /patients\.csv.*Completed, 1 not taken/);
  await tab.page.keyboard.press('F2');
  await tab.page.locator('#find-q').fill('fofana');
  await tab.page.getByRole('row', { name: /FOFANA, Mariam/ }).waitFor();
  tab.clean();
});

test('a table without rows took nothing in, and a number that somebody has is told', async () => {
  const { page } = tab;
  await tab.go('/imports');
  await choose('header.csv', 'id,family,given,dob,mrn\n');
  await page.getByRole('button', { name: 'Import this table' }).click();
  await page.waitForURL(/\/imports\/imp_/);
  await page.locator('.screen-head .tag.crit').getByText('Nothing taken').waitFor();
  await page.getByText('a table needs rows under its header').waitFor();
  await tab.go('/imports');
  await choose('numbers.csv', 'id,family,given,dob,mrn\n61,A,B,1980-01-01,7\n62,C,D,1990-02-02,7\n');
  await page.getByRole('button', { name: 'Import this table' }).click();
  await finished();
  await page.getByRole('heading', { name: /^Numbers left out because .* them: 1$/ }).waitFor();
  await page.getByText('Patient, numbers.csv, line 3').waitFor();
  await shoot(page, 'import-numbers');
  await accessible(page, 'an import that left a number out');
  tab.clean();
});

test('without a connection an import is not told as running, and cannot be stopped', async () => {
  const { page } = tab;
  await page.route(/\/api\/v1\/imports\/imp_\w+$/, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    Object.assign(body.data, { status: 'running', ended_at: null });
    Object.assign(body.data, { bytes_done: 100, bytes_total: 1000 });
    await route.fulfill({ response: answer, json: body });
  });
  await tab.go('/imports');
  await page.locator('main tbody a').first().click();
  const stop = page.getByRole('button', { name: 'Stop this import' });
  await stop.and(page.locator(':enabled')).waitFor();
  await page.unroute(/\/api\/v1\/imports\/imp_\w+$/);
  tab.expect(0, 502, 503);
  await server.kill();
  await page.getByText(/No connection: this is how it stood at \d\d:\d\d/).waitFor();
  assert.equal(await stop.isDisabled(), true);
  assert.equal(await page.locator('.screen-head').getByText('Running').count(), 0);
  await page.locator('.frame.stale').waitFor({ timeout: 30_000 });
  await shoot(page, 'import-cut-off');
  await server.resume();
  await page.locator('.screen-head').getByText(/^(Completed|Nothing|Not)/).waitFor({ timeout: 30_000 });
  tab.clean();
});
