// Small parts that several tabs of the record share.

import { classes, h, html, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { ErrorNote, isError } from '../../clinical/status.js';

/** @typedef {import('../../lib/ui.js').Children} Children */

/**
 * A table whose heading cells are messages and whose rows may be struck through.
 * @param {{ heads: (string | null)[], caption: string, children: Children }} props
 *   a null head is a column of buttons without a title
 */
export function Table({ heads, caption, children }) {
  return html`<div class="table-box">
    <table class="rtable">
      <caption class="spoken">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head, i) =>
            head === null ? html`<td key=${i}></td>` : html`<th key=${i} scope="col">${head}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${children}
      </tbody>
    </table>
  </div>`;
}

/** Rows drawn at first: a page stays quick with hundreds of visits. */
const STEP = 30;

/**
 * A table that begins with its first rows and says how many there are.
 * @template T
 * @param {{ rows: T[], heads: (string | null)[], caption: string,
 *   render: (row: T) => Children }} props
 */
export function longTable(props) {
  return h(LongTable, props);
}

/**
 * @param {{ rows: any[], heads: (string | null)[], caption: string,
 *   render: (row: any) => Children }} props
 */
function LongTable({ rows, heads, caption, render }) {
  const [shown, setShown] = useState(STEP);
  return html`${h(Table, { heads, caption, children: rows.slice(0, shown).map(render) })}
  ${
    shown < rows.length &&
    html`<p class="more">
    <button class="button" type="button" onClick=${() => setShown(shown + 4 * STEP)}>
      ${t('table.more')}
    </button>
    <span class="quiet">${t('table.partial', { shown, count: rows.length })}</span>
  </p>`
  }`;
}

/**
 * One row of a clinical table. A row entered in error stays readable, with its reason.
 * @param {{ row: { status: string, error_reason: string | null }, cells: Children[],
 *   actions?: Children, class?: string }} props the first cell heads the row
 */
export function Row({ row, cells, actions, class: name }) {
  const wrong = isError(row);
  const [first, ...rest] = cells;
  return html`<tr class=${classes(wrong && 'struck', name)}>
    <th scope="row">
      <span class="cell">${first}</span>
      ${wrong && h(ErrorNote, { row })}
    </th>
    ${rest.map((cell, i) => html`<td key=${i}><span class="cell">${cell}</span></td>`)}
    <td class="acts">${actions}</td>
  </tr>`;
}

/** A note under the name of a row. @param {{ text: string | null }} props */
export function Note({ text }) {
  return text ? html`<span class="row-note"><bdi dir="auto">${text}</bdi></span>` : null;
}

/**
 * Newest first; what has no time comes last.
 * @template T
 * @param {T[]} rows @param {(row: T) => string | null} at
 */
export function newestFirst(rows, at) {
  return [...rows].sort((a, b) => (at(b) ?? '').localeCompare(at(a) ?? ''));
}
