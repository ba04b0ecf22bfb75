// The virtual list: only blocks of rows near the window are in the page, however long the list
// is. Rows may be higher than usual (names are never cut), so blocks are measured once shown.

import { classes, html, useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
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
 * @property {Column[]} columns
 * @property {Rows<any>} rows
 * @property {number} active index of the marked row
 * @property {(index: number) => void} onActive
 * @property {(row: any) => void} onOpen
 * @property {(row: any) => string} [href] makes the rows real links for the mouse
 * @property {(row: any) => boolean} [dim]
 */

const BLOCK = 10;
const ROW_PX = 36;
const AHEAD_PX = 400;

/** @param {GridProps} props */
export function Grid(props) {
  const { id, label, columns, rows, active, onActive, onOpen, dim } = props;
  rows.changed.value;
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const heights = useRef(/** @type {Map<number, number>} */ (new Map()));
  const [view, setView] = useState({ top: 0, height: 600 });
  const [, measured] = useState(0);
  useEffect(() => {
    heights.current.clear();
    box.current?.scrollTo(0, 0);
  }, [rows]);
  useEffect(() => watchSize(box.current, setView), []);

  const blocks = Math.ceil(rows.count / BLOCK);
  const heightOf = (/** @type {number} */ block) =>
    heights.current.get(block) ?? Math.min(BLOCK, rows.count - block * BLOCK) * ROW_PX;
  const tops = [0];
  for (let block = 0; block < blocks; block += 1) tops.push((tops[block] ?? 0) + heightOf(block));
  const first = Math.max(0, blockAt(tops, view.top - AHEAD_PX));
  const last = Math.min(blocks - 1, blockAt(tops, view.top + view.height + AHEAD_PX));

  useEffect(() => {
    const to = rows.done ? (last + 1) * BLOCK : (last + 4) * BLOCK;
    rows.need(first * BLOCK, to);
  }, [rows, first, last, rows.count]);
  useLayoutEffect(() => {
    let news = false;
    for (const node of box.current?.querySelectorAll('.grid-block') ?? []) {
      const block = Number(/** @type {HTMLElement} */ (node).dataset.block);
      const height = node.getBoundingClientRect().height;
      if (Math.abs(height - heightOf(block)) < 1) continue;
      heights.current.set(block, height);
      news = true;
    }
    if (news) measured((n) => n + 1);
  });
  useEffect(() => {
    const node = box.current;
    if (!node || active < 0) return;
    const block = Math.floor(active / BLOCK);
    const row = node.querySelector(`#${id}-${active}`);
    if (row) row.scrollIntoView({ block: 'nearest' });
    else node.scrollTop = (tops[block] ?? 0) + (active % BLOCK) * ROW_PX - node.clientHeight / 2;
  }, [active]);

  const drawn = (/** @type {number} */ index) =>
    first * BLOCK <= index && index < Math.min(rows.count, (last + 1) * BLOCK);

  const template = columns.map((column) => column.width).join(' ');
  return html`<div
    ref=${box}
    id=${id}
    class="grid"
    role="grid"
    tabindex="0"
    aria-label=${label}
    aria-rowcount=${rows.done ? rows.count + 1 : -1}
    aria-activedescendant=${drawn(active) ? `${id}-${active}` : undefined}
    onScroll=${(/** @type {Event} */ event) => {
      const { scrollTop, clientHeight } = /** @type {HTMLElement} */ (event.currentTarget);
      setView({ top: scrollTop, height: clientHeight });
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter') {
        const row = rows.row(active);
        if (row) onOpen(row);
      } else if (!moveInGrid(event, { active, count: rows.count, onActive, ends: true })) return;
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
    <div class="grid-body" role="rowgroup" style=${{ blockSize: `${tops[blocks] ?? 0}px` }}>
      ${range(first, last).map((block) => {
        const from = block * BLOCK;
        const to = Math.min(from + BLOCK, rows.count) - 1;
        return html`<div
          key=${block}
          class="grid-block"
          role="none"
          data-block=${block}
          style=${{ insetBlockStart: `${tops[block] ?? 0}px` }}
        >
          ${range(from, to).map((index) => {
            const row = rows.row(index);
            return html`<div
              key=${index}
              id=${`${id}-${index}`}
              class=${classes('grid-row', index === active && 'on', row && dim?.(row) && 'dim')}
              role="row"
              aria-rowindex=${index + 2}
              aria-selected=${index === active ? 'true' : 'false'}
              style=${{ gridTemplateColumns: template }}
              onClick=${() => {
                onActive(index);
                if (row) onOpen(row);
              }}
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

/** The block that covers a height. @param {number[]} tops @param {number} at */
function blockAt(tops, at) {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @param {number} from @param {number} to inclusive */
function range(from, to) {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

/**
 * @param {HTMLElement | null} node
 * @param {(view: { top: number, height: number }) => void} setView
 */
function watchSize(node, setView) {
  if (!node) return undefined;
  const observer = new ResizeObserver(() => {
    setView({ top: node.scrollTop, height: node.clientHeight });
  });
  observer.observe(node);
  return () => observer.disconnect();
}
