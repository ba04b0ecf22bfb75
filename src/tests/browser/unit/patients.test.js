import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import {
  bodyOf,
  changesOf,
  checkForm,
  emptyForm,
  fieldOf,
  formOf,
} from '../../../../assets/lib/patient-form.js';
import { distance, isSimilar, phoneEnd, similarNames } from '../../../../assets/lib/patient-search.js';
import { splitTyped } from '../../../../assets/lib/typed.js';
import { speak } from './catalogues.js';

/** @typedef {import('../../../../assets/types/ui.js').Patient} Patient */

const today = { year: 2026, month: 11, day: 20 };

/** @param {Partial<Patient>} [more] @returns {Patient} */
function aPatient(more = {}) {
  return {
    ...{ id: 'pat_1', facility_id: 'fac_1', mrn: 'MRN-0000017', version: 3, active: true },
    ...{ family: 'Moreau', given: ['Bekele', 'T.'], prefix: 'Mr', sex: 'male' },
    ...{ birth_date: '1963-05-10', birth_date_estimated: false, phone: '07700 900417' },
    ...{ deceased: false, deceased_at: null, deceased_recorded: null },
    ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
    names: [
      { name_use: 'official', family: 'Moreau', given: ['Bekele', 'T.'], prefix: 'Mr', suffix: null },
      { name_use: 'maiden', family: 'Abebe', given: ['Bekele'], prefix: null, suffix: null },
    ],
    telecoms: [
      { system: 'phone', value: '07700 900417', telecom_use: 'mobile' },
      { system: 'phone', value: '020 7946 0000', telecom_use: 'work' },
    ],
    addresses: [{ address_use: 'home', line: '1 Hill Rd', city: 'Tema' }, { line: 'Old' }],
    contacts: [],
    identifiers: [{ system: 'urn:oid:1.2', value: 'A-77', type_code: 'NI', type_text: 'National ID' }],
    ...more,
  };
}

before(() => speak());

test('the least that a registration needs', () => {
  assert.deepEqual(Object.keys(checkForm(emptyForm())), ['family', 'sex']);
  assert.deepEqual(checkForm({ ...emptyForm(), given: 'Soekarno', sex: 'male' }), {});
});

test('what cannot be is named at its field', () => {
  const form = { ...emptyForm(), family: 'Osei', sex: 'female' };
  const wrong = (/** @type {object} */ change) => Object.keys(checkForm({ ...form, ...change }));
  assert.deepEqual(wrong({ born: '1/1/2999' }), ['born']);
  assert.deepEqual(wrong({ born: '1/1/24' }), ['born']);
  assert.deepEqual(wrong({ born: 'when' }), ['born']);
  assert.deepEqual(wrong({ born: '1963', age: '63' }), ['age']);
  assert.deepEqual(wrong({ age: '131' }), ['age']);
  assert.deepEqual(wrong({ email: 'nobody' }), ['email']);
  const contacts = [{ relationship: 'Mother', name: ' ', phone: '' }];
  assert.deepEqual(wrong({ contacts }), ['contact-0-name']);
  const identifiers = [{ system: '', type_text: '', value: '12' }];
  assert.deepEqual(wrong({ identifiers }), ['identifier-0-type']);
});

test('a registration says only what was filled in', () => {
  const form = { ...emptyForm(), family: ' Osei ', given: 'Ama  Serwaa', born: 'about 1963', sex: 'female' };
  assert.deepEqual(bodyOf(form), {
    names: [
      { name_use: 'official', family: 'Osei', given: ['Ama', 'Serwaa'], prefix: null, suffix: null },
    ],
    sex: 'female',
    birth_date: '1963',
    birth_date_estimated: true,
  });
  const aged = bodyOf({ ...form, born: '', age: '63' });
  assert.equal(aged.age_years, 63);
  assert.ok(!('birth_date' in aged));
});

test('an own number gets a system of its own kind', () => {
  const identifiers = [{ system: '', type_text: 'Health insurance', value: ' 0815 ' }];
  const body = bodyOf({ ...emptyForm(), family: 'Osei', sex: 'female', identifiers });
  assert.deepEqual(body.identifiers, [
    { system: 'urn:healthflow:health-insurance', type_text: 'Health insurance', value: '0815' },
  ]);
});

test('opening and saving a patient changes nothing', () => {
  for (const patient of [
    aPatient(),
    aPatient({ birth_date: '1963', birth_date_estimated: true }),
    aPatient({ deceased: true, deceased_recorded: '2026-03-04T10:00:00+01:00' }),
    aPatient({ telecoms: [], addresses: [], identifiers: [], phone: null, birth_date: null }),
  ]) {
    const old = bodyOf(formOf(patient), patient);
    assert.deepEqual(changesOf(bodyOf(formOf(patient), patient), old), {});
  }
});

