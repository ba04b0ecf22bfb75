// The form of a visit, which asks for the department where the hospital has any.

import { h } from '../../../lib/ui.js';
import { api } from '../../../lib/api.js';
import { t } from '../../../lib/i18n.js';
import { useResource } from '../../../lib/resource.js';
import { can } from '../../../lib/session.js';
import { Loading } from '../../../ui/state.js';
import { RecordForm } from './record-form.js';

/** @typedef {import('../../../types/ui.js').Department} Department */
/** @typedef {import('./record-form.js').FormSpec} FormSpec */

/** @param {Parameters<typeof RecordForm>[0]} props */
export function VisitForm(props) {
  const loaded = useResource('departments', async (signal) => {
    if (!can('facilities.read')) return [];
    const { data } = await api.get('/departments', { limit: 200 }, { signal });
    return /** @type {Department[]} */ (data);
  });
  const { state, data } = loaded.value;
  if (state === 'loading') return h(Loading, { what: t('departments.what') });
  // A visit can be written down without them.
  return h(RecordForm, { ...props, spec: withDepartment(props.spec, data ?? [], props.row) });
}

/**
 * A visit stays at its site, so only departments there are offered, and the one that it has.
 * @param {FormSpec} spec @param {Department[]} all @param {Record<string, any> | null} [row]
 * @returns {FormSpec}
 */
export function withDepartment(spec, all, row = null) {
  const offered = all.filter((one) => {
    if (one.id === row?.department_id) return true;
    return one.active && (!row || one.facility_id === row.facility_id);
  });
  if (offered.length === 0) return spec;
  const labels = Object.fromEntries(offered.map((one) => [one.id, one.name]));
  /** @type {import('./values.js').FieldSpec} */
  const field = {
    name: 'department_id',
    label: 'encounter.department',
    type: 'select',
    options: ['', ...offered.map((one) => one.id)],
    labels: { '': t('encounter.no_department'), ...labels },
  };
  const at = spec.fields.findIndex((one) => one.name === 'status') + 1;
  return { ...spec, fields: [...spec.fields.slice(0, at), field, ...spec.fields.slice(at)] };
}
