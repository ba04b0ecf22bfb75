// The fields of a patient, the same for registration and change. Eight on the first page, the
// rest folded.

import { Fragment, h, html } from '../../lib/ui.js';
import { upperFamily } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { temporaryName } from '../../lib/patient-form.js';
import { DateField } from '../../ui/date-field.js';
import { CheckField, RadioField, TextField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';

/** @typedef {import('../../lib/patient-form.js').PatientForm} PatientForm */
/**
 * @typedef {object} Props
 * @property {PatientForm} form
 * @property {(change: Partial<PatientForm>) => void} change
 * @property {Record<string, string>} errors
 * @property {boolean} [existing] the patient is known: age is not asked again
 */

const SEXES = ['female', 'male', 'other', 'unknown'];

/** @param {Props} props */
export function PatientFields(props) {
  return html`<${Fragment}>
    ${h(Names, props)} ${h(Birth, props)} ${h(Sex, props)} ${h(Reach, props)}
    ${h(Fold, {
      id: 'contacts-fold',
      title: t('patient.contacts'),
      count: props.form.contacts.length,
      open: hasError(props.errors, 'contact-'),
      children: h(Contacts, props),
    })}
    ${h(Fold, {
      id: 'identifiers-fold',
      title: t('patient.identifiers'),
      count: props.form.identifiers.length,
      open: hasError(props.errors, 'identifier-'),
      children: h(Identifiers, props),
    })}
    ${h(Fold, {
      id: 'more-fold',
      title: t('patient.more'),
      count: 0,
      open: hasError(props.errors, 'died', 'email', 'gender'),
      children: h(More, props),
    })}
  <//>`;
}

/** @param {Record<string, string>} errors @param {...string} prefixes */
function hasError(errors, ...prefixes) {
  return Object.keys(errors).some((id) => prefixes.some((prefix) => id.startsWith(prefix)));
}

/**
 * A text field of the form.
 * @param {Props} props
 * @param {'family' | 'given' | 'prefix' | 'age' | 'phone' | 'email' | 'line' | 'city' |
 *   'district' | 'state' | 'postal_code' | 'country' | 'gender' | 'language_text' |
 *   'marital_status_text'} name
 * @param {Record<string, any>} [more]
 */
function text({ form, change, errors }, name, more = {}) {
  return h(TextField, {
    id: name,
    label: t(`patient.${name}`),
    value: form[name],
    onInput: (value) => change({ [name]: value }),
    error: errors[name],
    ...more,
  });
}

/** @param {Props} props */
function Names(props) {
  if (!props.existing && props.form.unknown) return h(Unknown, props);
  return html`<div class="row">
    ${text(props, 'family', { dir: 'auto' })} ${text(props, 'given', { dir: 'auto' })}
  </div>`;
}

/** In place of the names: what the person will be called. @param {Props} props */
function Unknown({ form, errors }) {
  return html`<div class="alert info">
    ${h(Icon, { name: 'info' })}
    <div>
      <p class="alert-title">
        ${t('register.unknown_as', { name: upperFamily(temporaryName(form)) })}
      </p>
      <p>${t('register.unknown_hint')}</p>
      ${errors.unknown && html`<p class="error">${errors.unknown}</p>`}
    </div>
  </div>`;
}

/** @param {Props} props */
function Birth(props) {
  const { form, change, errors, existing } = props;
  return html`<div class="row">
    ${h(DateField, {
      id: 'born',
      label: t('patient.born'),
      hint: t('patient.born_hint'),
      birth: true,
      size: 18,
      value: form.born,
      onInput: (born) => change({ born }),
      error: errors.born,
    })}
    ${!existing &&
    text(props, 'age', {
      hint: t('patient.age_hint'),
      size: 4,
      maxlength: 3,
      inputmode: 'numeric',
      note: form.age.trim() && !errors.age ? t('patient.age_echo') : undefined,
    })}
  </div>`;
}

/** @param {Props} props */
function Sex({ form, change, errors }) {
  return h(RadioField, {
    id: 'sex',
    label: t('patient.sex'),
    value: form.sex,
    onChange: (sex) => change({ sex }),
    options: SEXES.map((value) => ({ value, label: t(`sex.${value}`) })),
    error: errors.sex,
  });
}

/** @param {Props} props */
function Reach(props) {
  const tel = { optional: true, size: 20, inputmode: 'tel', dir: 'ltr', narrow: true };
  return html`<${Fragment}>
    <div class="row">
      ${text(props, 'phone', tel)} ${text(props, 'line', { optional: true, dir: 'auto' })}
    </div>
    <div class="row">
      ${text(props, 'city', { optional: true, dir: 'auto' })}
      ${text(props, 'district', { optional: true, dir: 'auto' })}
      ${text(props, 'postal_code', { optional: true, size: 9, narrow: true })}
    </div>
  <//>`;
}

/** @param {Props} props */
function Contacts({ form, change, errors }) {
  const set = (/** @type {number} */ i, /** @type {object} */ part) =>
    change({ contacts: form.contacts.map((one, at) => (at === i ? { ...one, ...part } : one)) });
  return html`<${Fragment}>
    ${form.contacts.map(
      (one, i) =>
        html`<div key=${i} class="entry">
          ${h(TextField, {
            id: `contact-${i}-relationship`,
            label: t('patient.contact_relationship'),
            value: one.relationship,
            optional: true,
            list: t('patient.relationships').split(', '),
            onInput: (relationship) => set(i, { relationship }),
          })}
          ${h(TextField, {
            id: `contact-${i}-name`,
            label: t('patient.contact_name'),
            value: one.name,
            dir: 'auto',
            error: errors[`contact-${i}-name`],
            onInput: (name) => set(i, { name }),
          })}
          ${h(TextField, {
            id: `contact-${i}-phone`,
            label: t('patient.phone'),
            value: one.phone,
            optional: true,
            dir: 'ltr',
            onInput: (phone) => set(i, { phone }),
          })}
          ${h(Remove, {
            label: t('patient.contact_remove', { name: one.name }),
            onClick: () => change({ contacts: form.contacts.filter((_, at) => at !== i) }),
          })}
        </div>`,
    )}
    ${h(Add, {
      label: t('patient.contact_add'),
      onClick: () =>
        change({ contacts: [...form.contacts, { relationship: '', name: '', phone: '' }] }),
    })}
  <//>`;
}

/** @param {Props} props */
function Identifiers({ form, change, errors }) {
  const set = (/** @type {number} */ i, /** @type {object} */ part) =>
    change({
      identifiers: form.identifiers.map((one, at) => (at === i ? { ...one, ...part } : one)),
    });
  return html`<${Fragment}>
    ${form.identifiers.map(
      (one, i) =>
        html`<div key=${i} class="entry two">
          ${h(TextField, {
            id: `identifier-${i}-type`,
            label: t('patient.identifier_type'),
            value: one.type_text,
            hint: one.type_text ? undefined : one.system || undefined,
            list: t('patient.identifier_types').split(', '),
            error: errors[`identifier-${i}-type`],
            onInput: (type_text) => set(i, { type_text }),
          })}
          ${h(TextField, {
            id: `identifier-${i}-value`,
            label: t('patient.identifier_value'),
            value: one.value,
            dir: 'ltr',
            error: errors[`identifier-${i}-value`],
            onInput: (value) => set(i, { value }),
          })}
          ${h(Remove, {
            label: t('patient.identifier_remove', { value: one.value }),
            onClick: () => change({ identifiers: form.identifiers.filter((_, at) => at !== i) }),
          })}
        </div>`,
    )}
    ${h(Add, {
      label: t('patient.identifier_add'),
      onClick: () =>
        change({ identifiers: [...form.identifiers, { system: '', type_text: '', value: '' }] }),
    })}
  <//>`;
}

/** @param {Props} props */
function More(props) {
  const { form, change, errors } = props;
  return html`<${Fragment}>
    <div class="row">
      ${text(props, 'prefix', { optional: true, size: 8, narrow: true })}
      ${text(props, 'email', { optional: true, dir: 'ltr', inputmode: 'email' })}
      ${text(props, 'gender', { optional: true })}
    </div>
    <div class="row">
      ${text(props, 'state', { optional: true })} ${text(props, 'country', { optional: true })}
    </div>
    <div class="row">
      ${text(props, 'language_text', { optional: true })}
      ${text(props, 'marital_status_text', { optional: true })}
    </div>
    ${h(CheckField, {
      id: 'deceased',
      label: t('patient.deceased'),
      checked: form.deceased,
      onChange: (deceased) => change({ deceased }),
    })}
    ${form.deceased &&
    h(DateField, {
      id: 'died',
      label: t('patient.died'),
      optional: true,
      birth: true,
      size: 18,
      value: form.died,
      onInput: (died) => change({ died }),
      error: errors.died,
    })}
  <//>`;
}

/**
 * @param {{ id: string, title: string, count: number, open: boolean,
 *   children: import('../../lib/ui.js').Children }} props
 */
function Fold({ id, title, count, open, children }) {
  return html`<details class="fold" id=${id} open=${open || undefined}>
    <summary>
      ${h(Icon, { name: 'next' })} ${title}
      ${count > 0 && html`<span class="tag neutral">${count}</span>`}
    </summary>
    <div class="fold-body">${children}</div>
  </details>`;
}

/** @param {{ label: string, onClick: () => void }} props */
function Add({ label, onClick }) {
  return html`<div>
    <button class="button" type="button" onClick=${onClick}>
      ${h(Icon, { name: 'add' })} ${label}
    </button>
  </div>`;
}

/** @param {{ label: string, onClick: () => void }} props */
function Remove({ label, onClick }) {
  return html`<button
    class="button"
    type="button"
    aria-label=${label}
    title=${label}
    onClick=${onClick}
  >
    ${h(Icon, { name: 'close' })}
  </button>`;
}
