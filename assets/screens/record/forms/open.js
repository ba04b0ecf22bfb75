// Opens the forms of the record in the side panel.

import { h } from '../../../lib/ui.js';
import { t } from '../../../lib/i18n.js';
import { can } from '../../../lib/session.js';
import { openTask } from '../panel.js';
import { ErrorForm } from './error-form.js';
import { RecordForm } from './record-form.js';
import { VisitForm } from './visit-form.js';
import { VitalsForm } from './vitals-form.js';

/** @typedef {import('./record-form.js').FormSpec} FormSpec */
/** @typedef {import('../../../types/record.js').RecordKind} RecordKind */

/** Words that are offered, never filled in. */
function suggestions() {
  return {
    dose_units: t('suggest.dose_units').split(', '),
    routes: t('suggest.routes').split(', '),
  };
}

/** The form as this person may fill it. @param {FormSpec} spec @returns {FormSpec} */
function allowed(spec) {
  return { ...spec, fields: spec.fields.filter((field) => can(field.needs)) };
}

/** @param {FormSpec} spec */
const formOf = (spec) => (spec.kind === 'encounters' ? VisitForm : RecordForm);

/** @param {FormSpec} spec @param {string} patientId */
export function openAdd(spec, patientId) {
  openTask({
    patientId,
    title: t(spec.add),
    key: `add ${spec.kind}`,
    Form: (props) => h(formOf(spec), { ...props, spec: allowed(spec), suggestions: suggestions() }),
  });
}

/** @param {FormSpec} spec @param {string} patientId @param {{ id: string }} row */
export function openChange(spec, patientId, row) {
  openTask({
    patientId,
    title: t(spec.change),
    key: `change ${row.id}`,
    Form: (props) =>
      h(formOf(spec), { ...props, spec: allowed(spec), row, suggestions: suggestions() }),
  });
}

/** @param {string} patientId */
export function openVitals(patientId) {
  openTask({ patientId, title: t('vitals.add'), key: 'add vitals', Form: VitalsForm });
}

/**
 * @param {RecordKind} kind @param {string} patientId
 * @param {{ id: string, version: number }} row @param {string} what in words
 */
export function openError(kind, patientId, row, what) {
  openTask({
    patientId,
    title: t('error.title'),
    key: `error ${row.id}`,
    Form: (props) => h(ErrorForm, { ...props, kind, row, what }),
  });
}
