// What everybody hears of the server's machine: its disk fills up, its clock is wrong, or that of
// the computer in front of them is.

import { after, before, test } from 'node:test';

import {
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

before(async () => {
  server = await startServer();
  await setUp(server);
});

after(() => server?.stop());

test('a full disk and a clock that went back stand above the screen in plain words', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const { page, go, clean } = await openPage(context, server.url);
  await page.route('**/api/health', async (route) => {
    const told = await (await route.fetch()).json();
    Object.assign(told.services, { disk: 'charting_only', clock: 'behind' });
    await route.fulfill({ json: { ...told, status: 'degraded' } });
  });
  await go('/sign-in');
  await signIn(page);
  await page.getByText('only charting goes on').waitFor();
  await page.getByText('it was set back').waitFor();
  await accessible(page, 'machine');
  await fitsWidth(page, 'machine');
  await shoot(page, 'machine-notices');
  clean();
});

test('a computer whose own clock is wrong is told, and a right one is not', async (t) => {
  const { browser, context } = await openBrowser();
  t.after(() => browser.close());
  const right = await openPage(context, server.url);
  await right.go('/sign-in');
  await signIn(right.page);
  await right.page.getByRole('link', { name: 'Today' }).waitFor();
  const told = right.page.getByText('The clock of this computer');
  if ((await told.count()) > 0) throw new Error('a right clock was told of');
  right.clean();
  const wrong = await openPage(context, server.url);
  await wrong.page.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 10 * 60_000;
  });
  await wrong.go('/');
  await wrong.page.getByText('The clock of this computer is 10 minutes fast').waitFor();
  await shoot(wrong.page, 'machine-clock');
  wrong.clean();
});
