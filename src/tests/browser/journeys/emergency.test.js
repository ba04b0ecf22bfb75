// A nurse opens the record of another ward in an emergency, sees how long it lasts and ends it;
// the privacy officer hears of it and reviews it; a confidential record is its care team's.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ADMIN,
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

const PASSWORD = 'four yellow boats';
const NURSE = { username: 'esi', display_name: 'Esi Boateng', password: PASSWORD };
const OFFICER = { username: 'kwame', display_name: 'Kwame Addo', password: PASSWORD };
const WHY = 'Collapsed in the corridor of our ward';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof openBrowser>>[]} */
const browsers = [];
/** @type {Awaited<ReturnType<typeof openPage>>} */
let nurse;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let officer;
let patient = '';

/** @param {{ username: string, password: string }} user */
async function desk(user) {
  const chrome = await openBrowser();
  browsers.push(chrome);
  const tab = await openPage(chrome.context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page, user);
  return tab;
}

before(async () => {
  server = await startServer();
  api = await setUp(server);
  const [site] = await api('GET', '/facilities');
  const ward = (/** @type {string} */ name) =>
    api('POST', '/departments', { name, kind: 'ward', facility_id: site.id });
  const [first, second] = [await ward('First ward'), await ward('Second ward')];
  const person = { names: [{ family: 'Moreau', given: ['Bekele'] }], birth_date: '1963-05-10' };
  patient = (await api('POST', '/patients', { ...person, sex: 'male' })).id;
  await api('POST', '/encounters', {
    patient_id: patient,
    class: 'inpatient',
    department_id: first.id,
  });
  const own = { names: [{ family: 'Sarpong', given: ['Akua'] }], birth_date: '1990-01-02' };
  await api('POST', '/encounters', {
    patient_id: (await api('POST', '/patients', { ...own, sex: 'female' })).id,
    class: 'inpatient',
    department_id: second.id,
    status: 'in_progress',
    started_recorded: new Date().toISOString(),
  });
  await api('POST', '/conditions', { patient_id: patient, code_text: 'Asthma' });
  await api('POST', '/users', {
    ...NURSE,
    role: 'nurse',
    facility_id: site.id,
    departments: [second.id],
  });
  await api('POST', '/users', { ...OFFICER, role: 'privacy_officer' });
  nurse = await desk(NURSE);
  officer = await desk(OFFICER);
});

after(async () => {
  for (const { browser } of browsers) await browser.close();
  await server?.stop();
});

test('Today asks for the visits of the departments that the person belongs to', async () => {
  const { page } = nurse;
  const asked = page.waitForRequest((request) => request.url().includes('/encounters?'));
  await page.reload();
  assert.match((await asked).url(), /department_id=dep_/);
  await page.locator('.visits').first().getByText('SARPONG').waitFor();
  await shoot(page, 'today-of-a-ward');
  assert.equal(await page.locator('.visits').getByText('MOREAU').count(), 0);
  nurse.clean();
});

test('A record of another ward says who it is and asks why', async () => {
  const { page } = nurse;
  nurse.expect(403, 422);
  await page.keyboard.press('F2');
  await page.locator('#find-q').fill('Moreau');
  await page.getByText('Out of reach').waitFor();
  await shoot(page, 'emergency-search');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'This record is not among those you see' }).waitFor();
  await page.getByText('MOREAU').waitFor();
  assert.equal(await page.getByText('Asthma').count(), 0);
  assert.equal(await page.locator('.tabs').count(), 0);
  await page.getByRole('button', { name: 'Open in an emergency' }).click();
  await page.getByRole('alert').getByText('There are 2 problems').waitFor();
  await accessible(page, 'emergency access');
  await fitsWidth(page, 'emergency access');
  await fitsHeight(page, 'emergency access');
  await shoot(page, 'emergency-access');
});

test('It opens with a mark and the time that is left, and its end closes it', async () => {
  const { page } = nurse;
  await page.getByLabel('Emergency: life or health is at risk').check();
  await page.getByLabel('In your own words').fill(WHY);
  await page.getByRole('button', { name: 'Open in an emergency' }).click();
  await page.getByText('Asthma').first().waitFor();
  const mark = page.getByRole('complementary', { name: 'Emergency access' });
  await mark.getByText('60 min left').waitFor();
  await accessible(page, 'a record in an emergency');
  await shoot(page, 'emergency-record');
  // It is known after a reload too.
  await page.reload();
  await mark.getByText(/(59|60) min left/).waitFor();
  await mark.getByRole('button', { name: 'End emergency access' }).click();
  await page.getByRole('heading', { name: 'This record is not among those you see' }).waitFor();
  assert.equal(await page.getByText('Asthma').count(), 0);
  assert.equal(await mark.count(), 0);
  nurse.clean();
});

