// One command for the whole web UI: house rules, types, unit tests, then journeys in a real
// browser against the real program. `npm test -- unit` leaves the browser out.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const tests = join(here, '..', '..', 'src', 'tests', 'browser');
const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: here, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** @param {string} folder */
function testsIn(folder) {
  const names = readdirSync(join(tests, folder)).filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => join(tests, folder, name));
}

run(process.execPath, ['house.mjs']);
const tsc = join(here, 'node_modules', '.bin', 'tsc');
run(tsc, ['-p', 'tsconfig.json']);
run(tsc, ['-p', 'tsconfig.tests.json']);
const files = [
  ...testsIn('unit'),
  ...(wanted.includes('unit') ? [] : testsIn('journeys')),
].filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)));
run(process.execPath, [
  '--test',
  '--test-concurrency=1',
  `--test-reporter=${join(here, 'reporter.mjs')}`,
  '--test-reporter-destination=stdout',
  ...files,
]);
