// The form of a visit, which asks for the department where the hospital has any.

import { h } from '../../../lib/ui.js';
import { api } from '../../../lib/api.js';
import { t } from '../../../lib/i18n.js';
import { useResource } from '../../../lib/resource.js';
import { can } from '../../../lib/session.js';
import { RecordForm } from './record-form.js';

/** @typedef {import('../../../types/ui.js').Department} Department */
/** @typedef {import('./record-form.js').FormSpec} FormSpec */

/**
 * It is there at once, for whoever types already; the departments join it when they are known.
 * @param {Parameters<typeof RecordForm>[0]} props
 */
export function VisitForm(props) {
  const loaded = useResource('departments', async (signal) => {
    if (!can('facilities.read')) return [];
    const { data } = await api.get('/departments', { limit: 200 }, { signal });
    return /** @type {Department[]} */ (data);
  });
  const all = loaded.value.data ?? [];
  return h(RecordForm, { ...props, spec: withDepartment(props.spec, all, props.row) });
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
  const labels = Object.fromEntries(offered.map((one) => [one.id, one.name]));
  /** @type {import('./values.js').FieldSpec} */
  const field = {
    name: 'department_id',
    label: 'encounter.department',
    type: 'select',
    options: ['', ...offered.map((one) => one.id)],
    labels: { '': t('encounter.no_department'), ...labels },
    hidden: offered.length === 0,
  };
  const at = spec.fields.findIndex((one) => one.name === 'status') + 1;
  return { ...spec, fields: [...spec.fields.slice(0, at), field, ...spec.fields.slice(at)] };
}
