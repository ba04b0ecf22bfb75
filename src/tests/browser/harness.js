// Starts the real program on a fresh data folder and a real browser, and fails a test on any
// error in the console or any breach of the content security policy.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { serveFromDisk } from '../../../assets/dev/serve.mjs';
import { axeSource, chromium } from '../../../assets/dev/tools.mjs';

/** @typedef {import('../../../assets/dev/node_modules/playwright-core/index.js').Page} Page */
/**
 * @typedef {object} Server
 * @property {string} url
 * @property {string} setupLink
 * @property {string} data
 * @property {any} told what the program says when it serves
 * @property {() => Promise<void>} halt ends the program and keeps its data
 * @property {() => Promise<void>} kill takes the program away without a word, as kill -9 does
 * @property {() => Promise<void>} resume starts it again at the same address
 * @property {() => Promise<void>} stop
 */

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_MS = 60_000;
const BROWSER = process.env.HEALTHFLOW_CHROMIUM ?? '/usr/bin/chromium';

/** Where pictures of the screens go. */
export const SHOTS = process.env.HEALTHFLOW_SHOTS ?? join(tmpdir(), 'healthflow-screens');

export const ADMIN = {
  display_name: 'Ama Mensah',
  username: 'ama.mensah',
  password: 'seven quiet rivers',
};
export const HOSPITAL = { hospital_name: 'St. Anne Hospital', time_zone: 'Africa/Accra' };

/** The program to test: named, or the newest that cargo built. */
export function binary() {
  if (process.env.HEALTHFLOW_BIN) return process.env.HEALTHFLOW_BIN;
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
  const folders = ['', 'x86_64-unknown-linux-gnu', 'aarch64-unknown-linux-gnu'];
  const found = folders
    .flatMap((triple) => ['release', 'debug'].map((kind) => join(target, triple, kind, 'healthflow')))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  assert.ok(found[0], 'build the program first (cargo build), or name it in HEALTHFLOW_BIN');
  return found[0];
}

/** @param {string} data @param {number} port 0 for any @param {string[]} flags */
async function run(data, port, flags) {
  const args = ['serve', '--listen', `127.0.0.1:${port}`, '--data', data, '--json', ...flags];
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => {
    said += part;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const first = new Promise((resolve) => createInterface(child.stdout).once('line', resolve));
  const late = new Promise((resolve) => setTimeout(resolve, START_MS).unref());
  const line = await Promise.race([first, ended, late]);
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    child.kill(signal);
    await ended;
  };
  const halt = () => end('SIGTERM');
  const kill = () => end('SIGKILL');
  if (typeof line !== 'string') {
    await halt();
    assert.fail(`the program did not start:\n${said}`);
  }
  return { told: JSON.parse(line).data, halt, kill };
}

/** @param {string[]} flags of `serve` @returns {Promise<Server>} */
export async function startServer(...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'healthflow-test-'));
  const data = join(folder, 'data');
  let running = await run(data, 0, flags);
  const { url, setup_link } = running.told;
  const near = url.replace('localhost', '127.0.0.1');
  const halt = () => running.halt();
  const kill = () => running.kill();
  const resume = async () => {
    running = await run(data, Number(new URL(near).port), flags);
  };
  // While one works on the UI: its files from disk, without building the program again.
  const front = process.env.HEALTHFLOW_UI_FROM_DISK ? await serveFromDisk(near, 0) : null;
  const shown = front?.url ?? near;
  const stopAll = async () => {
    front?.close();
    await halt();
    rmSync(folder, { recursive: true, force: true });
  };
  const setupLink = setup_link.replace(url, shown);
  return { url: shown, setupLink, data, told: running.told, halt, kill, resume, stop: stopAll };
}

/**
 * Sets a fresh server up without the browser and gives a client of its API.
 * @param {Server} server
 */
