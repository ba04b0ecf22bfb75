// Every screen, light and dark: no error in the console, no breach of the policy, no finding of
// axe, nothing too wide. From right to left they are looked at in languages.test.js.

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
import { PEOPLE, crowd } from '../people.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {string} */
let patient;

const CROWD = 150;

before(async () => {
  server = await startServer();
  api = await setUp(server);
  for (const one of [...crowd(CROWD), ...PEOPLE]) {
    const made = await api('POST', '/patients', one);
    if (made.family === 'Moreau') patient = made.id;
  }
  await api('POST', '/encounters', {
    ...{ patient_id: patient, class: 'inpatient', status: 'finished', code_text: 'Hospital stay' },
    ...{ started_recorded: '2025-05-03T13:02:00Z', ended_recorded: '2025-05-11T19:02:00Z' },
    reason_text: 'Urinary tract infection',
  });
  await api('POST', '/users', {
    ...{ username: 'kofi', display_name: 'Kofi Osei', role: 'reception' },
    password: 'four yellow boats',
  });
  await api('POST', '/tokens', {
    ...{ name: 'Laboratory', scopes: ['patients.read'], lasts_days: 7 },
    current_password: ADMIN.password,
  });
});

after(() => server?.stop());

/**
 * Name, address, and what shows that it is there.
 * @type {[string, () => string, string][]}
 */
const SCREENS = [
  ['today', () => '/', 'main .person-list li'],
  ['find', () => '/patients', '#find-grid .grid-block .grid-row'],
  ['register', () => '/patients/new', '#family'],
  ['edit', () => `/p/${patient}/edit`, '#family'],
  ['record', () => `/p/${patient}`, 'h1'],
  ['imports', () => '/imports', '#files'],
  ['users', () => '/admin/users', 'main table tbody tr'],
  ['tokens', () => '/admin/tokens', 'main table tbody tr'],
  ['settings', () => '/admin/settings', '.settings tbody tr'],
  ['system', () => '/admin/system', '.watch-chart'],
  ['alerts', () => '/admin/system/alerts', 'main table tbody tr'],
  ['me', () => '/me', '.session-list li'],
  ['about', () => '/about', 'main h2'],
];

/** @type {{ name: string, colorScheme: 'light' | 'dark' }[]} */
const LOOKS = [
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
];

for (const look of LOOKS) {
  test(`screens, ${look.name}`, async (t) => {
    const { browser, context } = await openBrowser(look);
    const tab = await openPage(context, server.url);
    t.after(() => browser.close());
    await tab.go('/sign-in');
    await tab.page.getByLabel('User name').waitFor();
    await accessible(tab.page, 'sign-in');
    await shoot(tab.page, `sign-in-${look.name}`);
    await signIn(tab.page);
    for (const [name, path, there] of SCREENS) {
      await t.test(name, async () => {
        await tab.go(path());
        await tab.page.locator(there).first().waitFor();
        await settled(tab.page);
        await shoot(tab.page, `${name}-${look.name}`);
        await accessible(tab.page, `${name}, ${look.name}`);
        await fitsWidth(tab.page, `${name}, ${look.name}`);
        await fitsHeight(tab.page, `${name}, ${look.name}`);
        tab.clean();
      });
    }
    await t.test('found rows, help, palette, panel', async () => {
      await tab.go('/patients');
      await tab.page.locator('#find-q').fill('more');
      await tab.page.locator('.similar').first().waitFor();
      await accessible(tab.page, 'found rows');
      await shoot(tab.page, `found-${look.name}`);
      await tab.page.keyboard.press('F1');
      await tab.page.getByRole('dialog').waitFor();
      await accessible(tab.page, 'help');
      await shoot(tab.page, `help-${look.name}`);
      await tab.page.keyboard.press('Escape');
      await tab.page.keyboard.press('Control+k');
      await tab.page.keyboard.type('dube');
      await tab.page.getByRole('option', { name: /DUBE/ }).waitFor();
      await accessible(tab.page, 'palette');
      await tab.page.keyboard.press('Escape');
      await tab.go('/admin/users');
      await tab.page.locator('main table').waitFor();
      await tab.page.keyboard.press('F4');
      await tab.page.getByLabel('Full name').waitFor();
      await accessible(tab.page, 'user panel');
      await shoot(tab.page, `user-panel-${look.name}`);
      tab.clean();
    });
  });
}

