// The pages over an encrypted connection: set-up, session, live channel, what administrators see
// of it, and how a workstation comes to trust the server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  ADMIN,
  HOSPITAL,
  accessible,
  fitsHeight,
  fitsWidth,
  openBrowser,
  openPage,
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

before(async () => {
  server = await startServer('--tls', 'on');
  chrome = await openBrowser({ trusting: true });
  tab = await openPage(chrome.context, server.url);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

test('the set-up link is encrypted and works', async () => {
  assert.match(server.setupLink, /^https:\/\//);
  await tab.page.goto(server.setupLink);
  await tab.page.getByLabel('Name of the hospital').fill(HOSPITAL.hospital_name);
  await tab.page.getByLabel('Time zone').selectOption(HOSPITAL.time_zone);
  await tab.page.getByLabel('Full name').fill(ADMIN.display_name);
  await tab.page.getByLabel('User name').fill(ADMIN.username);
  await tab.page.getByLabel('Password').fill(ADMIN.password);
  await tab.page.keyboard.press('Enter');
  await tab.page.locator('.frame main h1').waitFor();
  const cookies = await chrome.context.cookies();
  const session = cookies.find((one) => one.name.includes('session'));
  assert.equal(session?.name, '__Host-hf_session');
  assert.deepEqual([session?.secure, session?.httpOnly, session?.sameSite], [true, true, 'Strict']);
  tab.clean();
});

test('a page that is opened anew is signed in and hears of changes', async () => {
  const greeted = new Promise((resolve) => {
    tab.page.on('websocket', (socket) => {
      assert.match(socket.url(), /^wss:/);
      socket.on('framereceived', ({ payload }) => resolve(String(payload)));
    });
  });
  await tab.go('/');
  await tab.page.locator('.frame main h1').waitFor();
  assert.match(String(await greeted), /hello/);
  tab.clean();
});

test('administrators see whose certificate it is and until when', async () => {
  await tab.go('/admin/settings');
  const card = tab.page.locator('section', { has: tab.page.locator('#tls-title') });
  await card.getByText('Encrypted', { exact: true }).waitFor();
  const text = (await card.textContent()) ?? '';
  assert.ok(text.includes(server.told.tls.root.fingerprint_sha256), text);
  assert.ok(text.includes(server.told.tls.certificate.fingerprint_sha256), text);
  assert.ok(text.includes('localhost'), text);
  await settled(tab.page);
  await card.scrollIntoViewIfNeeded();
  await accessible(tab.page, 'settings');
  await fitsWidth(tab.page, 'settings');
  await fitsHeight(tab.page, 'settings');
  await shoot(tab.page, 'settings-encrypted');
  const [download] = await Promise.all([
    tab.page.waitForEvent('download'),
    card.getByRole('link', { name: 'Download the root' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'healthflow-ca.crt');
  tab.clean();
});

test('a proxy that encrypts is no alarm, and where nothing does is one', async () => {
  const { page } = tab;
  const card = page.locator('section', { has: page.locator('#tls-title') });
  const bare = { encrypted: false, exposed: true, origin: null, certificate: null, root: null };
  for (const [before, words] of /** @type {const} */ ([
    [true, 'Encrypted before this server'],
    [false, 'TLS IS OFF'],
  ])) {
    const json = { data: { ...bare, this_connection: before, hsts_s: 0, warnings: [] } };
    await page.route('**/api/v1/system/tls', (route) => route.fulfill({ json }));
    await tab.go('/admin/settings');
    await card.getByText(words).waitFor();
    assert.equal(await card.getByRole('alert').count(), before ? 0 : 1);
    await accessible(page, `settings ${words}`);
    await page.unroute('**/api/v1/system/tls');
  }
  tab.clean();
});

test('how to trust the server is read by whoever is not signed in, in their language', async () => {
  for (const locale of ['en-US', 'fr-FR', 'ar-EG']) {
    const other = await openBrowser({ trusting: true, locale });
    try {
      const reader = await openPage(other.context, server.url);
      await reader.go('/trust');
      await reader.page.getByText('certutil -addstore -f Root ca.crt').waitFor();
      assert.equal(new URL(reader.page.url()).pathname, '/trust');
      await accessible(reader.page, `trust ${locale}`);
      await fitsWidth(reader.page, `trust ${locale}`);
      await shoot(reader.page, `trust-${locale}`);
      reader.clean();
    } finally {
      await other.browser.close();
    }
  }
});

test('whoever signs out and in again has another session', async () => {
  const value = async () => {
    const cookies = await chrome.context.cookies();
    return cookies.find((one) => one.name === '__Host-hf_session')?.value;
  };
  const first = await value();
  await tab.page.getByRole('button', { name: ADMIN.display_name }).click();
  await tab.page.getByRole('button', { name: 'Sign out' }).click();
  await tab.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await value(), undefined);
  const fresh = await openPage(chrome.context, server.url);
  await fresh.go('/sign-in');
  await signIn(fresh.page);
  assert.ok((await value()) && (await value()) !== first);
  fresh.clean();
});
