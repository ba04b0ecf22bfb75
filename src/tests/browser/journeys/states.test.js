// What screens.test.js does not open: forms with errors, dialogs, the lock, what went wrong. Each
// in light, in dark and from right to left, without a finding of axe and without cut text.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ADMIN,
  accessible,
  openBrowser,
  openPage,
  setUp,
  settled,
  shoot,
  signIn,
  startServer,
} from '../harness.js';
import { overflowing } from '../overflow.js';
import { PEOPLE } from '../people.js';

/** @typedef {import('../overflow.js').Page} Page */

/** @type {import('../harness.js').Server} */
let server;
/** @type {import('../harness.js').Server} */
let empty;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {any[]} */
const people = [];

const TABLE = 'Nachname;Vorname;DOB;Sex\nKeller;Ute;1961-04-30;F\nBrandt;Jan;1975-13-45;M\n';

before(async () => {
  [server, empty] = await Promise.all([startServer(), startServer()]);
  api = await setUp(server);
  const nurse = { username: 'joy', display_name: 'Joy Nurse', role: 'nurse' };
  await api('POST', '/users', { ...nurse, password: 'four yellow boats' });
  for (const one of PEOPLE) people.push(await api('POST', '/patients', one));
  const of = { patient_id: people[0].id, status: 'active' };
  await api('POST', '/allergies', { ...of, code_text: 'penicillin', severity: 'severe' });
  for (const code_text of ['Asthma', 'Gout']) await api('POST', '/conditions', { ...of, code_text });
  const medicine = { dose_decimal: '500', dose_unit: 'mg', intent: 'order' };
  await api('POST', '/medication-requests', { ...of, ...medicine, code_text: 'metformin' });
  const visit = { class: 'ambulatory', status: 'finished', started_recorded: '2026-03-01' };
  await api('POST', '/encounters', { ...of, ...visit, reason_text: 'Cough' });
  const given = { status: 'completed', given_recorded: '2026-03-01' };
  await api('POST', '/immunizations', { ...of, ...given, code_text: 'Influenza' });
  const done = { status: 'completed', performed_recorded: '2026-03-01' };
  await api('POST', '/procedures', { ...of, ...done, code_text: 'X-ray of the chest' });
  const wrong = await api('POST', '/conditions', { ...of, code_text: 'Not theirs' });
  const reason = { reason: 'wrong patient' };
  await api('POST', `/conditions/${wrong.id}/entered-in-error`, reason, { 'if-match': '"1"' });
});

after(async () => {
  await server?.stop();
  await empty?.stop();
});

/** @typedef {Awaited<ReturnType<typeof openPage>>} Tab */

/** @param {Tab} tab @param {string} path @param {string} there */
async function at(tab, path, there) {
  await tab.go(path);
  await tab.page.locator(there).first().waitFor();
  await settled(tab.page);
}

/** Opens the form of the record that a tab offers. @param {Tab} tab @param {string} path */
async function form(tab, path, nth = 0) {
  await at(tab, `/p/${people[0].id}/${path}`, '.banner-allergies.known');
  await tab.page.locator('.record-body .mini.add').nth(nth).click();
  await tab.page.locator('aside.panel form').waitFor();
}

/** @param {Tab} tab */
async function changeBoth(tab) {
  const { id } = people[3];
  await at(tab, `/p/${id}/edit`, '#city');
  await tab.page.locator('#city').fill('Tema');
  const now = await api('GET', `/patients/${id}`);
  const addresses = [{ city: `Accra ${now.version}` }];
  await api('PATCH', `/patients/${id}`, { addresses }, { 'if-match': `"${now.version}"` });
  await tab.page.keyboard.press('Control+s');
  await tab.page.locator('#conflict-title').waitFor();
}

