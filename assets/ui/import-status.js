// What an import is doing, in shape, word and numbers; the same on every screen that shows one.

import { h } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { Tag } from './tag.js';

/** @typedef {import('../types/ui.js').ImportRun} ImportRun */

/** @type {Record<ImportRun['status'], { tone: import('./tag.js').Tone,
 *   icon: import('./icon.js').IconName }>} */
const LOOKS = {
  running: { tone: 'info', icon: 'wait' },
  completed: { tone: 'ok', icon: 'check' },
  failed: { tone: 'crit', icon: 'cross' },
  interrupted: { tone: 'warn', icon: 'warn' },
  cancelled: { tone: 'neutral', icon: 'blocked' },
};

/** @param {{ run: ImportRun }} props */
export function StatusTag({ run }) {
  const look = LOOKS[run.status] ?? LOOKS.failed;
  // Its size is known when its turn has come.
  const waits = run.status === 'running' && run.bytes_total === 0;
  const outcome = outcomeOf(run);
  if (outcome) return h(Tag, outcome);
  return h(Tag, { ...look, children: t(`import_status.${waits ? 'waiting' : run.status}`) });
}

/** How what came of an import looks, when it did not take all. */
const OUTCOMES = { nothing: LOOKS.failed, partly: LOOKS.interrupted };

/** What came of an import that ended, if it did not take all. @param {ImportRun} run */
function outcomeOf({ status, summary }) {
  const outcome = summary?.outcome ?? 'all';
  if (status !== 'completed' || outcome === 'all') return null;
  const count = summary.rejected ?? 0;
  return { ...OUTCOMES[outcome], children: t(`import_status.${outcome}`, { count }) };
}

/** Resources whose type has no place in the record yet. @param {ImportRun} run */
export function leftOutOf(run) {
  const left = Object.values(run.summary?.left_out ?? {});
  return left.reduce((total, one) => total + one.count, 0);
}

/** Whole percent of the bytes read. @param {ImportRun} run */
export function percentOf(run) {
  if (run.bytes_total <= 0) return 0;
  return Math.min(100, Math.floor((100 * run.bytes_done) / run.bytes_total));
}

/** How many records were stored or renewed. @param {ImportRun} run */
export function storedOf(run) {
  return sum(run.summary?.stored) + sum(run.summary?.updated);
}

/** @param {Record<string, number> | undefined} counts */
export function sum(counts) {
  return Object.values(counts ?? {}).reduce((total, count) => total + count, 0);
}

/** `1.4 MB`. @param {number} bytes */
export function sizeText(bytes) {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  let unit = 0;
  while (1000 <= size && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
