// The budgets of the web UI, measured in a real Chromium in front of the real program, as one
// table: `npm run budgets --prefix assets/dev`. A slow PC is the CPU at a quarter of its speed;
// the network has the 10 ms of a house's LAN. Everything is bounded in count and ends by itself.
//
// HEALTHFLOW_BIN names the program, HEALTHFLOW_PATIENTS how many are imported (20000).

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { ADMIN, binary, openBrowser, setUp, startServer } from '../../src/tests/browser/harness.js';
import {
  clickThrough,
  firstRows,
  heapOver,
  keyToMark,
  scrollFrames,
  typeahead,
} from './measures.mjs';

const PATIENTS = Number(process.env.HEALTHFLOW_PATIENTS ?? 20_000);
const OPENS = 150;
const KB = 1024;

/** @type {{ what: string, budget: string, found: string, good: boolean }[]} */
const rows = [];

/** @param {string} what @param {number} found @param {number} most @param {string} unit */
function check(what, found, most, unit) {
  const shown = `${Math.round(found * 10) / 10} ${unit}`;
  rows.push({ what, budget: `<= ${most} ${unit}`, found: shown, good: found <= most });
}

const server = await startServer();
try {
  const api = await setUp(server);
  importCrowd();
  const chronic = await chronicPatient(api);
  await measureBytes();
  const { browser, context } = await openBrowser();
  await signInByApi(context);
  for (const [slow, cold, warm] of [
    [1, 800, null],
    [4, 1500, 600],
  ]) {
    const times = await firstRows(context, server.url, { slow: slow ?? 1 });
    check(`first rows, cold, CPU 1/${slow}`, times.cold, cold ?? 0, 'ms');
    if (warm) check(`first rows, warm, CPU 1/${slow}`, times.warm, warm, 'ms');
    if (warm) check('bytes of a warm start', times.warmBytes / KB, 2, 'KB');
    if (slow === 1) check('script, style, layout until first rows', times.work, 150, 'ms');
  }
  check('typeahead, key to paint, p95, CPU 1/4', await typeahead(context, server.url), 300, 'ms');
  check('key to feedback, worst, CPU 1/4', await keyToMark(context, server.url), 100, 'ms');
  const frames = await scrollFrames(context, server.url);
  check('scrolling, main thread per frame', frames.work, 4, 'ms');
  check('scrolling, longest frame', frames.longest, 50, 'ms');
  const seen = await clickThrough(context, server.url, chronic);
  check('charts open again, CPU 1/4', seen.charts, 400, 'ms');
  for (const [screen, nodes] of seen.nodes) check(`elements, ${screen}`, nodes, 1500, '');
  const heap = await heapOver(context, server.url, OPENS);
  check(`heap after ${OPENS} records`, heap.after / KB / KB, 20, 'MB');
  check(`heap growth over ${OPENS} records`, heap.growth / KB / KB, 1, 'MB');
  check(`growth of DOM nodes over ${OPENS} records`, heap.nodes, 100, '');
  await browser.close();
} finally {
  await server.stop();
}

const width = Math.max(...rows.map((row) => row.what.length));
console.log(`| ${'what'.padEnd(width)} | budget | found | |\n|${'-'.repeat(width + 2)}|---|---|---|`);
for (const { what, budget, found, good } of rows) {
  console.log(`| ${what.padEnd(width)} | ${budget} | ${found} | ${good ? 'pass' : 'FAIL'} |`);
}
const load = loadavg().map((one) => one.toFixed(1));
console.log(`\nProgram: ${binary()}. Load of this machine: ${load.join(', ')}; above 1, times say little.`);
if (rows.some((row) => !row.good)) process.exitCode = 1;

