// What each clinical form asks. Names are columns; the options of a select are the values that
// the server knows.

import { AllergyNotice } from './allergy-notice.js';

/** @typedef {import('./record-form.js').FormSpec} FormSpec */

/** @type {import('./values.js').FieldSpec} */
const NOTE = { name: 'note', label: 'field.note', type: 'long' };

/** @type {FormSpec} */
export const CONDITION = {
  kind: 'conditions',
  add: 'condition.add',
  change: 'condition.change',
  saved: 'condition.saved',
  fields: [
    {
      name: 'code_text',
      label: 'condition.what',
      type: 'text',
      required: true,
      suggest: 'conditions',
    },
    {
      name: 'status',
      label: 'field.status',
      type: 'select',
      required: true,
      start: 'active',
      words: 'status',
      options: ['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved', 'unknown'],
    },
    {
      name: 'verification',
      label: 'field.verification',
      type: 'select',
      required: true,
      start: 'confirmed',
      words: 'verification',
      options: ['confirmed', 'provisional', 'differential', 'unconfirmed', 'refuted', 'unknown'],
      beside: true,
    },
    { name: 'onset_recorded', label: 'condition.since', type: 'date', hint: 'hint.partial' },
    {
      name: 'abated_recorded',
      label: 'condition.until',
      type: 'date',
      beside: true,
      hint: 'hint.ended',
    },
    { name: 'severity_text', label: 'field.severity', type: 'text' },
    NOTE,
  ],
};

/** @type {FormSpec} */
export const ALLERGY = {
  kind: 'allergies',
  add: 'allergy.add',
  change: 'allergy.change',
  saved: 'allergy.saved',
  fields: [
    {
      name: 'code_text',
      label: 'allergy.agent',
      type: 'text',
      required: true,
      hint: 'allergy.agent_hint',
    },
    {
      name: 'reaction_text',
      label: 'allergy.reaction',
      type: 'text',
      hint: 'allergy.reaction_hint',
    },
    {
      name: 'severity',
      label: 'field.severity',
      type: 'select',
      words: 'severity',
      options: ['', 'mild', 'moderate', 'severe'],
    },
    {
      name: 'criticality',
      label: 'field.criticality',
      type: 'select',
      words: 'criticality',
      options: ['', 'low', 'high', 'unable_to_assess'],
      beside: true,
    },
    {
      name: 'kind',
      label: 'allergy.kind',
      type: 'select',
      words: 'allergy_kind',
      options: ['', 'allergy', 'intolerance'],
    },
    {
      name: 'verification',
      label: 'field.verification',
      type: 'select',
      required: true,
      start: 'unconfirmed',
      words: 'verification',
      options: ['confirmed', 'presumed', 'unconfirmed', 'refuted', 'unknown'],
      beside: true,
    },
    {
      name: 'status',
      label: 'field.status',
      type: 'select',
      required: true,
      start: 'active',
      words: 'status',
      options: ['active', 'inactive', 'resolved', 'unknown'],
    },
    {
      name: 'onset_recorded',
      label: 'allergy.since',
      type: 'date',
      hint: 'hint.partial',
      beside: true,
    },
    NOTE,
  ],
};

/** @type {FormSpec} */
export const MEDICATION = {
  kind: 'medication-requests',
  add: 'medication.add',
  change: 'medication.change',
  saved: 'medication.saved',
  fixed: { intent: 'order' },
  Notice: AllergyNotice,
  fields: [
    {
      name: 'code_text',
      label: 'medication.what',
      type: 'text',
      required: true,
      hint: 'medication.what_hint',
    },
    { name: 'dose_decimal', label: 'medication.dose', type: 'decimal' },
    {
      name: 'dose_unit',
      label: 'medication.unit',
      type: 'text',
      suggest: 'dose_units',
      beside: true,
    },
    { name: 'route_text', label: 'medication.route', type: 'text', suggest: 'routes' },
    { name: 'frequency', label: 'medication.times', type: 'whole' },
    { name: 'period_decimal', label: 'medication.every', type: 'decimal', beside: true },
    {
      name: 'period_unit',
      label: 'medication.period',
      type: 'select',
      words: 'period',
      options: ['', 'h', 'd', 'wk', 'mo'],
      beside: true,
    },
    { name: 'as_needed', label: 'medication.as_needed', type: 'check' },
    { name: 'dose_text', label: 'medication.instruction', type: 'text' },
    { name: 'reason_text', label: 'field.reason', type: 'text' },
    {
      name: 'status',
      label: 'field.status',
      type: 'select',
      required: true,
      start: 'active',
      words: 'status',
      options: ['draft', 'active', 'on_hold', 'completed', 'stopped', 'cancelled', 'unknown'],
    },
    { name: 'authored_recorded', label: 'medication.on', type: 'date', start: 'now', beside: true },
    NOTE,
  ],
};

/** @type {FormSpec} */
export const IMMUNIZATION = {
  kind: 'immunizations',
  add: 'immunization.add',
  change: 'immunization.change',
  saved: 'immunization.saved',
  fields: [
    { name: 'code_text', label: 'immunization.what', type: 'text', required: true },
    { name: 'given_recorded', label: 'immunization.given', type: 'moment', start: 'now' },
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
    { name: 'performed_recorded', label: 'procedure.start', type: 'moment', start: 'now' },
    { name: 'performed_end_recorded', label: 'procedure.end', type: 'moment' },
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
    { name: 'ended_recorded', label: 'encounter.end', type: 'moment', future: true },
    { name: 'discharge_text', label: 'encounter.discharge', type: 'text', needs: 'records.read' },
  ],
};
