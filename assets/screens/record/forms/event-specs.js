// What the forms of single events ask: an immunization, a procedure, a visit. Names are columns;
// the options of a select are the values that the server knows.

/** @typedef {import('./record-form.js').FormSpec} FormSpec */

/** @type {import('./values.js').FieldSpec} */
const NOTE = { name: 'note', label: 'field.note', type: 'long' };

/** @type {FormSpec} */
export const IMMUNIZATION = {
  kind: 'immunizations',
  add: 'immunization.add',
  change: 'immunization.change',
  saved: 'immunization.saved',
  fields: [
    { name: 'code_text', label: 'immunization.what', type: 'text', required: true },
    { name: 'given_recorded', label: 'immunization.given', type: 'moment', start: 'today' },
    {
      name: 'status',
      label: 'field.status',
      type: 'radio',
      required: true,
      start: 'completed',
      words: 'immunization_status',
      options: ['completed', 'not_done'],
    },
    {
      name: 'reason_text',
      label: 'immunization.reason',
      type: 'text',
      hint: 'immunization.reason_hint',
    },
    { name: 'dose_decimal', label: 'medication.dose', type: 'decimal' },
    {
      name: 'dose_unit',
      label: 'medication.unit',
      type: 'text',
      suggest: 'dose_units',
      beside: true,
    },
    { name: 'lot_number', label: 'immunization.lot', type: 'text' },
    { name: 'expiry_date', label: 'immunization.expiry', type: 'date', future: true, beside: true },
    { name: 'site_text', label: 'immunization.site', type: 'text' },
    {
      name: 'route_text',
      label: 'medication.route',
      type: 'text',
      suggest: 'routes',
      beside: true,
    },
    NOTE,
  ],
};

/** @type {FormSpec} */
export const PROCEDURE = {
  kind: 'procedures',
  add: 'procedure.add',
  change: 'procedure.change',
  saved: 'procedure.saved',
  fields: [
    { name: 'code_text', label: 'procedure.what', type: 'text', required: true },
    { name: 'performed_recorded', label: 'procedure.start', type: 'moment', start: 'today' },
    {
      name: 'performed_end_recorded',
      label: 'procedure.end',
      type: 'moment',
      after: 'performed_recorded',
    },
    {
      name: 'status',
      label: 'field.status',
      type: 'select',
      required: true,
      start: 'completed',
      words: 'status',
      options: [
        'preparation',
        'in_progress',
        'not_done',
        'on_hold',
        'stopped',
        'completed',
        'unknown',
      ],
    },
    { name: 'body_site_text', label: 'procedure.site', type: 'text' },
    { name: 'reason_text', label: 'field.reason', type: 'text' },
    { name: 'outcome_text', label: 'procedure.outcome', type: 'text' },
    NOTE,
  ],
};

/** @type {FormSpec} */
export const ENCOUNTER = {
  kind: 'encounters',
  add: 'encounter.add',
  change: 'encounter.change',
  saved: 'encounter.saved',
  fields: [
    {
      name: 'class',
      label: 'encounter.class',
      type: 'select',
      required: true,
      start: 'ambulatory',
      words: 'class',
      options: [
        'ambulatory',
        'emergency',
        'inpatient',
        'observation',
        'urgent_care',
        'home',
        'virtual',
        'wellness',
        'hospice',
        'other',
      ],
    },
    {
      name: 'status',
      label: 'field.status',
      type: 'select',
      required: true,
      start: 'in_progress',
      words: 'status',
      options: [
        'planned',
        'arrived',
        'triaged',
        'in_progress',
        'on_leave',
        'finished',
        'cancelled',
        'unknown',
      ],
      beside: true,
    },
    { name: 'code_text', label: 'encounter.kind', type: 'text', needs: 'records.read' },
    { name: 'reason_text', label: 'encounter.reason', type: 'text', needs: 'records.read' },
    {
      name: 'started_recorded',
      label: 'encounter.start',
      type: 'moment',
      start: 'now',
      future: true,
    },
    {
      name: 'ended_recorded',
      label: 'encounter.end',
      type: 'moment',
      after: 'started_recorded',
      future: true,
    },
    { name: 'discharge_text', label: 'encounter.discharge', type: 'text', needs: 'records.read' },
  ],
};
