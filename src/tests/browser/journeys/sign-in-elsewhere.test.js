// Signing in with a real OpenID provider, from its settings to the first page, and what whoever
// is not let in is told.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startProvider } from '../../../../assets/dev/openid-provider.mjs';
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
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof startProvider>>} */
let provider;
/** @type {Awaited<ReturnType<typeof openBrowser>>[]} */
const browsers = [];

before(async () => {
  server = await startServer();
  api = await setUp(server);
  provider = await startProvider(`${server.url}/api/v1/sessions/openid/callback`);
});

after(async () => {
  for (const { browser } of browsers) await browser.close();
  await provider?.stop();
  await server?.stop();
});

async function tab() {
  const chrome = await openBrowser();
  browsers.push(chrome);
  return openPage(chrome.context, server.url);
}

test('an administrator sets the provider up, and the form says what is wrong', async () => {
  const { page, go, clean, expect } = await tab();
  await go('/sign-in');
  await page.locator('#username').waitFor();
  assert.equal(await page.getByText('Sign in with').count(), 0);
  await signIn(page);
  await go('/admin/settings');
  await page.getByRole('link', { name: 'Directory and OpenID provider' }).click();
  await page.locator('#openid-title').waitFor();
  await settled(page);
  const card = page.locator('section[aria-labelledby="openid-title"]');
  const redirect = await card.getByLabel('Redirect URI').inputValue();
  assert.equal(redirect, `${server.url}/api/v1/sessions/openid/callback`);
  await card.getByLabel('People sign in with this provider').check();
  await card.getByLabel('Name on the button').fill('Hospital ID');
  await card.getByLabel('Issuer').fill('http://id.hospital.example');
  await card.getByLabel('Client ID').fill('healthflow');
  await card.getByLabel('Client secret').fill(provider.secret);
  await card.getByLabel('Scopes').fill('profile groups');
  await card.getByRole('button', { name: 'Add a group' }).click();
  await card.getByLabel('Group 1').fill('nurses');
  expect(422);
  await card.getByRole('button', { name: 'Try it' }).click();
  await card.getByText('Write an address that begins with https://').first().waitFor();
  await card.getByLabel('Issuer').fill(provider.issuer);
  await card.getByRole('button', { name: 'Try it' }).click();
  await card.getByText('It works').waitFor();
  await shoot(page, 'sign-in-ways');
  await accessible(page, 'ways to sign in');
  await fitsWidth(page, 'ways to sign in');
  await card.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The ways to sign in are saved').waitFor();
  assert.equal(await card.getByLabel('Client secret').inputValue(), '');
  const kept = await api('GET', '/openid');
  assert.ok(!JSON.stringify(kept).includes(provider.secret));
  clean();
});

/** @param {import('../harness.js').Page} page @param {string} name */
async function signInThere(page, name) {
  await page.getByRole('link', { name: 'Sign in with Hospital ID' }).click();
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill('whatever the provider asks');
  await page.locator('button[type="submit"]').click();
  await page.getByText('Authorize').first().waitFor();
}

test('a nurse signs in with the provider, and again without an account being made', async () => {
  for (const round of [1, 2]) {
    const { page, go, clean, expect } = await tab();
    // The provider's own page asks for fonts elsewhere and has no icon.
    expect(0, 404);
    await go('/sign-in');
    await page.getByRole('link', { name: 'Sign in with Hospital ID' }).waitFor();
    if (round === 1) {
      await accessible(page, 'sign-in');
      await shoot(page, 'sign-in-openid');
    }
    await signInThere(page, 'esi');
    await page.locator('button[type="submit"]').click();
    await page.locator('.frame main h1').waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(new URL(page.url()).hash, '');
    clean();
  }
  const users = await api('GET', '/users');
  const esi = users.filter((/** @type {any} */ user) => user.username === 'esi');
  assert.equal(esi.length, 1);
  assert.equal(esi[0].role, 'nurse');
  assert.equal(esi[0].origin, 'openid');
  assert.equal(esi[0].display_name, 'esi of the hospital');
});

test('whoever has no group, or gives up there, is told so and can sign in locally', async () => {
  const { page, go, clean, expect } = await tab();
  expect(0, 404);
  await go('/sign-in');
  await signInThere(page, 'visitor');
  await page.locator('button[type="submit"]').click();
  await page.getByText('You are in none of the groups').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  await accessible(page, 'sign-in, not let in');
  await shoot(page, 'sign-in-openid-refused');
  await signIn(page);
  clean();

  const other = await tab();
  other.expect(0, 404);
  await other.go('/sign-in');
  await other.page.getByRole('link', { name: 'Sign in with Hospital ID' }).click();
  await other.page.getByText('Cancel').click();
  await other.page.getByText('did not let you in').waitFor();
  other.clean();
});

test('whoever came by the provider comes back by it, and is asked there for a second factor', async () => {
  const { page, go, clean, expect } = await tab();
  expect(0, 404, 401);
  await go('/sign-in');
  await signInThere(page, 'esi');
  await page.locator('button[type="submit"]').click();
  await page.locator('.frame main h1').waitFor();
  await go('/me');
  await page.getByText('A second factor is set up there').waitFor();
  assert.equal(await page.locator('#current_password').count(), 0);
  await shoot(page, 'me-openid');
  await page.keyboard.press('Control+Shift+L');
  await page.getByText('The way back leads through').waitFor();
  await accessible(page, 'locked, by the provider');
  await shoot(page, 'lock-openid');
  await page.getByRole('link', { name: 'Sign in with Hospital ID' }).click();
  await page.locator('.frame main h1').waitFor();
  clean();

  const rules = await api('GET', '/hospital/sign-in');
  const version = { 'if-match': `"${rules.version}"` };
  await api('PATCH', '/hospital/sign-in', { second_factor_roles: ['nurse'] }, version);
  await go('/');
  await page.getByRole('link', { name: 'Sign in with Hospital ID' }).click();
  await page.getByText('Your role asks for a second factor').waitFor();
  await shoot(page, 'sign-in-openid-second-factor');
  clean();
});
