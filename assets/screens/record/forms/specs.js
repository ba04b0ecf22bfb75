// What the forms of problems, allergies and medicines ask. Names are columns; the options of a
// select are the values that the server knows.

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
      after: 'onset_recorded',
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