test('two and four times as large: everything is there, and nothing scrolls sideways', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  const paths = ['/', '/patients/new', '/me', `/p/${patient}`, `/p/${patient}/edit`];
  for (const [width, height] of [
    [683, 384],
    [341, 640],
  ]) {
    await page.setViewportSize({ width: Number(width), height: Number(height) });
    for (const path of paths) {
      await tab.go(path);
      await page.locator('main h1').waitFor();
      await settled(page);
      await fitsWidth(page, `${path} at ${width}`);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${path} at ${width} is ${beyond} px wider than the window`);
      await page.locator('[aria-controls="user-menu"]').click({ trial: true });
    }
    await shoot(page, `record-${width}`);
    await accessible(page, `edit at ${width}`);
  }
  tab.clean();
});

test('no screen is taller than the window, after something was read out too', async (t) => {
  for (let i = 0; i < 12; i += 1) {
    for (const day of ['2026-03-01', '2026-05-02']) {
      await api('POST', '/observations', {
        ...{ patient_id: patient, status: 'final', effective_recorded: day, unit: 'mmol/L' },
        ...{ code_text: `Substance ${i}`, value_decimal: String(5 + i) },
      });
    }
  }
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  const parts = ['obs', 'meds', 'problems', 'visits', 'immunizations', 'procedures', 'details'];
  const tabs = parts.map((part) => `/p/${patient}/${part}`);
  for (const path of [...SCREENS.map(([, path]) => path()), ...tabs]) {
    await tab.go(path);
    await page.locator('main h1').waitFor();
    await settled(page);
    if (path.endsWith('/obs')) {
      await page.locator('.mini .spoken').nth(9).waitFor({ state: 'attached' });
    }
    await page.evaluate(async () => {
      const main = document.querySelector('script[type="module"]')?.getAttribute('src') ?? '';
      (await import(main.replace('app/main.js', 'lib/announce.js'))).announce('Read out');
    });
    await page.locator('body > .spoken').getByText('Read out').waitFor({ state: 'attached' });
    await fitsHeight(page, path);
  }
  tab.clean();
});

test('beside an open form no button of a row is cut', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  await tab.go(`/p/${patient}/visits`);
  await page.locator('.rtable .row-actions').first().waitFor();
  await page.keyboard.press('F8');
  await page.locator('aside.panel select').first().waitFor();
  const cut = await page.locator('.table-box').evaluate((box) => box.scrollWidth - box.clientWidth);
  assert.ok(cut <= 0, `${cut} px of the table are out of sight`);
  tab.clean();
});

test('a long list scrolls to its end with few nodes in the page', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page);
  await tab.go('/patients');
  const { page } = tab;
  await page.locator('#find-grid .grid-block .grid-row').first().waitFor();
  await page.locator('#find-grid').focus();
  const total = CROWD + PEOPLE.length;
  await page.waitForFunction((count) => {
    const grid = /** @type {HTMLElement} */ (document.getElementById('find-grid'));
    grid.scrollTop = grid.scrollHeight;
    return grid.getAttribute('aria-rowcount') === String(count + 1);
  }, total);
  await page.keyboard.press('End');
  const last = page.locator(`#find-grid-${total - 1}`);
  await last.waitFor();
  assert.equal(await last.getAttribute('aria-selected'), 'true');
  const rows = await page.locator('#find-grid .grid-row').count();
  assert.ok(rows < 80, `${rows} rows in the page`);
  await page.keyboard.press('Home');
  await page.locator('#find-grid-0').waitFor();
  tab.clean();
});

test('a list draws what is in the window at once, and what is around it after that', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  await tab.go('/sign-in');
  await signIn(page);
  await page.addInitScript(() => {
    const drawn = /** @type {any} */ (window);
    drawn.counts = [];
    const count = () => {
      const rows = document.querySelectorAll('#find-grid .grid-block .grid-row').length;
      if (rows > 0 && rows !== drawn.counts.at(-1)) drawn.counts.push(rows);
    };
    const watch = new MutationObserver(count);
    watch.observe(document, { subtree: true, childList: true });
  });
  await tab.go('/patients');
  await page.waitForFunction(() => /** @type {any} */ (window).counts.length > 1);
  const counts = await page.evaluate(() => /** @type {any} */ (window).counts);
  const seen = await page.evaluate(() => {
    const grid = /** @type {HTMLElement} */ (document.getElementById('find-grid'));
    return grid.clientHeight / 36;
  });
  assert.ok(seen - 1 <= counts[0] && counts[0] < seen + 9, `${counts} rows, ${seen} to be seen`);
  assert.ok(seen + 16 < counts[1], `${counts} rows, ${seen} to be seen`);
  tab.clean();
});

test('a receptionist sees neither users nor imports', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  await tab.go('/sign-in');
  await signIn(tab.page, { username: 'kofi', password: 'four yellow boats' });
  const rail = tab.page.getByRole('navigation', { name: 'Areas' });
  await rail.getByRole('link', { name: 'Patients' }).waitFor();
  assert.equal(await rail.getByRole('link', { name: 'Users' }).count(), 0);
  const kept = 'Patients that you register show here until this page is loaded again';
  await tab.page.getByText(kept).waitFor();
  await shoot(tab.page, 'today-reception');
  await tab.go('/admin/users');
  await tab.page.getByText('You are not allowed to see this').waitFor();
  await shoot(tab.page, 'not-allowed');
  tab.clean();
});
