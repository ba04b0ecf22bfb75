// The registration form as data: from a patient, to a request body, and what is wrong with it.
// No markup, so that it is tested by itself.

import { readDate } from './date-input.js';
import { latinDigits } from './digits.js';
import { civilText, givenText, parseCivil, today } from './format.js';
import { t } from './i18n.js';

/** @typedef {import('../types/ui.js').Patient} Patient */
/** @typedef {{ relationship: string, name: string, phone: string }} ContactEntry */
/** @typedef {{ system: string, type_text: string, value: string }} IdentifierEntry */
/**
 * @typedef {object} PatientForm
 * @property {string} family
 * @property {string} given
 * @property {string} prefix
 * @property {string} born as typed
 * @property {string} age in years, as typed
 * @property {string} sex
 * @property {string} gender
 * @property {string} phone
 * @property {string} email
 * @property {string} line
 * @property {string} city
 * @property {string} district
 * @property {string} state
 * @property {string} postal_code
 * @property {string} country
 * @property {string} language_text
 * @property {string} marital_status_text
 * @property {boolean} deceased
 * @property {string} died as typed
 * @property {ContactEntry[]} contacts
 * @property {IdentifierEntry[]} identifiers
 * @property {boolean} unknown nobody can say who this is: a temporary name stands for the names
 */

const AGE_MAX = 130;
const ADDRESS_PARTS = /** @type {const} */ ([
  'line',
  'city',
  'district',
  'state',
  'postal_code',
  'country',
]);

/** @returns {PatientForm} */
export function emptyForm() {
  return {
    ...{ family: '', given: '', prefix: '', born: '', age: '', sex: '', gender: '' },
    ...{ phone: '', email: '', line: '', city: '', district: '', state: '' },
    ...{ postal_code: '', country: '', language_text: '', marital_status_text: '' },
    ...{ deceased: false, died: '', contacts: [], identifiers: [], unknown: false },
  };
}

/** What is known, as it would be typed. @param {Patient} patient @returns {PatientForm} */
export function formOf(patient) {
  const civil = parseCivil(patient.birth_date);
  const born = civil ? civilText(civil) : '';
  const address = patient.addresses?.[0] ?? {};
  const died = parseCivil(patient.deceased_recorded?.slice(0, 10));
  return {
    ...emptyForm(),
    family: patient.family,
    given: givenText(patient.given),
    prefix: patient.prefix ?? '',
    born: born && patient.birth_date_estimated ? t('born.about', { date: born }) : born,
    sex: patient.sex,
    gender: patient.gender ?? '',
    phone: telecom(patient, 'phone') ?? patient.phone ?? '',
    email: telecom(patient, 'email') ?? '',
    ...Object.fromEntries(ADDRESS_PARTS.map((part) => [part, address[part] ?? ''])),
    language_text: patient.language_text ?? '',
    marital_status_text: patient.marital_status_text ?? '',
    deceased: patient.deceased,
    died: died ? civilText(died) : '',
    contacts: (patient.contacts ?? []).map((one) => ({
      relationship: one.relationship ?? '',
      name: one.name,
      phone: one.phone ?? '',
    })),
    identifiers: (patient.identifiers ?? []).map((one) => ({
      system: one.system,
      type_text: one.type_text ?? '',
      value: one.value,
    })),
  };
}

/** @param {Patient} patient @param {string} system */
function telecom(patient, system) {
  return patient.telecoms?.find((one) => one.system === system)?.value;
}

/**
 * What is wrong, by the id of the field.
 * @param {PatientForm} form
 * @returns {Record<string, string>}
 */
export function checkForm(form) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!form.unknown && !form.family.trim() && !form.given.trim()) {
    errors.family = t('patient.error_name');
  }
  const born = birthOf(form);
  if (born.kind === 'wrong') errors.born = t('patient.error_born');
  if (born.kind === 'choose') errors.born = t('patient.error_born_which');
  if (born.kind === 'date' && born.iso > isoToday()) errors.born = t('patient.error_born_future');
  if (form.age.trim() && ageOf(form) === null)
    errors.age = t('patient.error_age', { max: AGE_MAX });
  if (form.age.trim() && form.born.trim()) errors.age = t('patient.error_age_and_born');
  if (!form.sex) errors.sex = t('patient.error_sex');
  if (form.email.trim() && !/^\S+@\S+$/.test(form.email.trim())) {
    errors.email = t('patient.error_email');
  }
  if (form.deceased && form.died.trim() && diedOf(form).kind !== 'date') {
    errors.died = t('patient.error_died');
  }
  for (const [i, one] of form.contacts.entries()) {
    if (!one.name.trim() && (one.phone.trim() || one.relationship.trim())) {
      errors[`contact-${i}-name`] = t('patient.error_contact');
    }
  }
  for (const [i, one] of form.identifiers.entries()) {
    if (!one.value.trim() && one.type_text.trim()) {
      errors[`identifier-${i}-value`] = t('patient.error_identifier');
    }
    if (one.value.trim() && !one.type_text.trim() && !one.system) {
      errors[`identifier-${i}-type`] = t('patient.error_identifier_type');
    }
  }
  return errors;
}

/** @param {PatientForm} form */
export function birthOf(form) {
  return readDate(form.born, { today: today(), birth: true });
}

/** @param {PatientForm} form */
function diedOf(form) {
  return readDate(form.died, { today: today(), birth: true });
}

function isoToday() {
  const { year, month, day } = today();
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}

