// The form behind every kind of clinical row: add, or change with the version that was seen.
// It says "saved" only after the server has; until then everything typed stays.

import { h, html, useEffect, useMemo, useState } from '../../../lib/ui.js';
import { api } from '../../../lib/api.js';
import { nameText } from '../../../lib/format.js';
import { t } from '../../../lib/i18n.js';
import { refresh, useRecord } from '../../../clinical/record-store.js';
import { ErrorSummary, useSubmit } from '../../../ui/form.js';
import { toast } from '../../../ui/toast.js';
import { unsaved } from '../panel.js';
import { FormField } from './field.js';
import { bodyOf, check, valuesOf } from './values.js';

/** @typedef {import('./values.js').FieldSpec} FieldSpec */
/** @typedef {import('../../../types/record.js').RecordKind} RecordKind */
/**
 * @typedef {object} FormSpec
 * @property {RecordKind} kind
 * @property {string} add message key of the heading of a new row
 * @property {string} change message key of the heading of a change
 * @property {string} saved message key
 * @property {FieldSpec[]} fields
 * @property {Record<string, unknown>} [fixed] goes into each new row
 * @property {(props: { patientId: string }) => any} [Notice] above the fields
 */

/**
 * @param {{ spec: FormSpec, patientId: string, close: () => void,
 *   row?: Record<string, any> | null, suggestions?: Record<string, string[]> }} props
 */
export function RecordForm({ spec, patientId, close, row = null, suggestions }) {
  const before = useMemo(() => valuesOf(spec.fields, row), []);
  const [values, setValues] = useState(before);
  const patient = useRecord(patientId, 'patient').data;
  const set = (/** @type {string} */ name, /** @type {string} */ value) =>
    setValues((old) => ({ ...old, [name]: value }));
  const dirty = JSON.stringify(values) !== JSON.stringify(before);
  useEffect(() => {
    unsaved.value = dirty;
  }, [dirty]);
  const body = row
    ? bodyOf(spec.fields, values, before)
    : { ...spec.fixed, ...bodyOf(spec.fields, values, null), patient_id: patientId };
  const { busy, errors, problem, round, submit } = useSubmit(
    ({ key }) =>
      row
        ? api.patch(`/${spec.kind}/${encodeURIComponent(row.id)}`, body, `"${row.version}"`)
        : api.post(`/${spec.kind}`, body, { idempotencyKey: key }),
    (found) => Object.fromEntries(found.map((one) => [`f-${one.field}`, one.message])),
  );
  const save = async () => {
    if (row && !dirty) return close();
    const done = await submit(body, check(spec.fields, values));
    if (!done) return;
    refresh(patientId, spec.kind, ...(spec.kind === 'observations' ? SERIES : []));
    toast(t(spec.saved));
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
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    }}
  >
    ${h(ErrorSummary, { errors, problem, round })}
    ${problem?.status === 412 && h(Conflict, { spec, row })}
    ${spec.Notice && h(spec.Notice, { patientId })}
    ${rows(spec.fields.filter((field) => !field.hidden)).map(
      (group) => html`<div key=${group[0]?.name} class=${group.length > 1 ? 'row' : 'single'}>
        ${group.map((field) =>
          h(FormField, { key: field.name, field, values, set, errors, suggestions }),
        )}
      </div>`,
    )}
    <div class="panel-foot">
      <button class="button primary wrap" type="submit" disabled=${busy}>
        ${busy ? t('form.saving') : t('form.save_for', { name })} <kbd>Ctrl ↵</kbd>
      </button>
    </div>
  </form>`;
}

/** @type {['series']} */
const SERIES = ['series'];

/** Fields that stand beside the one before. @param {FieldSpec[]} fields */
function rows(fields) {
  /** @type {FieldSpec[][]} */
  const groups = [];
  for (const field of fields) {
    const last = groups.at(-1);
    if (field.beside && last) last.push(field);
    else groups.push([field]);
  }
  return groups;
}

/**
 * Somebody else changed the row meanwhile: what stands on the server now, beside what is typed.
 * @param {{ spec: FormSpec, row: Record<string, any> | null }} props
 */
function Conflict({ spec, row }) {
  const [theirs, setTheirs] = useState(/** @type {Record<string, any> | null} */ (null));
  useEffect(() => {
    if (!row) return;
    api.get(`/${spec.kind}/{id}`, { id: row.id }).then(
      ({ data }) => setTheirs(data),
      () => {},
    );
  }, []);
  if (!theirs || !row) return null;
  const now = valuesOf(spec.fields, theirs);
  const was = valuesOf(spec.fields, row);
  const changed = spec.fields.filter((field) => now[field.name] !== was[field.name]);
  return html`<div class="alert warn">
    <div>
      <p class="alert-title">${t('form.conflict')}</p>
      <ul>
        ${changed.map(
          (field) => html`<li key=${field.name}>
            ${t(field.label)}: <bdi dir="auto">${now[field.name] || t('value.not_recorded')}</bdi>
          </li>`,
        )}
      </ul>
      <p>${t('form.conflict_hint')}</p>
    </div>
  </div>`;
}
