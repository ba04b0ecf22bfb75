// Rows of a list by pages, for the virtual grid: it keeps a few pages around what is visible.
// A page is fetched by the cursor that its neighbour gave, and where no neighbour was there, by
// its place in the list.

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
 * @property {(total: number) => void} know how long the whole list is
 * @property {Problem | null} problem
 * @property {() => void} retry
 * @property {() => void} renew fetches again what is looked at; the old rows stay meanwhile
 * @property {() => void} stop
 */
/** @typedef {{ cursor: string | null, offset: number | null }} Start where a page begins */

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
    know: nothing,
    problem: null,
    retry: nothing,
    renew: nothing,
    stop: nothing,
  };
}

/**
 * @template T
 * @param {(start: Start, signal: AbortSignal) =>
 *   Promise<{ rows: T[], next: string | null }>} load
 * @param {number} size rows per page, as the load asks for them
 * @returns {Rows<T>}
 */
export function pagedRows(load, size) {
  /** @type {Map<number, T[]>} */
  const pages = new Map();
  /** Cursor that leads to each page whose neighbour was here. @type {Map<number, string>} */
  const cursors = new Map();
  /** Pages that are shown until they are fetched again. @type {Set<number>} */
  const stale = new Set();
  /** @type {Map<number, AbortController>} */
  const under_way = new Map();
  const changed = signal(0);
  let wanted = { first: 0, last: 0 };
  let stopped = false;

  /** @type {Rows<T>} */
  const rows = {
    count: 0,
    done: false,
    changed,
    problem: null,
    row: (index) => pages.get(Math.floor(index / size))?.[index % size] ?? null,
    need(from, to) {
      const first = Math.max(0, Math.floor(from / size));
      const last = Math.min(Math.floor(to / size), lastPage());
      wanted = { first, last };
      // Who drags through the list does not wait for what was passed by.
      for (const [page, stop] of under_way) {
        if (first <= page && page <= last) continue;
        stop.abort();
        under_way.delete(page);
      }
      for (let page = first; page <= last; page += 1) fetchPage(page);
      forget((first + last) / 2);
    },
    know(total) {
      if (rows.done) return;
      rows.count = Math.max(rows.count, total);
      rows.done = true;
      changed.value += 1;
    },
    retry() {
      rows.problem = null;
      for (let page = wanted.first; page <= wanted.last; page += 1) fetchPage(page);
    },
    renew() {
      for (const page of pages.keys()) stale.add(page);
      cursors.clear();
      for (let page = wanted.first; page <= wanted.last; page += 1) fetchPage(page);
    },
    stop() {
      stopped = true;
      for (const stop of under_way.values()) stop.abort();
    },
  };

  /** The last page that can be asked for. */
  function lastPage() {
    if (rows.done) return Math.max(0, Math.ceil(rows.count / size) - 1);
    return Math.max(0, ...cursors.keys());
  }

  /** @param {number} page */
  async function fetchPage(page) {
    const here = pages.has(page) && !stale.has(page);
    if (here || under_way.has(page) || rows.problem || stopped) return;
    const stop = new AbortController();
    under_way.set(page, stop);
    try {
      const cursor = cursors.get(page) ?? null;
      const start = { cursor, offset: cursor || page === 0 ? null : page * size };
      const got = await load(start, stop.signal);
      if (stop.signal.aborted) return;
      pages.set(page, got.rows);
      stale.delete(page);
      measure(page, got);
    } catch (error) {
      if (error instanceof Superseded || stop.signal.aborted) return;
      rows.problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
    } finally {
      if (under_way.get(page) === stop) under_way.delete(page);
    }
    changed.value += 1;
  }

  /**
   * What a page says about the length.
   * @param {number} page @param {{ rows: T[], next: string | null }} got
   */
  function measure(page, { rows: found, next }) {
    const end = page * size + found.length;
    if (next) {
      cursors.set(page + 1, next);
      // Somebody was added since the list was counted.
      rows.count = Math.max(rows.count, rows.done ? end + 1 : end);
    } else {
      rows.count = end;
      rows.done = true;
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