/** Each name, and what leads there. @type {[string, (tab: Tab) => Promise<void>][]} */
const STATES = [
  ...['meds', 'problems', 'visits', 'immunizations', 'procedures', 'details'].map(
    (path) =>
      /** @type {[string, (tab: Tab) => Promise<void>]} */ ([
        `tab ${path}`,
        (tab) => at(tab, `/p/${people[0].id}/${path}`, '.rtable tbody tr, .rfacts'),
      ]),
  ),
  ['deceased', (tab) => at(tab, `/p/${people[2].id}`, '.banner.deceased')],
  ['no such patient', (tab) => at(tab, '/p/pat_00000000000000', 'main p a')],
  [
    'matches and errors',
    async (tab) => {
      await at(tab, '/patients/new', '#family');
      await tab.page.locator('#family').fill('Moreau');
      await tab.page.locator('#given').fill('Bekele');
      await tab.page.locator('#none').waitFor();
      await tab.page.keyboard.press('Control+s');
      await tab.page.locator('[role=alert]').first().waitFor();
    },
  ],
  [
    'leave without saving',
    async (tab) => {
      await at(tab, '/patients/new', '#family');
      await tab.page.locator('#family').fill('Typed');
      await tab.page.keyboard.press('Alt+1');
      await tab.page.locator('dialog[open]').waitFor();
    },
  ],
  ['two changed one', changeBoth],
  [
    'problem with errors',
    async (tab) => {
      await form(tab, 'problems');
      await tab.page.keyboard.press('Control+Enter');
      await tab.page.locator('.panel [role=alert]').first().waitFor();
    },
  ],
  ['allergy', (tab) => form(tab, 'problems', 1)],
  ['medicine', (tab) => form(tab, 'meds')],
  ['visit', (tab) => form(tab, 'visits')],
  ['immunization', (tab) => form(tab, 'immunizations')],
  ['procedure', (tab) => form(tab, 'procedures')],
  [
    'vital signs to check',
    async (tab) => {
      await at(tab, `/p/${people[0].id}/obs`, '.banner-allergies.known');
      await tab.page.locator('.record-body .button.primary').first().click();
      for (const value of ['180', '60', '240', '45']) {
        await tab.page.keyboard.type(value);
        await tab.page.keyboard.press('Tab');
      }
      await tab.page.locator('.panel .check').nth(1).waitFor();
    },
  ],
  [
    'entered in error',
    async (tab) => {
      await at(tab, `/p/${people[0].id}/problems`, '.row-actions');
      await tab.page.locator('.row-actions .mini').nth(1).click();
      await tab.page.locator('aside.panel input').waitFor();
    },
  ],
  ['print', (tab) => at(tab, `/print/patient-summary/${people[0].id}`, '.paper-end')],
  [
    'columns of a table',
    async (tab) => {
      await at(tab, '/imports', '#files');
      const file = { name: 'ward.csv', mimeType: 'text/csv', buffer: Buffer.from(TABLE) };
      await tab.page.locator('#files').setInputFiles(file);
      await tab.page.locator('main table').first().waitFor();
    },
  ],
  [
    'rows that were not taken',
    async (tab) => {
      await tab.page.locator('main .button.primary').click();
      await tab.page.waitForURL(/\/imports\/imp_/);
      await tab.page.locator('.screen-head .tag.warn').waitFor();
      await tab.page.locator('main table').nth(1).waitFor();
    },
  ],
  [
    'one user',
    async (tab) => {
      await at(tab, '/admin/users', 'main table tbody tr');
      await tab.page.locator('main table tbody tr button').last().click();
      await tab.page.locator('#new_password').waitFor();
    },
  ],
  [
    'menu of the person',
    async (tab) => {
      await at(tab, '/', 'main h1');
      await tab.page.locator('[aria-controls="user-menu"]').click();
      await tab.page.locator('#user-menu').waitFor();
    },
  ],
  [
    'palette',
    async (tab) => {
      await at(tab, '/', 'main h1');
      await tab.page.keyboard.press('Control+k');
      await tab.page.keyboard.type('dube');
      await tab.page.locator('[role=option]').first().waitFor();
    },
  ],
  [
    'help on a record',
    async (tab) => {
      await at(tab, `/p/${people[0].id}`, '.lines li');
      await tab.page.keyboard.press('F1');
      await tab.page.locator('dialog[open]').waitFor();
    },
  ],
  [
    'locked, wrong password',
    async (tab) => {
      await at(tab, `/p/${people[0].id}`, '.lines li');
      await tab.page.keyboard.press('Control+Shift+L');
      await tab.page.locator('#quick-password').fill('not the password');
      await tab.page.keyboard.press('Enter');
      await tab.page.locator('#overlay [role=alert]').waitFor();
    },
  ],
];

/** @type {{ name: string, locale?: string, colorScheme?: 'light' | 'dark' }[]} */
const LOOKS = [
  { name: 'light' },
  { name: 'dark', colorScheme: 'dark' },
  { name: 'ar', locale: 'ar-EG' },
];

for (const look of LOOKS) {
  test(`states, ${look.name}`, async (t) => {
    const { browser, context } = await openBrowser(look);
    t.after(() => browser.close());
    const tab = await openPage(context, server.url);
    // Asked for: no such patient, whose parts are asked for at the same time; a stale version;
    // a wrong password.
    tab.expect(400, 401, 404, 412);
    await tab.page.addInitScript(() => (window.print = () => {}));
    await tab.go('/sign-in');
    await signIn(tab.page, ADMIN);
    for (const [name, open] of STATES) {
      await t.test(name, async () => {
        await open(tab);
        await shoot(tab.page, `${name.replaceAll(' ', '-')}-${look.name}`);
        await accessible(tab.page, `${name}, ${look.name}`);
        assert.deepEqual(await overflowing(tab.page), [], name);
        tab.clean();
      });
    }
    await t.test('set-up', async () => {
      const first = await openPage(context, empty.url);
      await first.go('/');
      await first.page.waitForURL(/\/setup$/);
      await first.page.locator('#token').waitFor();
      await first.page.keyboard.press('Enter');
      await first.page.locator('[role=alert]').waitFor();
      await accessible(first.page, `set-up with errors, ${look.name}`);
      assert.deepEqual(await overflowing(first.page), []);
      await shoot(first.page, `set-up-${look.name}`);
      first.clean();
    });
  });
}