test('a change keeps the entries of a list that the form does not show', () => {
  const patient = aPatient();
  const old = bodyOf(formOf(patient), patient);
  const form = { ...formOf(patient), family: 'Moreau-Lee', phone: '0555', city: '' };
  const changes = changesOf(bodyOf(form, patient), old);
  assert.deepEqual(Object.keys(changes).sort(), ['addresses', 'names', 'telecoms']);
  const names = /** @type {any[]} */ (changes.names);
  assert.deepEqual(names.map((name) => name.family), ['Moreau-Lee', 'Abebe']);
  assert.equal(names[0].prefix, 'Mr');
  assert.deepEqual(changes.telecoms, [
    { system: 'phone', value: '0555', telecom_use: 'mobile' },
    { system: 'phone', value: '020 7946 0000', telecom_use: 'work' },
  ]);
  const addresses = /** @type {any[]} */ (changes.addresses);
  assert.equal(addresses[0].address_use, 'home');
  assert.equal(addresses[0].city, null);
  assert.equal(addresses.length, 2);
});

test('errors of the server find their field', () => {
  assert.equal(fieldOf('names[0].given'), 'given');
  assert.equal(fieldOf('names'), 'family');
  assert.equal(fieldOf('birth_date'), 'born');
  assert.equal(fieldOf('contacts[1].phone'), 'contact-1-phone');
  assert.equal(fieldOf('identifiers.0.value'), 'identifier-0-value');
  assert.equal(fieldOf('sex'), 'sex');
});

test('what was typed into the search becomes the form', () => {
  assert.deepEqual(splitTyped('moreau bekele 10/5/63', today), {
    ...{ family: 'Moreau', given: 'Bekele', born: '10/5/63', phone: '' },
  });
  assert.deepEqual(splitTyped("o'neill-van dyke 07700900417", today), {
    ...{ family: "O'Neill-Van", given: 'Dyke', born: '', phone: '07700900417' },
  });
  assert.equal(splitTyped('McKay', today).family, 'McKay');
  assert.deepEqual(splitTyped('  ', today), { family: '', given: '', born: '', phone: '' });
});

test('names that are easily taken for one another are marked', () => {
  const rows = [
    { id: 'a', family: 'Moreau', given: ['Bekele'] },
    { id: 'b', family: 'MOREAU', given: ['Bekélé'] },
    { id: 'c', family: 'Morau', given: ['Bekele', 'X.'] },
    { id: 'd', family: 'Dube', given: ['Bekele'] },
    { id: 'e', family: 'Lee', given: ['Wei'] },
    { id: 'f', family: 'Li', given: ['Wei'] },
  ];
  assert.deepEqual([...similarNames(rows)].sort(), ['a', 'b', 'c']);
  assert.equal(distance('kitten', 'sitting'), 3);
});

test('only the end of a phone is shown', () => {
  assert.equal(phoneEnd('+44 7700 900417'), '…0417');
  assert.equal(phoneEnd(null), '');
});

test('rule 3: who cannot be named gets a temporary identity, numbered by the server', () => {
  const form = { ...emptyForm(), unknown: true, sex: 'male', age: '40' };
  assert.deepEqual(checkForm(form), {}, 'no name is asked for');
  assert.deepEqual(bodyOf(form), { sex: 'male', unknown_person: 'Unknown male', age_years: 40 });
  assert.equal(fieldOf('unknown_person'), 'unknown');
});

test('a temporary name stays findable when the person is known', () => {
  const first = { name_use: 'temporary', family: 'Unknown male 3', given: [], prefix: null };
  const before = aPatient({ family: first.family, given: [], prefix: null, names: [first] });
  const form = { ...formOf(before), family: 'Osei', given: 'Kofi' };
  const { names } = /** @type {{ names: any[] }} */ (/** @type {unknown} */ (bodyOf(form, before)));
  assert.deepEqual(names.map((one) => [one.name_use, one.family]), [
    ['official', 'Osei'],
    ['temporary', 'Unknown male 3'],
  ]);
});

test('rule 3: neighbours in the list of all are flagged when their names are alike', () => {
  const row = (/** @type {string} */ id, /** @type {string} */ family, /** @type {string} */ given) => ({
    ...{ id, family, given },
  });
  assert.equal(isSimilar(row('1', 'Lee', 'Élise'), row('2', 'Lee', 'Elise')), true);
  assert.equal(isSimilar(row('1', 'Moreau', 'Bekele'), row('2', 'Morreau', 'Bekele')), true);
  assert.equal(isSimilar(row('1', 'Moreau', 'Bekele'), row('2', 'Dube', 'Bekele')), false);
  assert.equal(isSimilar(row('1', 'Lee', 'Elise'), row('1', 'Lee', 'Elise')), false, 'nobody to themselves');
  assert.equal(isSimilar(row('1', 'Lee', 'Elise'), null), false);
});