test('The privacy officer hears of it and works it off with the keyboard', async () => {
  const { page } = officer;
  await page.locator('.rail-count').getByText('1').waitFor();
  await page.locator('.rail').getByText('Reviews').click();
  await page.getByText('1 waits for a review.').waitFor();
  await page.getByText(WHY).waitFor();
  await accessible(page, 'the list of emergencies');
  await shoot(page, 'emergency-list');
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'Esi Boateng' }).waitFor();
  await page.getByLabel('Not justified').check();
  await page.keyboard.press('Control+Enter');
  await page.getByText('Say in at least 10 characters what was not right.').first().waitFor();
  await shoot(page, 'emergency-review');
  await page.getByLabel('Justified', { exact: true }).check();
  await page.keyboard.press('Control+Enter');
  await page.getByText('Nothing to review').waitFor();
  await page.locator('.rail-count').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'All' }).click();
  await page.locator('.break-glass').getByText('Justified').waitFor();
  await page.keyboard.press('j');
  await page.getByRole('button', { name: 'What was looked at' }).click();
  await page.getByText('Opened a record in an emergency').first().waitFor();
  await page.getByText(`Emergency: life or health is at risk: ${WHY}`).first().waitFor();
  await shoot(page, 'emergency-audit');
  await officer.go(`/admin/audit/patient/${patient}`);
  const row = page.locator('.who-table tr', { hasText: 'Esi Boateng' });
  await row.getByText(`Emergency: life or health is at risk: ${WHY}`).waitFor();
  assert.equal(await page.getByText('break-glass').count(), 0);
  await shoot(page, 'emergency-who-looked');
  officer.clean();
});

test('A confidential record is its care team’s, and it says so', async () => {
  const admin = await desk(ADMIN);
  const { page } = admin;
  admin.expect(403);
  await admin.go(`/p/${patient}/details`);
  await page.getByLabel('Confidentiality').selectOption('vip');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByRole('heading', { name: 'This record is not among those you see' }).waitFor();
  const team = page.locator('.care-team');
  await team.getByText('Confidential: public person').first().waitFor();
  await page.getByLabel('Add somebody').fill('Esi');
  await team.getByRole('button', { name: /Esi Boateng/ }).click();
  await team.getByText('added by').waitFor();
  await accessible(page, 'a confidential record');
  await shoot(page, 'confidential-out-of-reach');
  // She sees it now, with its mark.
  await nurse.go(`/p/${patient}/details`);
  await nurse.page.locator('.banner').getByText('Confidential: public person').waitFor();
  await nurse.page.locator('.care-team').getByText('Esi Boateng').waitFor();
  await accessible(nurse.page, 'the details of a confidential record');
  await shoot(nurse.page, 'confidential-details');
  await page.getByRole('button', { name: 'End the membership of Esi Boateng' }).click();
  await team.getByText('ended').first().waitFor();
  await page.getByLabel('Does somebody see this record?').fill('Esi');
  await team.getByRole('button', { name: /Esi Boateng/ }).click();
  await team.getByText('Esi Boateng sees nothing, unless they have a number').waitFor();
  await team.getByText('The record is confidential: only its care team sees it.').waitFor();
  await team.getByText('They are not in the care team.').waitFor();
  await accessible(page, 'who sees the record');
  await shoot(page, 'who-sees');
  // To take the mark away asks why, and somebody else reviews it.
  await page.getByLabel('Confidentiality').selectOption('');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.getByText('Say why in at least 10 characters.').waitFor();
  await page.getByLabel('Why is it taken away?').fill('She has left the public office');
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await page.locator('.care-team .tag').waitFor({ state: 'detached' });
  await admin.go('/admin/break-glass');
  await page.getByText('A mark of confidentiality was taken away').waitFor();
  await page.getByText('She has left the public office').waitFor();
  await shoot(page, 'confidential-taken-away');
  admin.clean();
  nurse.clean();
});
