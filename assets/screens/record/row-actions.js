// What one can do with a row: change it, or mark it as entered in error.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { Icon } from '../../ui/icon.js';
import { isError } from '../../clinical/status.js';
import { openChange, openError } from './forms/open.js';

/** @typedef {import('./forms/record-form.js').FormSpec} FormSpec */
/** @typedef {import('../../types/record.js').RecordKind} RecordKind */

/** @param {RecordKind} kind */
export function mayWrite(kind) {
  return can(kind === 'encounters' ? 'encounters.write' : 'records.write');
}

/**
 * @param {{ kind: RecordKind, patientId: string, what: string, spec?: FormSpec,
 *   row: { id: string, version: number, status: string } }} props
 *   `what` names the row in the form, and to a screen reader on the buttons
 */
export function RowActions({ kind, patientId, row, what, spec }) {
  if (!mayWrite(kind) || isError(row)) return null;
  return html`<span class="row-actions">
    ${
      spec &&
      html`<button
      class="mini"
      type="button"
      aria-label=${t('row.change', { what })}
      onClick=${() => openChange(spec, patientId, row)}
    >
      ${h(Icon, { name: 'edit' })} ${t('row.change_short')}
    </button>`
    }
    <button
      class="mini seldom"
      type="button"
      aria-label=${t('row.error', { what })}
      onClick=${() => openError(kind, patientId, row, what)}
    >
      ${t('row.error_short')}
    </button>
  </span>`;
}

/**
 * The button that opens a form to add.
 * @param {{ kind: RecordKind, label: string, onClick: () => void, short?: boolean,
 *   primary?: boolean }} props
 */
export function AddButton({ kind, label, onClick, primary }) {
  if (!mayWrite(kind)) return null;
  return html`<button
    class=${primary ? 'button primary' : 'mini add'}
    type="button"
    onClick=${onClick}
  >
    ${h(Icon, { name: 'add' })} ${label}
  </button>`;
}
