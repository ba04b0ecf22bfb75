// What people may do: roles side by side, a change with those whom it concerns, a role of one's
// own, departments, and why somebody may not.

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
  settled,
  shoot,
  signIn,
  startServer,
} from '../harness.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;

const PASSWORD = 'seven quiet rivers';
const JOY = { username: 'joy', password: PASSWORD };

before(async () => {
  server = await startServer();
  api = await setUp(server);
  const [site] = await api('GET', '/facilities');
  const facility_id = site.id;
  await api('POST', '/users', { ...JOY, display_name: 'Joy Addo', role: 'nurse', facility_id });
  const kofi = { username: 'kofi', password: PASSWORD, display_name: 'Kofi Boateng' };
  await api('POST', '/users', { ...kofi, role: 'cashier' });
  chrome = await openBrowser();
  tab = await openPage(chrome.context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page, ADMIN);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

const press = (/** @type {string} */ keys) => tab.page.keyboard.press(keys);

/** @param {string} name */
async function looked(name) {
  await settled(tab.page);
  await shoot(tab.page, name);
  await fitsWidth(tab.page, name);
  await fitsHeight(tab.page, name);
  await accessible(tab.page, name);
  tab.clean();
}

const cell = (/** @type {string} */ words, /** @type {number} */ column) =>
  tab.page.getByRole('row', { name: words }).getByRole('cell').nth(column);

test('every role stands beside the others, with what it may do in plain words', async () => {
  const { page } = tab;
  await page.getByRole('link', { name: 'Roles' }).click();
  await page.getByRole('heading', { name: 'Roles', level: 1 }).waitFor();
  const heads = page.getByRole('columnheader');
  await page.getByRole('button', { name: 'Open the role Nurse' }).waitFor();
  assert.equal(await heads.filter({ hasText: /person|people|Nobody/ }).count(), 9);
  assert.match((await heads.filter({ hasText: 'Nurse' }).textContent()) ?? '', /1 person/);
  const words = 'Make and change accounts, and give new passwords';
  assert.match((await cell(words, 0).textContent()) ?? '', /Yes/);
  assert.match((await cell(words, 2).textContent()) ?? '', /No/);
  await looked('roles');
});

test('two roles are compared, and only what differs is shown', async () => {
  const { page } = tab;
  await page.getByLabel('Compare').selectOption({ label: 'Nurse' });
  await page.getByLabel('with', { exact: true }).selectOption({ label: 'Pharmacist' });
  await page.getByLabel('Only what differs').check();
  await page.getByRole('row', { name: 'Record visits' }).waitFor();
  assert.equal(await page.getByRole('row', { name: 'See when patients come' }).count(), 0);
  await page.getByRole('row', { name: 'Whose records' }).waitFor();
  await looked('roles-compared');
  await page.getByLabel('Compare').selectOption({ label: 'All roles' });
});

test('a change says first whom it concerns and what it gives and takes', async () => {
  const { page } = tab;
  await page.getByRole('button', { name: 'Open the role Cashier' }).click();
  const panel = page.getByRole('complementary', { name: 'Cashier' });
  await panel.getByText('Kofi Boateng').waitFor();
  await panel.getByLabel('See how the server does').check();
  await panel.getByLabel('See when patients come').uncheck();
  await looked('role-panel');
  await panel.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: '1 person is affected' });
  await dialog.getByText('Kofi Boateng').waitFor();
  await dialog.getByText('Gains: See how the server does.').waitFor();
  await dialog.getByText('Loses: See when patients come.').waitFor();
  await shoot(page, 'role-affects');
  // The safe answer has the focus and changes nothing.
  await press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const [before] = (await api('GET', '/roles?include=permissions')).filter(
    (/** @type {any} */ role) => role.code === 'cashier',
  );
  assert.ok(before.permissions.includes('encounters.read'));
  await panel.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Change the role' }).click();
  await page.getByText('The role Cashier is saved').waitFor();
  const given = page.getByText('Yes, given here');
  await given.waitFor({ state: 'attached' });
  await looked('roles-changed');
});

test('the default comes back in one step', async () => {
  const { page } = tab;
  await page.getByRole('button', { name: 'Restore the default' }).click();
  await page.getByRole('button', { name: 'Change the role' }).click();
  await page.getByText('The role Cashier is as it was delivered').waitFor();
  await page.getByText('Yes, given here').waitFor({ state: 'detached' });
  tab.clean();
});