export async function setUp(server) {
  const token = server.setupLink.split('token=')[1];
  const answer = await fetch(`${server.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...HOSPITAL, ...ADMIN }),
  });
  assert.equal(answer.status, 201, await answer.clone().text());
  const { token: bearer } = await answer.json();
  /** @param {string} method @param {string} path @param {unknown} [body] */
  return async (method, path, body, headers = {}) => {
    const reply = await fetch(`${server.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${await reply.clone().text()}`);
    return reply.status === 204 ? null : (await reply.json()).data;
  };
}

/**
 * @param {{ colorScheme?: 'light' | 'dark', locale?: string, height?: number,
 *   trusting?: boolean }} [look] trusting takes any certificate
 *   the browser asks for pages in the language of its locale
 */
export async function openBrowser(look = {}) {
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({
    viewport: { width: 1366, height: look.height ?? 768 },
    colorScheme: look.colorScheme ?? 'light',
    timezoneId: 'America/New_York',
    locale: look.locale ?? 'en-US',
    ignoreHTTPSErrors: look.trusting ?? false,
  });
  context.setDefaultTimeout(15_000);
  return { browser, context };
}

/**
 * A page that collects what must not happen.
 * @param {import('../../../assets/dev/node_modules/playwright-core/index.js').BrowserContext} context
 * @param {string} base
 */
export async function openPage(context, base) {
  const page = await context.newPage();
  /** @type {string[]} */
  const wrong = [];
  /** @type {Set<number>} */
  const expected = new Set();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  page.on('pageerror', (error) => wrong.push(`page error: ${error.stack || error.message || error.name}`));
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const text = message.text();
    const refused = /status of (\d{3})/.exec(text);
    if (refused && expected.has(Number(refused[1]))) return;
    if (expected.has(0) && /net::ERR_|^WebSocket connection/.test(text)) return;
    wrong.push(`console: ${text} (${message.location().url})`);
  });
  return {
    page,
    /** @param {string} path */
    go: (path) => page.goto(base + path, { waitUntil: 'load' }),
    /** Statuses that this test provokes; 0 for no answer. @param {...number} statuses */
    expect: (...statuses) => statuses.forEach((status) => expected.add(status)),
    /** Fails with what went wrong so far. */
    clean: () => assert.deepEqual(wrong.splice(0), []),
  };
}

/**
 * Signs in by the page of the product.
 * @param {Page} page
 * @param {{ username: string, password: string }} [user]
 */
export async function signIn(page, user = ADMIN) {
  // By id: the page speaks the language of the browser.
  await page.locator('#username').fill(user.username);
  await page.locator('#password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.locator('.frame main h1').waitFor();
}

/**
 * Closes a page and leaves its browser as one in which nobody has ever signed in.
 * @param {Page} page
 */
export async function forget(page) {
  await page.evaluate(() => localStorage.clear());
  await page.context().clearCookies();
  await page.close();
}

/** Waits until nothing on the page says that it is loading. @param {Page} page */
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector('.loading'));
}

/** @param {Page} page @param {string} name */
export async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/**
 * Checks accessibility with axe: no violation, in the rules of WCAG 2.2 AA and good practice.
 * @param {Page} page
 * @param {string} where
 */
export async function accessible(page, where) {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const axe = /** @type {any} */ (globalThis).axe;
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map((/** @type {any} */ one) => ({
      rule: one.id,
      help: one.help,
      nodes: one.nodes.slice(0, 4).map((/** @type {any} */ node) => {
        return `${node.target.join(' ')} :: ${node.html.slice(0, 160)} :: ${node.failureSummary}`;
      }),
    }));
  });
  assert.deepEqual(violations, [], `${where}: ${JSON.stringify(violations, null, 2)}`);
}

/** No screen scrolls sideways. @param {Page} page @param {string} where */
export async function fitsWidth(page, where) {
  const wide = await page.evaluate(() => {
    const box = document.getElementById('main') ?? document.documentElement;
    return box.scrollWidth - box.clientWidth;
  });
  assert.ok(wide <= 1, `${where} is ${wide} px too wide`);
}

/**
 * Only the shell scrolls inside: the document is as tall as the window.
 * @param {Page} page
 * @param {string} where
 */
export async function fitsHeight(page, where) {
  const tall = await page.evaluate(() => {
    const { scrollHeight } = document.documentElement;
    return document.querySelector('.frame') ? scrollHeight - innerHeight : 0;
  });
  assert.ok(tall <= 0, `${where}: the document is ${tall} px taller than the window`);
}