/** Whole years, or null when it is no age. @param {PatientForm} form */
export function ageOf(form) {
  const text = latinDigits(form.age.trim());
  if (!/^\d{1,3}$/.test(text) || AGE_MAX < Number(text)) return null;
  return Number(text);
}

/**
 * The body of a registration, or with `before` of a change: lists that have more than the form
 * shows keep the rest.
 * @param {PatientForm} form without errors
 * @param {Patient | null} [before]
 * @returns {Record<string, unknown>}
 */
export function bodyOf(form, before = null) {
  const born = birthOf(form);
  const years = ageOf(form);
  /** @type {Record<string, unknown>} */
  const body = {
    names: form.unknown ? [] : namesOf(form, before),
    sex: form.sex,
    gender: orNull(form.gender),
    telecoms: telecomsOf(form, before),
    addresses: addressesOf(form, before),
    contacts: form.contacts
      .filter((one) => one.name.trim())
      .map((one) => ({
        relationship: orNull(one.relationship),
        name: one.name.trim(),
        phone: orNull(one.phone),
      })),
    identifiers: identifiersOf(form, before),
    language_text: orNull(form.language_text),
    marital_status_text: orNull(form.marital_status_text),
    deceased: form.deceased,
  };
  const died = diedOf(form);
  body.deceased_recorded = form.deceased && died.kind === 'date' ? died.iso : null;
  if (form.unknown) body.unknown_person = temporaryName(form);
  if (years !== null) {
    body.age_years = years;
  } else {
    body.birth_date = born.kind === 'date' ? born.iso : null;
    body.birth_date_estimated = born.about;
  }
  return before ? body : withoutNothing(body);
}

/** How somebody unknown is called; the server adds a number. @param {PatientForm} form */
export function temporaryName(form) {
  return t('register.unknown_name', { sex: form.sex });
}

/**
 * The parts of a body that differ from those of the unchanged form.
 * @param {Record<string, unknown>} body
 * @param {Record<string, unknown>} old
 */
export function changesOf(body, old) {
  return Object.fromEntries(
    Object.entries(body).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key]),
    ),
  );
}

/** @param {PatientForm} form @param {Patient | null} before */
function namesOf(form, before) {
  const [first, ...others] = before?.names ?? [];
  const name = {
    name_use: first?.name_use ?? 'official',
    family: form.family.trim(),
    given: words(form.given),
    prefix: orNull(form.prefix),
    suffix: first?.suffix ?? null,
  };
  const rest = others.map((one) => ({ ...one, given: listOf(one.given) }));
  if (first?.name_use === 'temporary' && name.family !== first.family) {
    // Who was unknown has a name now; what they were called until then stays findable.
    const before = { ...first, given: listOf(first.given) };
    return [{ ...name, name_use: 'official' }, before, ...rest];
  }
  return [name, ...rest];
}

/** @param {string | string[]} given */
function listOf(given) {
  return Array.isArray(given) ? given : words(given);
}

/** @param {string} text */
function words(text) {
  return text.trim().split(/\s+/).filter(Boolean);
}

/** @param {PatientForm} form @param {Patient | null} before */
function telecomsOf(form, before) {
  const old = before?.telecoms ?? [];
  const phone = old.find((one) => one.system === 'phone');
  const email = old.find((one) => one.system === 'email');
  const list = [];
  if (form.phone.trim()) list.push({ ...phone, system: 'phone', value: form.phone.trim() });
  if (form.email.trim()) list.push({ ...email, system: 'email', value: form.email.trim() });
  return [...list, ...old.filter((one) => one !== phone && one !== email)];
}

/** @param {PatientForm} form @param {Patient | null} before */
function addressesOf(form, before) {
  const [first, ...others] = before?.addresses ?? [];
  const address = Object.fromEntries(ADDRESS_PARTS.map((part) => [part, orNull(form[part])]));
  const any = Object.values(address).some((part) => part !== null);
  return any ? [{ ...first, ...address }, ...others] : others;
}

/** @param {PatientForm} form @param {Patient | null} before */
function identifiersOf(form, before) {
  return form.identifiers
    .filter((one) => one.value.trim())
    .map((one) => {
      const old = before?.identifiers?.find(
        (other) => other.system === one.system && other.value === one.value,
      );
      return {
        ...old,
        system: one.system || `urn:healthflow:${slug(one.type_text)}`,
        type_text: orNull(one.type_text),
        value: one.value.trim(),
      };
    });
}

/** @param {string} text */
function slug(text) {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
}

/** @param {string} text */
function orNull(text) {
  return text.trim() || null;
}

/** A registration says nothing about what was left empty. @param {Record<string, unknown>} body */
function withoutNothing(body) {
  return Object.fromEntries(
    Object.entries(body).filter(
      ([, value]) =>
        value !== null && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** Which field of the form an error of the server belongs to. @param {string} field */
export function fieldOf(field) {
  const parts = field.split(/[.[\]]+/).filter(Boolean);
  const [list, index, part] = parts;
  if (list === 'names') return part === 'given' ? 'given' : 'family';
  if (list === 'birth_date' || list === 'birth_date_estimated') return 'born';
  if (list === 'age_years') return 'age';
  if (list === 'unknown_person') return 'unknown';
  if (list === 'telecoms') return 'phone';
  if (list === 'addresses') return part ?? 'line';
  if (list === 'contacts') return `contact-${index ?? 0}-${part ?? 'name'}`;
  if (list === 'identifiers') return `identifier-${index ?? 0}-value`;
  if (list === 'deceased_recorded' || list === 'deceased_at') return 'died';
  return list ?? field;
}
