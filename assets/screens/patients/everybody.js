// All patients by name: the list behind an empty search, from the first to the last of a
// million, and the letters by which one jumps in it.

import { html, signal, useEffect, useMemo } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { pagedRows } from '../../lib/paged-rows.js';
import { ROW_FIELDS } from '../../lib/patient-search.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {{ letter: string, place: number }} Letter */
/** @typedef {{ total: number, letters: Letter[] }} Shelf */

const PAGE = 100;
/** Counting a large list is work for the server: it is asked when nobody waits for more. */
const COUNT_AFTER_MS = 400;
const COUNT_AGAIN_MS = 600_000;

/** How the list stood when it was counted last; it names nobody. */
const shelf = signal({ at: -Infinity, of: /** @type {Shelf | null} */ (null) });

/** Page by page. @param {boolean} wanted @param {number} total known from before, or 0 */
export function useEverybody(wanted, total) {
  const rows = useMemo(() => {
    const made = pagedRows(async (start, stop) => {
      const params = { limit: PAGE, fields: ROW_FIELDS, ...start };
      const { data, meta } = await api.get('/patients', params, { signal: stop });
      return { rows: /** @type {Patient[]} */ (data), next: meta.cursor?.next ?? null };
    }, PAGE);
    if (total > 0) made.know(total);
    return made;
  }, []);
  useEffect(() => {
    if (wanted && rows.count === 0) rows.need(0, 0);
  }, [wanted]);
  useEffect(() => () => rows.stop(), []);
  rows.changed.value;
  const uncounted = wanted && rows.count > 0 && (!rows.done || total > 0);
  useEffect(() => {
    if (!uncounted) return undefined;
    const timer = setTimeout(() => count(rows), COUNT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [uncounted]);
  return rows;
}

/** @param {{ know: (total: number) => void }} rows */
async function count(rows) {
  try {
    if (shelf.peek().at + COUNT_AGAIN_MS < performance.now()) {
      const { data } = await api.get('/patients/shelf');
      shelf.value = { at: performance.now(), of: data };
    }
    rows.know(shelf.peek().of?.total ?? 0);
  } catch (error) {
    // Without it the list still scrolls, page after page.
    console.warn(error);
  }
}

/**
 * A row of letters that lead to where their names begin, in whatever script names are.
 * @param {{ count: number, active: number, onJump: (place: number) => void }} props
 */
export function Letters({ count: rows, active, onJump }) {
  const letters = (shelf.value.of?.letters ?? []).filter(({ letter }) => /\p{L}/u.test(letter));
  if (letters.length < 2 || rows <= PAGE) return null;
  const here = letters.filter(({ place }) => place <= active).length - 1;
  return html`<div class="letters" role="group" aria-label=${t('find.letters')}>
    ${letters.map(({ letter, place }, i) => {
      const move = (/** @type {KeyboardEvent} */ event) => {
        const step = stepOf(event.key);
        const next = letters[i + step];
        if (step === 0 || !next) return;
        event.preventDefault();
        onJump(next.place);
        const node = /** @type {HTMLElement} */ (event.currentTarget);
        const other = step === 1 ? node.nextElementSibling : node.previousElementSibling;
        if (other instanceof HTMLElement) other.focus();
      };
      return html`<button
        key=${letter}
        type="button"
        class="letter"
        tabindex=${i === Math.max(0, here) ? 0 : -1}
        aria-pressed=${i === here ? 'true' : 'false'}
        onClick=${() => onJump(place)}
        onKeyDown=${move}
      >
        ${letter.toLocaleUpperCase()}
      </button>`;
    })}
  </div>`;
}

/** @param {string} key @returns {-1 | 0 | 1} */
function stepOf(key) {
  const forward = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const backward = document.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return 1;
  return key === backward ? -1 : 0;
}

/**
 * The rows of the list as its letters are typed into it: where a name with this letter begins.
 * @param {string} key
 * @returns {number | null}
 */
export function placeOfKey(key) {
  if (!/^\p{L}$/u.test(key)) return null;
  const plain = key.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return shelf.peek().of?.letters.find(({ letter }) => letter === plain)?.place ?? null;
}
