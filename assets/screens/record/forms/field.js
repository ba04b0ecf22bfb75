// One field of a clinical form, drawn from its description.

import { classes, h, html, onText } from '../../../lib/ui.js';
import { t } from '../../../lib/i18n.js';
import { DateField } from '../../../ui/date-field.js';
import {
  CheckField,
  Field,
  RadioField,
  SelectField,
  TextField,
  describedBy,
} from '../../../ui/field.js';
import { idOf } from './values.js';

/** @typedef {import('./values.js').FieldSpec} FieldSpec */
/**
 * @typedef {object} FormFieldProps
 * @property {FieldSpec} field
 * @property {import('./values.js').Values} values
 * @property {(name: string, value: string) => void} set
 * @property {import('./values.js').Errors} errors
 * @property {Record<string, string[]>} [suggestions]
 */

/** @param {FormFieldProps} props */
export function FormField({ field, values, set, errors, suggestions }) {
  const common = {
    id: idOf(field),
    label: t(field.label),
    error: errors[idOf(field)],
    hint: field.hint ? t(field.hint) : undefined,
    optional: !field.required,
  };
  const value = values[field.name] ?? '';
  const input = (/** @type {string} */ text) => set(field.name, text);
  switch (field.type) {
    case 'date':
      return h(DateField, { ...common, value, onInput: input });
    case 'moment':
      return h(MomentField, { field, common, values, set });
    case 'select':
      return h(SelectField, { ...common, value, onChange: input, options: optionsOf(field) });
    case 'radio':
      return h(RadioField, { ...common, value, onChange: input, options: optionsOf(field) });
    case 'check':
      return h(CheckField, {
        id: common.id,
        label: common.label,
        checked: value === 'true',
        onChange: (on) => input(String(on)),
      });
    case 'long':
      return h(Field, {
        ...common,
        children: html`<textarea
          id=${common.id}
          class="input"
          rows="3"
          value=${value}
          dir="auto"
          aria-invalid=${common.error ? 'true' : undefined}
          aria-describedby=${describedBy(common)}
          onInput=${onText(input)}
        ></textarea>`,
      });
    default:
      return h(TextField, {
        ...common,
        value,
        onInput: input,
        dir: field.type === 'text' ? 'auto' : 'ltr',
        inputmode: field.type === 'text' ? undefined : 'decimal',
        list: field.suggest ? suggestions?.[field.suggest] : undefined,
      });
  }
}

/** @param {FieldSpec} field */
function optionsOf(field) {
  return (field.options ?? []).map((value) => ({
    value,
    label: field.labels?.[value] ?? word(field, value),
  }));
}

/** @param {FieldSpec} field @param {string} value */
function word(field, value) {
  return value ? t(`${field.words}.${value}`) : t('value.not_recorded');
}

/**
 * A day and, when it is known, the time of day in the facility.
 * @param {{ field: FieldSpec, common: any, values: import('./values.js').Values,
 *   set: (name: string, value: string) => void }} props
 */
function MomentField({ field, common, values, set }) {
  const time = `${field.name}:time`;
  return html`<div class=${classes('row', 'moment')}>
    ${h(DateField, {
      ...common,
      value: values[field.name] ?? '',
      onInput: (text) => set(field.name, text),
    })}
    ${h(TextField, {
      id: `${common.id}-time`,
      label: t('form.time_label'),
      value: values[time] ?? '',
      onInput: (text) => set(time, text),
      optional: true,
      narrow: true,
      size: 6,
      dir: 'ltr',
      inputmode: 'numeric',
    })}
  </div>`;
}