test('a role of one’s own is made from another with the keyboard, and retired', async () => {
  const { page } = tab;
  await page.getByRole('button', { name: 'Open the role Pharmacist' }).click();
  await page.getByRole('button', { name: 'Copy this role' }).click();
  await page.waitForFunction(() => document.activeElement?.id === 'name');
  assert.equal(await page.locator('#name').inputValue(), 'Copy of Pharmacist');
  await press('Control+a');
  await page.keyboard.type('Night pharmacy');
  assert.equal(await page.locator('#code').inputValue(), 'night_pharmacy');
  await press('Enter');
  await page.getByText('The role Night pharmacy is saved').waitFor();
  const panel = page.getByRole('complementary', { name: 'Night pharmacy' });
  await panel.getByText('Nobody holds this role').waitFor();
  await looked('role-own');
  await panel.getByRole('button', { name: 'Retire this role' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retire this role' }).click();
  await panel.getByRole('button', { name: 'Take back into use' }).waitFor();
  await press('Escape');
  await panel.waitFor({ state: 'detached' });
  tab.clean();
});

test('nobody takes the last way to administer away, and is told why', async () => {
  const { page } = tab;
  await page.getByRole('button', { name: 'Open the role Administrator' }).click();
  const panel = page.getByRole('complementary', { name: 'Administrator' });
  await panel.getByLabel('Change what roles may do').uncheck();
  await panel.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('what you take from it you cannot give back yourself').waitFor();
  tab.expect(422);
  await dialog.getByRole('button', { name: 'Change the role' }).click();
  await panel.getByRole('alert').getByText('Nobody could administer the hospital').waitFor();
  await shoot(page, 'role-last');
  await press('Escape');
  await panel.waitFor({ state: 'detached' });
  tab.clean();
});

test('departments are added beside the facilities, with whom the first one concerns', async () => {
  const { page } = tab;
  await tab.go('/admin/settings');
  await page.getByRole('button', { name: 'Add a department' }).click();
  await page.getByText('whom that concerns: 1').waitFor();
  await page.locator('#department-name').fill('Ward 3');
  const card = page.getByRole('region', { name: 'Departments' });
  await card.scrollIntoViewIfNeeded();
  await looked('departments-first');
  await card.locator('form').getByRole('button', { name: 'Add a department' }).click();
  await card.getByRole('row', { name: /Ward 3 Ward St. Anne Hospital In use/ }).waitFor();
  // News may show the row before the answer has closed the form.
  await page.getByText('Ward 3 is saved').waitFor();
  tab.expect(409);
  await card.getByRole('button', { name: 'Add a department' }).click();
  await page.locator('#department-name').fill('ward 3');
  await press('Enter');
  const refused = card.getByRole('alert').getByText('has a department of this name already');
  await refused.first().waitFor();
  await looked('departments');
});

test('somebody without a department sees nobody: the page says so, and why', async () => {
  const { page } = tab;
  await tab.go('/admin/users');
  await page.getByRole('button', { name: 'Change Joy Addo' }).click();
  const panel = page.getByRole('complementary', { name: 'Joy Addo' });
  await panel.getByText('without one, Joy Addo sees nobody').waitFor();
  await panel.getByLabel('What they want to do').selectOption({ label: 'Change what roles may do' });
  await panel.getByText('Joy Addo may not: Change what roles may do').waitFor();
  await panel.getByText('The role Nurse does not include this.').waitFor();
  await panel.getByText('Roles that do: Administrator.').waitFor();
  await panel.getByText('the account belongs to none: they see nobody').waitFor();
  await panel.getByLabel('What they want to do').scrollIntoViewIfNeeded();
  await looked('user-explained');
  await panel.getByLabel('Ward 3').check();
  await panel.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Joy Addo is saved').waitFor();
  await page.getByRole('row', { name: /Joy Addo.*Nurse.*St. Anne Hospital.*Ward 3/ }).waitFor();
  await panel.getByLabel('What they want to do').selectOption({ label: 'Record visits' });
  await panel.getByText('Joy Addo may: Record visits').waitFor();
  await panel.getByText('The role reaches the patients of Ward 3.').waitFor();
  await looked('users');
});

test('a visit is put into a department, and shows it', async () => {
  const { page } = tab;
  const patient = await api('POST', '/patients', {
    names: [{ family: 'Moreau', given: ['Bekele'] }],
    birth_date: '1963-05-10',
    sex: 'male',
  });
  await tab.go(`/p/${patient.id}/visits`);
  await page.getByRole('button', { name: 'Add a visit' }).first().click();
  const department = page.getByLabel('Department');
  await department.selectOption({ label: 'Ward 3' });
  await looked('visit-department');
  await press('Control+Enter');
  await page.getByRole('row', { name: /Ward 3/ }).waitFor();
  const [visit] = await api('GET', `/encounters?patient_id=${patient.id}&include=department`);
  assert.equal(visit.department.name, 'Ward 3');
  tab.clean();
});

test('who may not see roles finds neither the area nor the page', async () => {
  const other = await openPage(await chrome.browser.newContext(), server.url);
  await other.go('/sign-in');
  await signIn(other.page, JOY);
  assert.equal(await other.page.locator('.rail').getByRole('link', { name: 'Roles' }).count(), 0);
  await other.go('/admin/roles');
  await other.page.getByText('Your role does not include').first().waitFor();
  other.clean();
  await other.page.context().close();
});

for (const [language, words] of /** @type {const} */ ([
  ['fr', 'Créer et modifier des comptes, donner de nouveaux mots de passe'],
  ['ar', 'إنشاء الحسابات وتغييرها وإعطاء كلمات مرور جديدة'],
])) {
  test(`in ${language} all of it is there and fits`, async () => {
    const context = await chrome.browser.newContext({
      locale: language,
      viewport: { width: 1366, height: 768 },
    });
    context.setDefaultTimeout(15_000);
    const other = await openPage(context, server.url);
    await other.go('/sign-in');
    await signIn(other.page);
    for (const [path, shown] of [
      ['/admin/roles', words],
      ['/admin/users', 'Joy Addo'],
      ['/admin/settings', 'Ward 3'],
    ]) {
      await other.go(path ?? '');
      await other.page.getByText(shown ?? '').first().waitFor();
      if (path !== '/admin/settings') {
        await other.page.locator('.table button.link').first().click();
        await other.page.locator('.panel').waitFor();
      }
      await settled(other.page);
      await shoot(other.page, `${(path ?? '').slice(7)}-${language}`);
      await fitsWidth(other.page, `${path} ${language}`);
      await accessible(other.page, `${path} ${language}`);
      other.clean();
    }
    await context.close();
  });
}
