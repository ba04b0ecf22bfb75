// Patient search as one types: waits a moment, gives up what is superseded, and marks names
// that are easily taken for one another.

import { signal } from './ui.js';
import { Problem, Superseded, api } from './api.js';
import { givenText } from './format.js';

/** @typedef {import('../types/ui.js').Patient} Patient */
/**
 * @typedef {object} Found
 * @property {string} q what was searched
 * @property {'idle' | 'waiting' | 'ready' | 'failed'} state
 * @property {Patient[]} rows of the last answer, also while the next one is awaited
 * @property {Patient[] | null} fresh what the same search finds now, when others changed it
 * @property {boolean} more there are more than are shown
 * @property {boolean} partial the index is being rebuilt: rows may be missing
 * @property {Problem | null} problem
 */

export const DEBOUNCE_MS = 120;

/** What a row shows; whole records would be three times as large. */
export const ROW_FIELDS =
  'mrn,family,given,birth_date,birth_date_estimated,sex,phone,deceased,deceased_at,' +
  'deceased_recorded';

/** @type {Found} */
const NOTHING = {
  q: '',
  state: 'idle',
  rows: [],
  fresh: null,
  more: false,
  partial: false,
  problem: null,
};

/**
 * @param {{ limit: number, debounceMs?: number }} options
 */
export function patientSearch({ limit, debounceMs = DEBOUNCE_MS }) {
  /** @type {import('./ui.js').Signal<Found>} */
  const found = signal(NOTHING);
  let stop = new AbortController();
  let timer = 0;

  /** @param {string} text @param {{ now?: boolean }} [options] */
  const search = (text, options = {}) => {
    const q = text.trim();
    clearTimeout(timer);
    if (q === found.peek().q && found.peek().state !== 'failed') return;
    stop.abort();
    stop = new AbortController();
    if (!q) {
      found.value = { ...NOTHING, q };
      return;
    }
    found.value = { ...found.peek(), q, state: 'waiting', fresh: null, problem: null };
    timer = window.setTimeout(() => run(q, stop), options.now ? 0 : debounceMs);
  };

  /** @param {string} q @param {AbortController} mine */
  const run = async (q, mine) => {
    const params = { q, limit, fields: ROW_FIELDS };
    try {
      const { data, meta } = await api.ask('/patients/search', params, { signal: mine.signal });
      if (mine !== stop) return;
      const more = meta.more ?? Boolean(meta.cursor?.next);
      const partial = meta.rebuilding ?? false;
      found.value = { q, state: 'ready', rows: data, fresh: null, more, partial, problem: null };
    } catch (error) {
      if (mine !== stop || error instanceof Superseded) return;
      const problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
      found.value = { ...found.peek(), state: 'failed', problem };
    }
  };

  const retry = () => {
    const { q } = found.peek();
    found.value = { ...found.peek(), q: '' };
    search(q, { now: true });
  };
  /** Looks again for the same; the rows stay until `show`. */
  const renew = async () => {
    const { q, state } = found.peek();
    if (!q || state !== 'ready') return;
    try {
      const params = { q, limit, fields: ROW_FIELDS };
      const { data } = await api.ask('/patients/search', params, { signal: stop.signal });
      if (found.peek().q === q && found.peek().state === 'ready') {
        found.value = { ...found.peek(), fresh: data };
      }
    } catch {
      // Nobody asked for it, and the rows are as they were.
    }
  };
  const show = () => {
    const { fresh } = found.peek();
    if (fresh) found.value = { ...found.peek(), rows: fresh, fresh: null };
  };
  return { found, search, retry, renew, show, stop: () => stop.abort() };
}

/**
 * Which rows have a name that is easily taken for that of another row: the same letters, or one
 * or two letters apart, in family and given name.
 * @param {{ id: string, family: string, given: string | string[] }[]} rows
 * @returns {Set<string>} ids
 */
export function similarNames(rows) {
  /** @type {Set<string>} */
  const alike = new Set();
  const keys = rows.map(keysOf);
  for (let i = 0; i < rows.length; i += 1) {
    for (let j = i + 1; j < rows.length; j += 1) {
      if (!alikeKeys(keys[i] ?? [], keys[j] ?? [])) continue;
      alike.add(rows[i]?.id ?? '');
      alike.add(rows[j]?.id ?? '');
    }
  }
  return alike;
}

/** @typedef {{ id: string, family: string, given: string | string[] }} Named */

/**
 * Whether one is easily taken for the other; nobody for themselves.
 * @param {Named | null} one @param {Named | null} other
 */
export function isSimilar(one, other) {
  if (!one || !other || one.id === other.id) return false;
  return alikeKeys(keysOf(one), keysOf(other));
}

/** @param {Named} row */
function keysOf(row) {
  return [folded(row.family), folded(givenText(row.given))];
}

/** @param {string[]} one @param {string[]} other */
function alikeKeys([family = '', given = ''], [otherFamily = '', otherGiven = '']) {
  return near(family, otherFamily) && near(given, otherGiven);
}

/** Lower case, no accents, no digits, only the first given name. @param {string} name */
function folded(name) {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}|\d/gu, '')
    .toLowerCase();
  return plain.trim().split(/\s+/)[0] ?? '';
}

/** @param {string} a @param {string} b */
function near(a, b) {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 3) return false;
  const most = shorter < 6 ? 1 : 2;
  return Math.abs(a.length - b.length) <= most && distance(a, b) <= most;
}

/** Levenshtein distance; names are short. @param {string} one @param {string} other */
export function distance(one, other) {
  // Most of two names that are alike is the same, and costs nothing.
  let [from, more] = [0, 0];
  while (from < one.length && one[from] === other[from]) from += 1;
  const most = Math.min(one.length, other.length) - from;
  while (more < most && one[one.length - 1 - more] === other[other.length - 1 - more]) more += 1;
  const a = one.slice(from, one.length - more);
  const b = other.slice(from, other.length - more);
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The last digits of a phone: enough to tell two people apart, too few to call. */
export function phoneEnd(/** @type {string | null} */ phone) {
  const digits = (phone ?? '').replace(/\D/g, '');
  return digits ? `…${digits.slice(-4)}` : '';
}
