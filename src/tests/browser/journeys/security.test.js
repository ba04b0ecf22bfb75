// Second factors, passkeys, and people who take turns at one workstation.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';

import {
  ADMIN,
  HOSPITAL,
  accessible,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';

const PASSWORD = 'four yellow boats';
const PIN = '271828';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
/** @type {Awaited<ReturnType<typeof openBrowser>>} */
let chrome;
/** @type {Awaited<ReturnType<typeof openPage>>} */
let tab;
let count = 0;

before(async () => {
  server = await startServer();
  api = await setUp(server);
});

beforeEach(async () => {
  await chrome?.browser.close();
  chrome = await openBrowser();
  // By its name: browsers have no passkeys under a number.
  tab = await openPage(chrome.context, server.url.replace('127.0.0.1', 'localhost'));
  tab.expect(401, 0);
});

after(async () => {
  await chrome?.browser.close();
  await server?.stop();
});

/** A new account. @param {string} name @param {string} [role] */
async function person(name, role = 'nurse') {
  count += 1;
  const username = `${name.toLowerCase().replace(/[^a-z]/g, '.')}${count}`;
  await api('POST', '/users', { username, display_name: name, role, password: PASSWORD });
  return { username, password: PASSWORD };
}

/** What an app shows, so many steps from now. @param {string} key @param {number} [steps] */
function code(key, steps = 0) {
  const bits = [...key.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', secret).update(counter).digest();
  const at = (hash[19] ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Says the password once more in a card of the own settings. @param {string} button */
async function confirm(button) {
  await tab.page.locator('#confirm-password').fill(PASSWORD);
  await tab.page.getByRole('button', { name: button, exact: true }).click();
}

test('an app is set up with a picture, asked for at the door, and a code opens without it', async () => {
  const { page } = tab;
  const user = await person('Esi Boateng');
  await tab.go('/sign-in');
  await signIn(page, user);
  await tab.go('/me');
  await page.getByRole('button', { name: 'Set up an app' }).click();
  await confirm('Go on');
  await page.getByAltText('QR code for the authenticator app').waitFor();
  const picture = page.locator('img.qr');
  assert.ok(await picture.evaluate((img) => /** @type {any} */ (img).naturalWidth > 0));
  await accessible(page, 'setting up an app');
  await shoot(page, 'security-app');
  const key = await page.locator('.app-setup code').innerText();
  await page.locator('#code').fill(code(key));
  await page.getByRole('button', { name: 'Switch it on' }).click();
  await page.locator('.recovery-codes li').nth(9).waitFor();
  const [recovery = ''] = await page.locator('.recovery-codes code').allInnerTexts();
  assert.match(recovery, /^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
  await accessible(page, 'recovery codes');
  await shoot(page, 'security-recovery');
  await page.emulateMedia({ media: 'print' });
  const sheet = (await page.locator('body').innerText()).trim();
  assert.ok(sheet.startsWith('Recovery codes'), sheet);
  for (const [at, wanted] of [...(await page.locator('.recovery-codes code').all()).entries()]) {
    const box = await wanted.boundingBox();
    assert.ok(box && 0 <= box.x && box.height > 0 && box.y + box.height < 900, `code ${at}`);
  }
  assert.match(sheet, new RegExp(user.username));
  assert.doesNotMatch(sheet, /Present password|My settings|I have kept them/);
  await shoot(page, 'security-recovery-paper');
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('10 codes are left').waitFor();
  await shoot(page, 'security-me');
  tab.clean();

  await chrome.context.clearCookies();
  await tab.go('/sign-in');
  await page.locator('#username').fill(user.username);
  await page.locator('#password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'One step more' }).waitFor();
  await accessible(page, 'the second step');
  await shoot(page, 'sign-in-second-step');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.getByText(/This code is not right/).waitFor();
  await page.locator('#code').fill(code(key, 1));
  await page.keyboard.press('Enter');
  await page.locator('.frame main h1').waitFor();

  await chrome.context.clearCookies();
  await tab.go('/sign-in');
  await page.locator('#username').fill(user.username);
  await page.locator('#password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /I do not have my phone/ }).click();
  await page.locator('#code').fill(recovery.toLowerCase());
  await page.keyboard.press('Enter');
  await page.locator('.frame main h1').waitFor();
  await tab.go('/me');
  await page.getByText('9 codes are left').waitFor();
  await page.getByText(/Password and recovery code/).first().waitFor();
  tab.clean();
});

/** Gives the browser of the tab a device that makes passkeys. */
async function holdKey() {
  const { page } = tab;
  const cdp = await chrome.context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

test('a passkey is made, opens alone, is renamed and removed', async () => {
  const { page } = tab;
  const user = await person('Yaw Mensah', 'clinician');
  await holdKey();
  await tab.go('/sign-in');
  await shoot(page, 'sign-in');
  await signIn(page, user);
  await tab.go('/me');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await confirm('Go on');
  await page.locator('.recovery-codes li').nth(9).waitFor();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('.passkeys li').waitFor();
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Ward laptop');
  await page.keyboard.press('Enter');
  await page.getByText('Ward laptop').waitFor();
  await shoot(page, 'security-passkey');
  tab.clean();

  await chrome.context.clearCookies();
  await tab.go('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.locator('.frame main h1').waitFor();
  await page.keyboard.press('Control+Shift+L');
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.locator('.frame main h1').waitFor();
  await tab.go('/me');
  await page.locator('.session-list').getByText(/Passkey/).first().waitFor();
  await page.locator('.passkeys').getByRole('button', { name: 'Remove' }).click();
  await confirm('Remove');
  await page.locator('.passkeys').waitFor({ state: 'detached' });
  tab.clean();
});

test('the next person is in within seconds, by the keyboard alone', async () => {
  const { page } = tab;
  const [joy, efua] = [await person('Joy Owusu'), await person('Efua Boateng')];
  for (const user of [joy, efua]) {
    await tab.go('/sign-in');
    await signIn(page, user);
    await tab.go('/me');
    await page.getByRole('button', { name: 'Choose a PIN' }).click();
    await page.locator('#pin-password').fill(PASSWORD);
    await page.locator('#pin').fill(PIN);
    await page.locator('#pin-again').fill(PIN);
    await page.getByRole('button', { name: 'Keep the PIN' }).click();
    await page.getByText('Your PIN is kept').waitFor();
    if (user === joy) {
      await page.keyboard.press('Control+Shift+L');
      await page.getByRole('button', { name: 'Another person' }).click();
      await page.waitForURL(/\/sign-in$/);
    }
  }
  // Efua locks and is back with her PIN; what was open is there.
  await page.keyboard.press('Control+Shift+L');
  await page.locator('#quick-pin').waitFor();
  await accessible(page, 'locked, with a PIN');
  await shoot(page, 'locked-pin');
  await page.keyboard.type('000001');
  await page.keyboard.press('Enter');
  await page.getByText(/This is not your PIN/).waitFor();
  await page.locator('#quick-pin').focus();
  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'My settings' }).waitFor();

  const begun = performance.now();
  await page.keyboard.press('Control+Shift+L');
  await page.locator('#quick-pin').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(/\/sign-in$/);
  await page.locator('.people-here button:focus').waitFor();
  const names = await page.locator('.people-here bdi').allInnerTexts();
  const digit = String(names.indexOf('Joy Owusu') + 1);
  await shoot(page, 'sign-in-people');
  await page.keyboard.press(digit);
  await page.locator('#quick-pin:focus').waitFor();
  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Joy Owusu' }).waitFor();
  const took = performance.now() - begun;
  console.log(`    switched by keyboard in ${Math.round(took)} ms`);
  assert.ok(took < 15_000, `${took} ms`);
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie);
  assert.doesNotMatch(kept, /joy|efua|hfs_|hfp_/i, 'no name and no secret within reach of scripts');
  tab.clean();
});

test('a reload does not get round the lock, and three wrong PINs ask for the password', async () => {
  const { page } = tab;
  const user = await person('Ama Osei');
  await tab.go('/sign-in');
  await signIn(page, user);
  await page.evaluate(
    async ([password, pin]) => {
      await fetch('/api/v1/users/current/pin', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-healthflow-client': 'ui' },
        body: JSON.stringify({ current_password: password, pin }),
      });
    },
    [PASSWORD, PIN],
  );
  await page.keyboard.press('Control+Shift+L');
  await page.locator('#quick-pin').waitFor();
  await page.reload();
  await page.locator('.people-here button:focus').waitFor();
  await page.keyboard.press('1');
  for (const [at, wrong] of ['111112', '111113', '111114'].entries()) {
    await page.locator('#quick-pin').fill(wrong);
    await page.keyboard.press('Enter');
    if (at < 2) await page.getByText(/This is not your PIN/).waitFor();
    await page.waitForFunction(
      () => !(/** @type {any} */ (document.querySelector('#quick-pin'))?.value),
    );
  }
  await page.getByText(/The PIN was wrong too often/).waitFor();
  await page.locator('#quick-password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('.frame main h1').waitFor();
  tab.clean();
});

test('a role that needs a second factor sets one up before anything else', async () => {
  const { page } = tab;
  tab.expect(403);
  await tab.go('/sign-in');
  await signIn(page, ADMIN);
  await tab.go('/admin/settings');
  await page.locator('#second-reception').check();
  await page.locator('#lock_minutes').selectOption('30');
  await shoot(page, 'settings-sign-in');
  await accessible(page, 'rules for signing in');
  await page.locator('form:has(#lock_minutes) button[type=submit]').click();
  await page.getByText('The rules hold from now on').waitFor();
  await page.locator('#second-reception').waitFor();
  const user = await person('Kofi Osei', 'reception');
  await chrome.context.clearCookies();
  await tab.go('/sign-in');
  await page.locator('#username').fill(user.username);
  await page.locator('#password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'A second factor is needed' }).waitFor();
  await accessible(page, 'a second factor is needed');
  await shoot(page, 'second-factor-needed');
  await tab.go('/patients');
  await page.getByRole('heading', { name: 'A second factor is needed' }).waitFor();
  assert.equal(await page.locator('.frame').count(), 0);
  await confirm('Go on');
  const key = await page.locator('.app-setup code').innerText();
  await page.locator('#code').fill(code(key));
  await page.getByRole('button', { name: 'Switch it on' }).click();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('.frame main h1').waitFor();
  await page.getByText(HOSPITAL.hospital_name).first().waitFor();
  tab.clean();
});

test('a rule that comes while somebody works is met at once, and not by errors', async () => {
  const { page } = tab;
  const user = await person('Adwoa Cashier', 'cashier');
  await tab.go('/sign-in');
  await signIn(page, user);
  const { version } = await api('GET', '/hospital/sign-in');
  const rules = { second_factor_roles: ['cashier'] };
  await api('PATCH', '/hospital/sign-in', rules, { 'if-match': `"${version}"` });
  // Whichever request meets the rule first, that of the typing or another one, leads there.
  await page.keyboard.press('F2');
  await page.keyboard.type('Moreau');
  await page.getByRole('heading', { name: 'A second factor is needed' }).waitFor();
  assert.equal(await page.locator('[role=alert]').count(), 0);
  assert.equal(new URL(page.url()).pathname, '/second-factor');
  await holdKey();
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await page.locator('#confirm-password').fill(PASSWORD);
  await accessible(page, 'a passkey as the second factor');
  await confirm('Go on');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.locator('.frame main h1').waitFor();
});
