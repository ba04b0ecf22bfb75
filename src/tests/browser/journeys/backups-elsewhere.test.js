// Backups go to S3-compatible storage: a real one beside the server, which checks signatures.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
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

const SECRET = 'six+quiet/blue=whales0123456789';

/** @type {import('../harness.js').Server} */
let server;
/** @type {import('node:child_process').ChildProcess} */
let storage;
let folder = '';
let endpoint = '';

/** A port on which nobody listens. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
      listener.close(() => resolve(port));
    });
  });
}

before(async () => {
  server = await startServer();
  await setUp(server);
  folder = await mkdtemp(join(tmpdir(), 'healthflow-storage-'));
  await mkdir(join(folder, 'backups'));
  const port = await freePort();
  endpoint = `http://127.0.0.1:${port}`;
  const cargo = process.env['CARGO_HOME'] ?? join(homedir(), '.cargo');
  const PATH = `${process.env['PATH']}${delimiter}${join(cargo, 'bin')}`;
  const keys = ['--access-key', 'AKHOSPITAL', '--secret-key', SECRET];
  const where = ['--host', '127.0.0.1', '--port', String(port), folder];
  storage = spawn('s3s-fs', [...keys, ...where], { stdio: 'ignore', env: { PATH } });
});

after(async () => {
  storage?.kill();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('backups go to a bucket, and what is wrong with it is said at its field', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean, expect } = await openPage(context, server.url);
  await go('/sign-in');
  await signIn(page);
  await go('/admin/backups');
  const plan = page.getByRole('region', { name: 'Where they go' });
  await plan.getByLabel('S3-compatible storage').check();
  await plan.getByLabel('Address of the storage').fill(endpoint);
  await plan.getByLabel('Bucket', { exact: true }).fill('backups');
  await plan.getByLabel('Prefix in the bucket').fill('main');
  await plan.getByLabel('Access key').fill('AKHOSPITAL');
  await plan.getByLabel('Secret key').fill('not this one');
  await plan.getByLabel('Present password').fill(ADMIN.password);
  await accessible(page, 'a bucket is typed');
  await fitsWidth(page, 'a bucket is typed');
  await plan.scrollIntoViewIfNeeded();
  await shoot(page, 'backups-bucket');
  expect(422);
  const save = plan.getByRole('button', { name: 'Save where they go' });
  await save.click();
  await plan.getByText('This is no secret key').first().waitFor();
  await plan.getByLabel('Secret key').fill('wrong');
  expect(422);
  await save.click();
  await plan.getByText(/secret key does not fit/).first().waitFor();
  await accessible(page, 'a wrong secret');
  await shoot(page, 'backups-bucket-wrong');
  await plan.getByLabel('Secret key').fill(SECRET);
  await save.click();
  await page.getByText('It is set where backups go').waitFor();
  await plan.getByText('One is kept').waitFor();
  assert.equal(await plan.getByLabel('Secret key').inputValue(), '');
  const way = page.getByRole('region', { name: 'To bring the hospital back' });
  const from = `healthflow restore --from s3://backups/main --endpoint ${endpoint}`;
  await way.getByText(from).first().waitFor();
  await fitsWidth(page, 'a bucket is set');
  await way.scrollIntoViewIfNeeded();
  await shoot(page, 'backups-bucket-way');

  const sheet = page.getByRole('region', { name: 'Recovery sheet' });
  await sheet.getByLabel('Present password').fill(ADMIN.password);
  await sheet.getByRole('button', { name: 'Make the recovery sheet' }).click();
  const key = await sheet.locator('.recovery-key').innerText();
  await sheet.getByText('Write down where it is kept').waitFor();
  await shoot(page, 'backups-bucket-sheet');
  await sheet.getByLabel('Key of the sheet, as printed').fill(key);
  await sheet.getByRole('button', { name: 'Prove that I have it' }).click();
  await sheet.getByText('Somebody has it').waitFor();
  // The one that the shipped log begins with may be at work.
  expect(409);
  await page.getByRole('button', { name: 'Back up now' }).click();
  const kept = page.getByRole('region', { name: 'Backups that are kept' });
  await kept.getByText('Read back and whole').waitFor();
  clean();
});
