// Short names of tests: readable, never another test, never two tests by one name.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  fullNames,
  namesOf,
  shortName,
} from '../../../../assets/clinical/observation-name.js';

afterEach(() => {
  fullNames.value = false;
});

test('property, usual specimen and method are left out', () => {
  const names = {
    'Glucose [Mass/volume] in Serum or Plasma': 'Glucose',
    'Leukocytes [#/volume] in Blood by Automated count': 'Leukocytes',
    'Hematocrit [Volume Fraction] of Blood by Automated count': 'Hematocrit',
    'MCV [Entitic volume] by Automated count': 'MCV',
    'Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma':
      'Aspartate aminotransferase',
    'Hemoglobin A1c/Hemoglobin.total in Blood': 'Hemoglobin A1c',
    'Glomerular filtration rate/1.73 sq M.predicted': 'Glomerular filtration rate (predicted)',
    'Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method':
      'Troponin I, cardiac',
    'Bilirubin.total [Mass/volume] in Serum or Plasma': 'Bilirubin, total',
    'Pain severity - 0-10 verbal numeric rating [Score] - Reported':
      'Pain severity - 0-10 verbal numeric rating',
  };
  for (const [recorded, short] of Object.entries(names)) {
    assert.equal(shortName(recorded), short);
  }
});

test('what makes it another test stays', () => {
  const names = {
    'Glucose [Mass/\u200bvolume] in Urine by Test strip': 'Glucose, urine',
    'Glucose [Presence] in Urine by Test strip': 'Glucose, urine (presence)',
    'Oxygen [Partial pressure] in Arterial blood': 'Oxygen, arterial blood (partial pressure)',
    'Oxygen saturation in Arterial blood': 'Oxygen saturation, arterial blood',
    'Oxygen saturation in Arterial blood by Pulse oximetry': 'Oxygen saturation (pulse oximetry)',
    'Body mass index (BMI) [Percentile] Per age and gender':
      'Body mass index (BMI) [Percentile] Per age and gender',
    'Influenza virus A RNA [Presence] in Respiratory specimen by NAA with probe detection':
      'Influenza virus A RNA, respiratory specimen (presence)',
    'Neutrophils/100 leukocytes in Blood by Automated count': 'Neutrophils/100 leukocytes',
  };
  for (const [recorded, short] of Object.entries(names)) {
    assert.equal(shortName(recorded), short);
  }
});

test('plain language and unknown forms stay as they were written', () => {
  for (const text of [
    'Pain in chest by exercise',
    'Physical findings of Abdomen by Palpation',
    'Are you covered by health insurance or some other kind of health care plan [PhenX]',
    'Lymph nodes with isolated tumor cells [#] in Cancer specimen by Light microscopy',
    'Body Height',
    'pH',
  ]) {
    assert.equal(shortName(text), text);
  }
});

test('two tests of one list are never called the same', () => {
  const serum = 'Creatinine [Mass/volume] in Serum or Plasma';
  const blood = 'Creatinine [Mass/volume] in Blood';
  const sodium = 'Sodium [Moles/volume] in Blood';
  const name = namesOf([serum, blood, sodium, serum]);
  assert.equal(name(serum), serum);
  assert.equal(name(blood), blood);
  assert.equal(name(sodium), 'Sodium');
  assert.equal(namesOf([serum, sodium])(serum), 'Creatinine');
});

test('every name is whole when one asks for it', () => {
  const serum = 'Creatinine [Mass/volume] in Serum or Plasma';
  const name = namesOf([serum]);
  fullNames.value = true;
  assert.equal(name(serum), serum);
  assert.equal(name(null), '');
});
