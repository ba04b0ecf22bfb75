// Rows of a list by cursor pages, for the virtual grid: it keeps a few pages around what is
// visible and fetches dropped ones again by their stored cursor.

import { signal } from './ui.js';
import { Problem, Superseded } from './problem.js';

const KEPT_PAGES = 8;

/**
 * @template T
 * @typedef {object} Rows
 * @property {number} count how many rows are known
 * @property {boolean} done whether these are all
 * @property {import('./ui.js').Signal<number>} changed
 * @property {(index: number) => T | null} row null while it is fetched
 * @property {(from: number, to: number) => void} need
 * @property {Problem | null} problem
 * @property {() => void} retry
 * @property {() => void} stop
 */

/**
 * Rows that are all here.
 * @template T
 * @param {T[]} rows
 * @param {boolean} done
 * @returns {Rows<T>}
 */
export function fixedRows(rows, done = true) {
  const nothing = () => {};
  return {
    count: rows.length,
    done,
    changed: signal(0),
    row: (index) => rows[index] ?? null,
    need: nothing,
    problem: null,
    retry: nothing,
    stop: nothing,
  };
}

/**
 * @template T
 * @param {(cursor: string | null, signal: AbortSignal) =>
 *   Promise<{ rows: T[], next: string | null }>} load
 * @param {number} size rows per page, as the load asks for them
 * @returns {Rows<T>}
 */
export function pagedRows(load, size) {
  /** @type {Map<number, T[]>} */
  const pages = new Map();
  /** Cursor that leads to each page; page 0 has none. @type {(string | null)[]} */
  const cursors = [null];
  /** @type {Set<number>} */
  const under_way = new Set();
  const stop = new AbortController();
  const changed = signal(0);

  /** @type {Rows<T>} */
  const rows = {
    count: 0,
    done: false,
    changed,
    problem: null,
    row: (index) => pages.get(Math.floor(index / size))?.[index % size] ?? null,
    need(from, to) {
      const first = Math.max(0, Math.floor(from / size));
      const last = Math.min(Math.floor(to / size), cursors.length - 1);
      for (let page = first; page <= last; page += 1) fetchPage(page);
      forget((first + last) / 2);
    },
    retry() {
      rows.problem = null;
      fetchPage(cursors.length - 1);
    },
    stop: () => stop.abort(),
  };

  /** @param {number} page */
  async function fetchPage(page) {
    if (pages.has(page) || under_way.has(page) || rows.problem) return;
    under_way.add(page);
    try {
      const got = await load(cursors[page] ?? null, stop.signal);
      pages.set(page, got.rows);
      if (page === cursors.length - 1) {
        rows.count = page * size + got.rows.length;
        if (got.next) cursors.push(got.next);
        else rows.done = true;
      }
      changed.value += 1;
    } catch (error) {
      if (error instanceof Superseded || stop.signal.aborted) return;
      rows.problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
      changed.value += 1;
    } finally {
      under_way.delete(page);
    }
  }

  /** @param {number} middle page around which rows are kept */
  function forget(middle) {
    if (pages.size <= KEPT_PAGES) return;
    const far = [...pages.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const page of far.slice(0, pages.size - KEPT_PAGES)) pages.delete(page);
  }
  return rows;
}
