// A list stays as it is while somebody points at it or works in it by keyboard: what changes
// meanwhile is counted and shown when they ask, or when they have left.

import { useRef, useState } from './ui.js';

/** @typedef {Record<string, (event: Event) => void>} Box */

/**
 * @template {{ id: string }} T
 * @param {T[]} before
 * @param {T[]} after
 * @returns {number} rows that came, went, or read otherwise
 */
export function countChanges(before, after) {
  const left = new Map(before.map((row) => [row.id, JSON.stringify(row)]));
  let count = 0;
  for (const row of after) {
    if (left.get(row.id) !== JSON.stringify(row)) count += 1;
    left.delete(row.id);
  }
  return count + left.size;
}

/** So many changes are counted; beyond them there are more. */
export const COUNTED_MAX = 500;

/** Counts who changed, each once, up to one more than [COUNTED_MAX]. */
export function countOnce() {
  /** @type {Set<string>} */
  const known = new Set();
  return {
    /** @param {Iterable<string>} ids @returns {number} how many they are now */
    add(ids) {
      for (const id of ids) if (known.size <= COUNTED_MAX) known.add(id);
      return known.size;
    },
    clear: () => known.clear(),
  };
}

/**
 * A heading or a region gets the focus so that a screen reader begins there; nobody works in it.
 * @param {EventTarget | null} target
 */
export function isPlace(target) {
  return target instanceof Element && target.matches('h1, [role="region"]');
}

/**
 * @template {{ id: string }} T
 * @param {import('./resource.js').Loaded<T[]>} loaded
 * @returns {{ rows: T[], waiting: number, show: () => void, box: Box }}
 *   `box` goes on the element around the list
 */
export function useSteady(loaded) {
  const shown = useRef(/** @type {T[] | null} */ (null));
  const held = useRef({ pointer: false, focus: false });
  const [, again] = useState(0);
  const latest = loaded.data;
  const isHeld = held.current.pointer || held.current.focus;
  // What one asked for oneself comes at once; so does the first answer.
  if (!isHeld || shown.current === null || loaded.by !== 'news') shown.current = latest;
  const show = () => {
    shown.current = latest;
    again((count) => count + 1);
  };
  /** @param {'pointer' | 'focus'} what @param {boolean} on */
  const hold = (what, on) => (/** @type {Event} */ event) => {
    if (on && what === 'focus' && isPlace(event.target)) return;
    if (held.current[what] === on) return;
    held.current[what] = on;
    if (!on) again((count) => count + 1);
  };
  return {
    rows: shown.current ?? [],
    waiting: shown.current === latest ? 0 : countChanges(shown.current ?? [], latest ?? []),
    show,
    box: {
      onPointerEnter: hold('pointer', true),
      onPointerLeave: hold('pointer', false),
      onFocusIn: hold('focus', true),
      onFocusOut: hold('focus', false),
    },
  };
}
