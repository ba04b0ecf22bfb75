// Marking a row as entered in error: it stays readable, struck through, with the reason.

import { h, html, useEffect, useState } from '../../../lib/ui.js';
import { api } from '../../../lib/api.js';
import { nameText } from '../../../lib/format.js';
import { t } from '../../../lib/i18n.js';
import { refresh, useRecord } from '../../../clinical/record-store.js';
import { TextField } from '../../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../../ui/form.js';
import { toast } from '../../../ui/toast.js';
import { unsaved } from '../panel.js';

/** @typedef {import('../../../types/record.js').RecordKind} RecordKind */

/**
 * @param {{ kind: RecordKind, patientId: string, close: () => void, what: string,
 *   row: { id: string, version: number } }} props
 */
export function ErrorForm({ kind, patientId, close, what, row }) {
  const [reason, setReason] = useState('');
  const patient = useRecord(patientId, 'patient').data;
  useEffect(() => {
    unsaved.value = reason !== '';
  }, [reason]);
  const path = `/${kind}/${encodeURIComponent(row.id)}/entered-in-error`;
  const { busy, errors, problem, round, submit } = useSubmit(
    ({ key }) =>
      api.post(path, { reason: reason.trim() }, { idempotencyKey: key, etag: `"${row.version}"` }),
    (found) => Object.fromEntries(found.map((one) => [`f-${one.field}`, one.message])),
  );
  const save = async () => {
    const missing = reason.trim() ? {} : { 'f-reason': t('error.reason_missing') };
    if (!(await submit({ reason }, missing))) return;
    refresh(patientId, kind, ...(kind === 'observations' ? /** @type {const} */ (['series']) : []));
    toast(t('error.done'));
    close();
  };
  const name = patient ? nameText(patient) : '';
  return html`<form
    class="stack"
    novalidate
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      save();
    }}
  >
    ${h(ErrorSummary, { errors, problem, round })}
    <p class="quoted"><bdi dir="auto">${what}</bdi></p>
    <p>${t('error.hint')}</p>
    ${h(TextField, {
      id: 'f-reason',
      label: t('error.reason'),
      hint: t('error.reason_hint'),
      error: errors['f-reason'],
      value: reason,
      onInput: setReason,
      dir: 'auto',
    })}
    <div class="panel-foot">
      <button class="button danger wrap" type="submit" disabled=${busy}>
        ${busy ? t('form.saving') : t('error.do', { name })}
      </button>
    </div>
  </form>`;
}