/** Many invented patients, through the import, which is how hospitals begin. */
function importCrowd() {
  const families = 'Abebe Adjei Boateng Chukwu Dlamini Eze Fofana Gueye Hassan Ibrahim'.split(' ');
  const given = 'Abena Baraka Chipo Dalia Efua Farah Grace Hana Idris Juma'.split(' ');
  let text = 'id,family,given,birth_date,sex\n';
  for (let i = 0; i < PATIENTS; i += 1) {
    const letters = String.fromCharCode(97 + (i % 26), 97 + (Math.floor(i / 26) % 26));
    const born = `${1930 + (i % 90)}-${String((i % 12) + 1).padStart(2, '0')}-15`;
    const name = `${families[i % 10]}${letters},${given[Math.floor(i / 10) % 10]}`;
    text += `P${i},${name},${born},${i % 2 ? 'female' : 'male'}\n`;
  }
  const file = join(server.data, '..', 'crowd.csv');
  writeFileSync(file, text);
  const ended = spawnSync(binary(), ['import', '--json', '--data', server.data, file]);
  if (ended.status !== 0) throw new Error(String(ended.stderr));
}

/** One patient with years of measurements. @param {Awaited<ReturnType<typeof setUp>>} api */
async function chronicPatient(api) {
  const made = await api('POST', '/patients', {
    ...{ names: [{ family: 'Zuma', given: ['Chronic'] }], sex: 'female', birth_date: '1950-01-02' },
  });
  const codes = [
    ['8867-4', 'Heart rate', '/min', 60],
    ['29463-7', 'Body weight', 'kg', 70],
    ['8310-5', 'Body temperature', 'Cel', 37],
    ['2160-0', 'Creatinine', 'mg/dL', 1],
  ];
  for (let i = 0; i < 80; i += 1) {
    const month = String((i % 12) + 1).padStart(2, '0');
    const day = `${2015 + Math.floor(i / 12)}-${month}-10`;
    for (const [code, title, unit, value] of codes) {
      await api('POST', '/observations', {
        ...{ patient_id: made.id, code_system: 'http://loinc.org', code, code_text: title, unit },
        ...{ value_decimal: String(Number(value) + (i % 5)), status: 'final' },
        effective_recorded: day,
      });
    }
    await api('POST', '/conditions', { patient_id: made.id, code_text: `Finding ${i}` });
  }
  return made.id;
}

/** What the first page needs, as it travels. */
async function measureBytes() {
  for (const [coding, most] of [
    ['br', 120],
    ['gzip', 150],
  ]) {
    const headers = { 'accept-encoding': String(coding) };
    const page = await raw('/', headers);
    const html = String(coding === 'br' ? brotliDecompressSync(page) : gunzipSync(page));
    const links = [...html.matchAll(/(?:href|src)="(\/ui\/[^"]+)"/g)].map((one) => one[1] ?? '');
    let bytes = page.length;
    for (const link of new Set(links)) bytes += (await raw(link, headers)).length;
    check(`first load, ${coding}`, bytes / KB, Number(most), 'KB');
    if (coding === 'br') {
      const modules = new Set(links.filter((link) => link.endsWith('.js')));
      check('modules at start', modules.size, 60, '');
    }
  }
}

/** The bytes as they were sent; `fetch` would unpack them. @param {string} path @param {object} headers */
async function raw(path, headers) {
  const { get } = await import('node:http');
  return new Promise((resolve, reject) => {
    get(server.url + path, { headers: { ...headers } }, (answer) => {
      /** @type {Buffer[]} */
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve(Buffer.concat(parts)));
    }).on('error', reject);
  });
}

/** @param {import('./measures.mjs').Context} context */
async function signInByApi(context) {
  const { username, password } = ADMIN;
  const answer = await context.request.post(`${server.url}/api/v1/sessions`, {
    data: { username, password },
    headers: { 'x-healthflow-client': 'web' },
  });
  if (!answer.ok()) throw new Error(`sign in: ${answer.status()}`);
  // The mark by which a page knows that it may ask who is signed in.
  await context.addInitScript(() => localStorage.setItem('healthflow.signed_in', '1'));
}
