// What goes wrong rings the bell and reaches a program of the house, until it is over.

import { createServer } from 'node:http';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';

import {
  ADMIN,
  accessible,
  fitsWidth,
  openBrowser,
  openPage,
  setUp,
  shoot,
  signIn,
  startServer,
} from '../harness.js';

/** @type {import('../harness.js').Server} */
let server;
/** @type {Awaited<ReturnType<typeof setUp>>} */
let api;
let folder = '';
/** @type {string[]} what the program at the other end heard */
const heard = [];
const program = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => (body += piece));
  request.on('end', () => {
    heard.push(body);
    response.writeHead(204).end();
  });
});

before(async () => {
  server = await startServer();
  api = await setUp(server);
  folder = await mkdtemp(join(tmpdir(), 'healthflow-messages-'));
  await new Promise((resolve) => program.listen(0, '127.0.0.1', () => resolve(null)));
});

after(async () => {
  program.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Backups that fail until the folder is there again. */
async function failingBackup() {
  const password = { current_password: ADMIN.password };
  await api('PUT', '/backup', { folder, ...password }, { 'if-match': '"0"' });
  const { recovery_key } = await api('POST', '/backup/key', password);
  await api('POST', '/backup/key/proof', { recovery_key });
  await rename(folder, `${folder}-aside`);
  const all = await api('GET', '/schedules');
  return all.find((/** @type {{ kind: string }} */ one) => one.kind === 'backup').id;
}

test('a backup that fails rings the bell, goes to a program, and is over in the end', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await page.getByRole('button', { name: 'Messages: nothing new' }).click();
  await page.getByText('Nothing. All is well').waitFor();
  await page.getByRole('link', { name: 'All messages, and where they go' }).click();
  await page.getByText('There was nothing to tell').waitFor();
  await accessible(page, 'messages, none');

  const channels = page.getByRole('region', { name: 'Channels' });
  await channels.getByRole('button', { name: 'Add a channel' }).click();
  await channels.getByLabel('Name').fill('Pager');
  await channels.getByLabel('Address').fill('nowhere');
  await channels.getByLabel('Present password').fill(ADMIN.password);
  expect(422);
  await channels.getByRole('button', { name: 'Save channels' }).click();
  await channels.getByText('Paste the address of the other end').first().waitFor();
  await accessible(page, 'a channel with an error');
  const { port } = /** @type {import('node:net').AddressInfo} */ (program.address());
  await channels.getByLabel('Address').fill(`http://127.0.0.1:${port}/pager`);
  await channels.getByRole('button', { name: 'Save channels' }).click();
  await channels.getByText('The secret of Pager is shown only now').waitFor();
  await channels.getByRole('button', { name: 'Send a test to Pager' }).click();
  await page.getByText('The other end has taken it').waitFor();
  assert.match(heard[0] ?? '', /"test":true/);

  const mail = page.getByRole('region', { name: 'Mail' });
  await mail.getByLabel('Send mail').check();
  await mail.getByLabel('Mail server').first().fill('127.0.0.1');
  await mail.getByLabel(/^None/).check();
  assert.equal(await mail.getByRole('textbox', { name: 'Port' }).inputValue(), '25');
  await mail.getByRole('textbox', { name: 'Port' }).fill('1');
  await mail.getByLabel('From the address').fill('healthflow@hospital.example');
  await mail.getByLabel('Present password').fill(ADMIN.password);
  await mail.getByRole('button', { name: 'Save mail settings' }).click();
  await page.getByText('Mail settings are saved').waitFor();
  await mail.getByLabel('Send a test to').fill('ama@hospital.example');
  expect(409);
  await mail.getByRole('button', { name: 'Send a test' }).click();
  await mail.getByText('The mail server did not take it').waitFor();
  await accessible(page, 'mail that does not go out');
  await shoot(page, 'messages-ways');

  const backup = await failingBackup();
  await api('POST', `/schedules/${backup}/run`, {});
  await page.getByRole('button', { name: 'Messages: 1 new' }).waitFor();
  const list = page.locator('.messages');
  await list.getByText('Backup: it keeps failing').waitFor();
  await list.getByText('1 message was sent').waitFor();
  await page.evaluate(() => document.getElementById('main')?.scrollTo(0, 0));
  await accessible(page, 'messages');
  await fitsWidth(page, 'messages');
  await shoot(page, 'messages');
  await page.getByRole('button', { name: 'Messages: 1 new' }).click();
  await page.locator('.bell-list').getByText('Backup: it keeps failing').waitFor();
  await accessible(page, 'the bell, open');
  await shoot(page, 'bell');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Messages: nothing new' }).waitFor();
  assert.match(heard[1] ?? '', /job:backup/);

  await rename(`${folder}-aside`, folder);
  await api('POST', `/schedules/${backup}/run`, {});
  await list.getByText('Over', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Say how you want to be told' }).click();
  const told = page.getByRole('region', { name: 'How you are told' });
  await told.getByLabel('Your mail address').fill('ama@hospital.example');
  await told.getByLabel('Quiet from').fill('22:00');
  expect(422);
  await told.getByRole('button', { name: 'Save' }).click();
  await told.getByText('Say both when the quiet begins').first().waitFor();
  await told.getByLabel('until').fill('06:00');
  await told.getByRole('button', { name: 'Save' }).click();
  await page.getByText('That is how you are told from now on').waitFor();
  await told.getByRole('button', { name: 'Send me a test' }).waitFor();
  await accessible(page, 'how somebody is told');
  await shoot(page, 'told');
  clean();
});
