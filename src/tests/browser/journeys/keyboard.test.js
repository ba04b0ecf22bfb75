// Two days' work without a mouse: a nurse who measures, an administrator who adds somebody.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ADMIN, openBrowser, openPage, setUp, shoot, startServer } from '../harness.js';
import { PEOPLE } from '../people.js';

const NURSE = { username: 'efua', display_name: 'Efua Boateng', password: 'four yellow boats' };

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {any} */
let patient;

before(async () => {
  server = await startServer();
  api = await setUp(server);
  for (const one of PEOPLE) {
    const made = await api('POST', '/patients', one);
    if (made.family === 'Dube') patient = made;
  }
  const pulse = { code_system: 'http://loinc.org', code: '8867-4', code_text: 'Heart rate' };
  await api('POST', '/observations', {
    ...{ ...pulse, patient_id: patient.id, status: 'final', value_decimal: '72', unit: '/min' },
    effective_recorded: '2026-03-01T08:00:00Z',
  });
  await api('POST', '/users', { ...NURSE, role: 'nurse' });
});

after(() => server?.stop());

/** @param {import('node:test').TestContext} t */
async function open(t) {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const tab = await openPage(context, server.url);
  const { page } = tab;
  const { keyboard } = page;
  return {
    ...tab,
    press: (/** @type {string[]} */ ...keys) =>
      keys.reduce((done, key) => done.then(() => keyboard.press(key)), Promise.resolve()),
    type: (/** @type {string} */ text) => keyboard.type(text),
    /** Goes on with Tab until something of this name has the focus, and one can see that. */
    tabTo: async (/** @type {RegExp} */ name) => {
      const seen = [];
      for (let i = 0; i < 60; i += 1) {
        await keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const node = /** @type {HTMLElement} */ (document.activeElement);
          const { outlineStyle, outlineWidth } = getComputedStyle(node);
          const box = node.getBoundingClientRect();
          return {
            name: node.getAttribute('aria-label') ?? node.textContent?.trim() ?? '',
            ring: outlineStyle !== 'none' && outlineWidth !== '0px',
            inside: 0 <= box.top && box.bottom <= innerHeight + box.height,
          };
        });
        seen.push(at.name.slice(0, 30));
        if (!name.test(at.name)) continue;
        assert.ok(at.ring && at.inside, `${at.name}: one sees where one is`);
        return;
      }
      assert.fail(`no way by Tab to ${name}: ${seen.join(' | ')}`);
    },
  };
}

test('a nurse finds a patient, records vital signs and reads the trend', async (t) => {
  const { page, go, press, type, tabTo, clean } = await open(t);
  await go('/sign-in');
  await page.locator('#username:focus').waitFor();
  await type(NURSE.username);
  await press('Tab');
  await type(NURSE.password);
  await press('Enter');
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();

  await press('F2');
  await page.locator('#find-q:focus').waitFor();
  await type('dube 1953');
  await page.getByRole('row', { name: /DUBE/ }).waitFor();
  await page.locator('#find-hint').getByText('1 found').waitFor();
  await press('Enter');
  await page.locator('.banner-name', { hasText: 'DUBE' }).waitFor();
  await press(']');
  await page.waitForURL(/\/obs$/);

  await tabTo(/^Record vital signs$/);
  await press('Enter');
  await page.getByText('Save for DUBE, Dinesh').waitFor();
  await type('128');
  await press('Tab');
  await type('82');
  await press('Tab');
  await type('88');
  await press('Control+Enter');
  await page.getByText('2 observations saved').waitFor();

  await page.getByRole('img', { name: /(Pulse|Heart rate), \/min: 2 values/ }).waitFor();
  await tabTo(/^Table of 2 values/);
  await press('Enter');
  for (const value of ['72', '88']) {
    await page.locator('.chart-table').getByText(value, { exact: true }).first().waitFor();
  }
  const saved = await api('GET', `/observations?patient_id=${patient.id}`);
  assert.equal(saved.length, 3);
  clean();
});

test('an administrator adds a user, who can sign in', async (t) => {
  const { page, go, press, type, tabTo, clean } = await open(t);
  await go('/sign-in');
  await page.locator('#username:focus').waitFor();
  await type(ADMIN.username);
  await press('Tab');
  await type(ADMIN.password);
  await press('Enter');
  await page.getByRole('heading', { name: 'Today', level: 1 }).waitFor();

  await press('Control+k');
  await page.getByRole('dialog').waitFor();
  await type('users');
  await page.getByRole('option', { name: /Users/ }).first().waitFor();
  await press('Enter');
  await page.waitForURL(/\/admin\/users$/);
  await page.locator('main table tbody tr').first().waitFor();
  await press('F4');
  await page.locator('#display_name:focus').waitFor();
  await type('Yaw Darko');
  await press('Tab');
  await type('yaw.darko');
  await press('Tab');
  await page.locator('#role:focus option[value="nurse"]').waitFor({ state: 'attached' });
  await type('Nur');
  assert.equal(await page.locator('#role').inputValue(), 'nurse');
  // Past the facility, where the whole hospital is chosen.
  await press('Tab', 'Tab');
  await type('two slow tortoises');
  await press('Enter');
  await page.getByRole('row', { name: /Yaw Darko/ }).waitFor();
  // The next person is typed into an empty form, not over the one just added.
  await page.locator('.panel').getByText('Yaw Darko can sign in now').waitFor();
  await page.getByRole('button', { name: 'Add another' }).and(page.locator(':focus')).waitFor();
  assert.equal(await page.locator('.toast').count(), 0);
  await shoot(page, 'user-added');
  await press('Enter');
  await page.locator('#display_name:focus').waitFor();
  assert.equal(await page.locator('#display_name').inputValue(), '');
  await press('Escape');
  await page.locator('aside.panel').waitFor({ state: 'detached' });

  await tabTo(new RegExp(`^${ADMIN.display_name}`));
  await press('Enter');
  await tabTo(/^Sign out$/);
  await press('Enter');
  await page.locator('#username:focus').waitFor();
  await type('yaw.darko');
  await press('Tab');
  await type('two slow tortoises');
  await press('Enter');
  // Somebody else has typed it: one of their own comes first.
  await page.locator('#current_password:focus').waitFor();
  await type('two slow tortoises');
  await press('Tab');
  await type('seven quiet blue lamps');
  await press('Tab');
  await type('seven quiet blue lamps');
  await press('Enter');
  await page.getByRole('button', { name: 'Yaw Darko' }).waitFor();
  clean();
});
