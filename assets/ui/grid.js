// The virtual list: only blocks of rows near the window are in the page, however long the list
// is. Rows may be higher than usual (names are never cut), so blocks are measured once shown.

import {
  classes,
  h,
  html,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { boxHeight, placed, scrolled } from '../lib/scroll-map.js';
import { explain } from './state.js';

/**
 * @template T
 * @typedef {import('../lib/paged-rows.js').Rows<T>} Rows
 */
/**
 * @typedef {object} Column
 * @property {string} key
 * @property {string} label
 * @property {string} width a track of CSS grid
 * @property {(row: any, index: number) => import('../lib/ui.js').Children} cell
 */
/**
 * @typedef {object} GridProps
 * @property {string} id
 * @property {string} label
 * @property {Column[]} columns the same array as long as the cells are drawn alike
 * @property {Rows<any>} rows
 * @property {number} active index of the marked row
 * @property {(index: number) => void} onActive
 * @property {(row: any) => void} onOpen
 * @property {(row: any) => boolean} [dim]
 * @property {number} [top] where the list was scrolled to before, in pixels
 * @property {(top: number) => void} [onTop]
 * @property {(key: string) => number | null} [onLetter] the row to which a typed letter leads
 */

const BLOCK = 8;
const AHEAD_PX = 300;
/** @type {ScrollIntoViewOptions} */
const NEAREST = { block: 'nearest' };
/** After the box stood still so long, its thumb is put where the list is. */
const STILL_MS = 200;

/** @param {GridProps} props */
export function Grid(props) {
  const { id, label, columns, rows, active, onActive, onOpen, dim } = props;
  const version = rows.changed.value;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const place = usePlace(box, props);
  const { first, last, topOf, height, shift } = place;

  useEffect(() => {
    rows.need(first * BLOCK, (last + 1) * BLOCK + (rows.done ? 0 : 3 * BLOCK));
  }, [rows, first, last, rows.count]);

  const template = columns.map((column) => column.width).join(' ');
  const shown = Math.max(1, last - first + 1);
  return html`<div
    ref=${box}
    id=${id}
    class="grid"
    role="grid"
    tabindex="0"
    aria-label=${label}
    aria-rowcount=${rows.done ? rows.count + 1 : -1}
    aria-activedescendant=${place.drawn(active) ? `${id}-${active}` : undefined}
    onScroll=${place.onScroll}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      const jump = event.ctrlKey || event.altKey ? null : (props.onLetter?.(event.key) ?? null);
      if (event.key === 'Enter') {
        const row = rows.row(active);
        if (row) onOpen(row);
      } else if (jump !== null) onActive(jump);
      else if (!moveInGrid(event, { active, count: rows.count, onActive, ends: true })) return;
      event.preventDefault();
    }}
  >
    <div class="grid-head" role="rowgroup">
      <div class="grid-row" role="row" aria-rowindex="1" style=${{ gridTemplateColumns: template }}>
        ${columns.map(
          (column) => html`<div key=${column.key} role="columnheader">${column.label}</div>`,
        )}
      </div>
    </div>
    <div class="grid-body" role="rowgroup" style=${{ blockSize: `${boxHeight(height)}px` }}>
      ${range(first, last).map((block) => {
        const from = block * BLOCK;
        const mine = from <= active && active < from + BLOCK;
        // The node of a block that left is taken for the one that comes.
        return h(Block, {
          key: block % shown,
          ...{ id, block, columns, template, rows, version, onActive, onOpen, dim },
          count: Math.min(BLOCK, rows.count - from),
          active: mine ? active : -1,
          top: topOf(block) - shift,
        });
      })}
    </div>
    ${rows.problem &&
    html`<p class="grid-end" role="alert">
      ${explain(rows.problem)}${' '}
      <button class="link" type="button" onClick=${() => rows.retry()}>${t('state.retry')}</button>
    </p>`}
    ${!rows.done &&
    !rows.problem &&
    rows.count > 0 &&
    html`<p class="grid-end quiet">${t('grid.more')}</p>`}
  </div>`;
}

/**
 * A few rows. Drawn again only when they, their place or their mark changed.
 * @param {Pick<GridProps, 'id' | 'columns' | 'rows' | 'onActive' | 'onOpen' | 'dim'> &
 *   { block: number, count: number, active: number, top: number, template: string,
 *     version: number }} props
 */
function Block(props) {
  const { id, block, columns, rows, active, top, template, count, version, dim } = props;
  // Handlers change with every drawing and mean the same.
  const now = useRef(props);
  now.current = props;
  return useMemo(() => {
    const open = (/** @type {number} */ index) => {
      const row = rows.row(index);
      now.current.onActive(index);
      if (row) now.current.onOpen(row);
    };
    return html`<div
      class="grid-block"
      role="none"
      data-block=${block}
      style=${{ insetBlockStart: `${top}px` }}
    >
      ${range(block * BLOCK, block * BLOCK + count - 1).map((index, at) => {
        const row = rows.row(index);
        const on = index === active;
        return html`<div
          key=${at}
          id=${`${id}-${index}`}
          class=${classes('grid-row', on && 'on', row && dim?.(row) && 'dim')}
          role="row"
          aria-rowindex=${index + 2}
          aria-selected=${on ? 'true' : 'false'}
          style=${{ gridTemplateColumns: template }}
          onClick=${() => open(index)}
        >
          ${columns.map(
            (column) =>
              html`<div key=${column.key} role="gridcell">
                ${row ? column.cell(row, index) : html`<span class="skeleton"></span>`}
              </div>`,
          )}
        </div>`;
      })}
    </div>`;
  }, [id, block, columns, rows, active, top, template, count, version]);
}

/**
 * Which blocks are near the window, and where each stands.
 * @param {{ current: HTMLElement | null }} box
 * @param {GridProps} props
 */
function usePlace(box, { id, rows, active, top: start, onTop }) {
  const row_px = useRowHeight();
  /** Blocks that are not as high as usual, by how much. */
  const extra = useRef(/** @type {Map<number, number>} */ (new Map()));
  const at = useRef({ top: start ?? 0, box: 0 });
  // Until the box is there to be measured, most of the window is taken for it.
  const [seen, setSeen] = useState(() => ({ first: 0, shift: 0, view: 0.7 * innerHeight }));
  const [, measured] = useState(0);

  // Of a new list one sees what is in the window, and waits for no more than that.
  const here = rows.count > 0 ? rows : null;
  const [surrounded, surround] = useState(start ? rows : null);
  useTimer(here, () => surround(here));

  const blocks = Math.ceil(rows.count / BLOCK);
  const topOf = (/** @type {number} */ block) => {
    let top = block * BLOCK * row_px;
    for (const [other, more] of extra.current) if (other < block) top += more;
    return top;
  };
  const topOfRow = (/** @type {number} */ index) =>
    topOf(Math.floor(index / BLOCK)) + (index % BLOCK) * row_px;
  const height = topOf(blocks) - (blocks * BLOCK - rows.count) * row_px;
  const ahead = Math.ceil((seen.view + 2 * AHEAD_PX) / (BLOCK * row_px)) + 1;
  const count = surrounded === rows ? ahead : Math.ceil(seen.view / (BLOCK * row_px));
  const first = Math.max(0, Math.min(seen.first, blocks - count));
  const last = Math.min(blocks - 1, first + count - 1);

  /** Shows what stands at a place. @param {import('../lib/scroll-map.js').ScrollMap} next */
  const show = (next) => {
    const node = box.current;
    at.current = next;
    if (node && Math.abs(node.scrollTop - next.box) >= 1) {
      node.scrollTop = next.box;
      at.current = { ...next, box: node.scrollTop };
    }
    const found = blockAt(topOf, blocks, next.top - AHEAD_PX);
    const shift = next.top - next.box;
    const view = node ? viewOf(node) : seen.view;
    if (next.top > 0) surround(rows);
    setSeen((old) =>
      old.first === found && old.shift === shift && old.view === view
        ? old
        : { first: found, shift, view },
    );
    onTop?.(next.top);
  };
  const go = (/** @type {number} */ top) => {
    show(placed(top, { height, view: box.current ? viewOf(box.current) : seen.view }));
  };
  /** The window became smaller or larger: the marked row stays in it. */
  const resized = () => {
    const view = box.current ? viewOf(box.current) : seen.view;
    const end = topOfRow(active) + row_px;
    const seenBefore = at.current.top < end && end - row_px < at.current.top + seen.view;
    if (seenBefore && at.current.top + view < end) go(end - view);
    else show(at.current);
  };
  /** Observers and timers outlive the drawing that set them up. */
  const latest = useRef({ resized, go, shift: 0 });
  latest.current = { resized, go, shift: seen.shift };

  useTimer(seen.first, () => latest.current.shift !== 0 && latest.current.go(at.current.top));
  // Another list begins at its beginning; the same one goes on where it was.
  const same = useRef(rows);
  useLayoutEffect(() => {
    if (same.current === rows) return;
    same.current = rows;
    extra.current.clear();
    go(0);
  }, [rows]);
  const wanted = useRef(start ?? 0);
  useLayoutEffect(() => {
    if (wanted.current > 0 && wanted.current < height) {
      go(wanted.current);
      wanted.current = 0;
    }
  }, [height]);
  useEffect(() => watchSize(box.current, () => latest.current.resized()), []);
  /** The list goes with the mark until a hand scrolls it; rows are measured only once drawn. */
  const follow = useRef(false);
  const marked = useRef(start === undefined ? -1 : active);
  useLayoutEffect(() => {
    let moved = 0;
    let news = false;
    for (const node of box.current?.querySelectorAll('.grid-block') ?? []) {
      const block = Number(/** @type {HTMLElement} */ (node).dataset.block);
      const usual = Math.min(BLOCK, rows.count - block * BLOCK) * row_px;
      const more = Math.round(node.getBoundingClientRect().height - usual);
      const before = extra.current.get(block) ?? 0;
      if (Math.abs(more - before) < 1) continue;
      if (more === 0) extra.current.delete(block);
      else extra.current.set(block, more);
      // What grows above the window must not push what is in it.
      if (topOf(block + 1) <= at.current.top) moved += more - before;
      news = true;
    }
    if (moved !== 0) go(at.current.top + moved);
    if (news) measured((n) => n + 1);
    else if (follow.current) box.current?.querySelector('.on')?.scrollIntoView(NEAREST);
  });
  useEffect(() => {
    const node = box.current;
    // A list that comes back is where it was, whatever is marked in it.
    if (!node || active < 0 || rows.count === 0 || marked.current === active) return;
    marked.current = -1;
    const row = node.querySelector(`#${id}-${active}`);
    follow.current = true;
    if (row) row.scrollIntoView(NEAREST);
    else go(topOfRow(active) - seen.view / 2);
  }, [active]);

  return {
    ...{ first, last, topOf, height, shift: seen.shift },
    drawn: (/** @type {number} */ index) =>
      first * BLOCK <= index && index < Math.min(rows.count, (last + 1) * BLOCK),
    onScroll: (/** @type {Event} */ event) => {
      const node = /** @type {HTMLElement} */ (event.currentTarget);
      if (node.scrollTop === at.current.box) return;
      follow.current &&= markInView(node);
      show(scrolled(at.current, node.scrollTop, { height, view: viewOf(node) }));
    },
  };
}

/** Whether the marked row is drawn within the box. @param {HTMLElement} node */
function markInView(node) {
  const row = node.querySelector('.grid-row.on')?.getBoundingClientRect();
  const all = node.getBoundingClientRect();
  return row !== undefined && all.top <= row.top && row.bottom <= all.bottom + 1;
}

/** What the heading leaves for rows. @param {HTMLElement} node */
function viewOf(node) {
  const head = node.querySelector('.grid-head');
  return node.clientHeight - (head instanceof HTMLElement ? head.offsetHeight : 0);
}

/** The usual height of a row, which the density of the workstation sets. */
function useRowHeight() {
  return useMemo(() => {
    const text = getComputedStyle(document.documentElement).getPropertyValue('--row');
    return Number.parseFloat(text) || 36;
  }, []);
}

/** Runs when `key` has not changed for a while. @param {unknown} key @param {() => void} run */
function useTimer(key, run) {
  useEffect(() => {
    const timer = setTimeout(run, STILL_MS);
    return () => clearTimeout(timer);
  }, [key]);
}

/**
 * Arrow keys and pages. With `ends` also Home and End, which belong to the text in a field.
 * @param {KeyboardEvent} event
 * @param {{ active: number, count: number, onActive: (index: number) => void, ends?: boolean }} at
 * @returns {boolean} whether the key moved the mark
 */
export function moveInGrid(event, { active, count, onActive, ends }) {
  if (event.ctrlKey || event.altKey || event.metaKey || count === 0) return false;
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  let next = step === undefined ? null : active + step;
  if (ends && event.key === 'Home') next = 0;
  if (ends && event.key === 'End') next = count - 1;
  if (next === null) return false;
  onActive(Math.max(0, Math.min(count - 1, next)));
  return true;
}

/**
 * The block that covers a height.
 * @param {(block: number) => number} topOf @param {number} blocks @param {number} at
 */
function blockAt(topOf, blocks, at) {
  let low = 0;
  let high = Math.max(0, blocks - 1);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (topOf(middle) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @param {number} from @param {number} to inclusive */
function range(from, to) {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/** @param {HTMLElement | null} node @param {() => void} changed */
function watchSize(node, changed) {
  if (!node) return undefined;
  const observer = new ResizeObserver(changed);
  observer.observe(node);
  return () => observer.disconnect();
}
