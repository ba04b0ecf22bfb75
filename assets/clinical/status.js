// Statuses of clinical rows as shape and word.

import { classes, h, html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { Shape } from './shape.js';

/** @typedef {import('./shape.js').ShapeName} ShapeName */
/** @typedef {'now' | 'past' | 'wrong' | 'open'} Group */

/** @type {Record<string, Group>} */
const GROUPS = {
  active: 'now',
  recurrence: 'now',
  relapse: 'now',
  in_progress: 'now',
  arrived: 'now',
  triaged: 'now',
  on_leave: 'now',
  draft: 'open',
  planned: 'open',
  preparation: 'open',
  on_hold: 'open',
  registered: 'open',
  preliminary: 'open',
  remission: 'open',
  unknown: 'open',
  entered_in_error: 'wrong',
};

/** @type {Record<Group, ShapeName>} */
const SHAPES = { now: 'dot', open: 'ring', past: 'bar', wrong: 'x' };

/** @param {string} status @returns {Group} */
export function groupOf(status) {
  return GROUPS[status] ?? 'past';
}

/** @param {{ status: string }} row */
export function isError(row) {
  return row.status === 'entered_in_error';
}

/**
 * How many rows there are, without those that were entered in error.
 * @param {{ status: string }[] | undefined} rows
 */
export function countRight(rows) {
  return rows?.filter((row) => !isError(row)).length;
}

/** @param {{ status: string }} props */
export function Status({ status }) {
  const group = groupOf(status);
  return html`<span class=${classes('status', group)}
    >${h(Shape, { name: SHAPES[group] })} ${t(`status.${status}`)}</span
  >`;
}

/**
 * Why a row was marked as wrong: it stays readable, struck through, with the reason.
 * @param {{ row: { status: string, error_reason: string | null } }} props
 */
export function ErrorNote({ row }) {
  if (!isError(row)) return null;
  return html`<p class="error-note">
    ${t('error.note')}${' '}<bdi dir="auto">${row.error_reason ?? t('value.not_recorded')}</bdi>
  </p>`;
}
