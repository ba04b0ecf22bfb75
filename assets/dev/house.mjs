// House rules of the web UI that a type checker does not know.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const assets = join(dirname(fileURLToPath(import.meta.url)), '..');
const LINES_MAX = 400;
const COLUMNS_MAX = 100;

/** Words that must not stand in our own modules, and why. */
/** @type {[RegExp, string][]} */
const BANNED = [
  [/innerHTML|outerHTML|insertAdjacentHTML|document\.write/, 'markup from text'],
  [/\beval\(|new Function\(/, 'text into code'],
  [/toLocaleDateString|toLocaleTimeString/, 'dates only through lib/format.js'],
  [/crypto\.(randomUUID|subtle)/, 'does not exist on plain http'],
  [/navigator\.(clipboard|locks|serviceWorker|mediaDevices|wakeLock)/, 'missing on plain http'],
  [/sessionStorage|indexedDB/, 'nothing of a patient is kept in the browser'],
  [/export default/, 'named exports only'],
];
/** Sides that do not turn round with the direction of the page. */
const PHYSICAL = [
  /\b(left|right)\s*:/,
  /(margin|padding|border|scroll-margin|scroll-padding)-(left|right)/,
  /(text-align|float|clear|background-position|transform-origin|object-position)\s*:.*\b(left|right)\b/,
  /\bto (left|right)\b/,
  /translateX\(|translate\(\s*-?\d/,
  // A shadow or a radius on one side only, and four values with different sides.
  /box-shadow:[^;]*(?:inset\s+)?-?[1-9]\d*px\s+-?\d/,
  /^\s*(margin|padding|inset)\s*:\s*\S+\s+(\S+)\s+\S+\s+(?!\2;)\S+;/,
  /border-(top|bottom)-(left|right)-radius/,
];
const STORAGE = ['lib/prefs.js'];
/** Where the clipboard is used with a way out for plain http. */
const CLIPBOARD = ['clinical/copy.js'];

/** @param {string} folder @returns {string[]} */
function modules(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return ['vendor', 'dev', 'types'].includes(entry.name) ? [] : modules(path);
    }
    return /\.(js|css)$/.test(entry.name) ? [path] : [];
  });
}

/** Imports go upwards only: lib, ui, clinical, then app and screens, which never mix. */
const RANKS = { lib: 0, ui: 1, clinical: 2, screens: 3, app: 4 };

/** @param {string} path @param {string} source */
function importsOf(path, source) {
  const found = [];
  for (const match of source.matchAll(/^(?:import|export|\}).*from '(\.[^']+)';/gm)) {
    found.push(relative(assets, join(assets, dirname(path), match[1] ?? '')));
  }
  return found;
}

/** @type {string[]} */
const wrong = [];
for (const file of modules(assets)) {
  const path = relative(assets, file);
  const source = readFileSync(file, 'utf8');
  const lines = source.split('\n');
  const style = path.endsWith('.css');
  if (LINES_MAX < lines.length) wrong.push(`${path}: ${lines.length} lines`);
  lines.forEach((line, i) => {
    const at = `${path}:${i + 1}`;
    if (COLUMNS_MAX < line.length && !line.includes(' d=') && !/'M\d/.test(line)) {
      wrong.push(`${at}: ${line.length} columns`);
    }
    if (style && PHYSICAL.some((side) => side.test(line))) {
      wrong.push(`${at}: logical sides only, or it stays on the wrong side from right to left`);
    }
    if (style && /color-mix|oklch|light-dark\(|@starting-style/.test(line)) {
      wrong.push(`${at}: newer than the oldest browser`);
    }
    if (style || /^\s*(\*|\/\/)/.test(line)) return;
    if (line.includes('localStorage') && !STORAGE.includes(path)) wrong.push(`${at}: localStorage`);
    for (const [word, why] of BANNED) {
      if (word.test(line) && !CLIPBOARD.includes(path)) wrong.push(`${at}: ${why}`);
    }
  });
  const [area = ''] = path.split('/');
  for (const target of style ? [] : importsOf(path, source)) {
    const [other = ''] = target.split('/');
    const own = RANKS[/** @type {keyof typeof RANKS} */ (area)];
    const its = RANKS[/** @type {keyof typeof RANKS} */ (other)];
    if (its !== undefined && own !== undefined && own < its) {
      wrong.push(`${path}: imports ${target}, which lies below it`);
    }
    if (area === 'screens' && other === 'screens' && path.split('/')[1] !== target.split('/')[1]) {
      wrong.push(`${path}: a screen imports another area's ${target}`);
    }
  }
}
if (wrong.length > 0) {
  console.error(`House rules of the web UI:\n  ${wrong.join('\n  ')}`);
  process.exit(1);
}
