// No digit of a result or a dose may be invented or lost on its way to the screen.

import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import {
  compareDecimals,
  decimalText,
  displayDecimal,
  doseText,
  doseUnitText,
  typedDecimal,
  unitText,
} from '../../../../assets/lib/decimal.js';
import { speak } from './catalogues.js';

beforeEach(() => speak());

test('a result keeps the digits that were recorded', () => {
  const cases = [
    ['6.80', '6.80'],
    ['.5', '0.5'],
    ['007', '7'],
    ['1234567.10', '1,234,567.10'],
    ['-3.20', '−3.20'],
    ['1.50e3', '1,500'],
    ['1.5e-3', '0.0015'],
    ['12345678901234567890.123456789', '12,345,678,901,234,567,890.123456789'],
    ['trace', 'trace'],
    ['', ''],
  ];
  for (const [given, shown] of cases) assert.equal(decimalText(given), shown, given);
});

test('rule 10: a dose has no zeros that could be read as ten times as much', () => {
  assert.equal(doseText('5.0'), '5');
  assert.equal(doseText('.50'), '0.5');
  assert.equal(doseText('1000'), '1,000');
  assert.equal(doseText('100'), '100');
  assert.equal(doseText('0.025'), '0.025');
});

test('rule 10: units in doses are written in full', () => {
  assert.equal(doseUnitText('ug'), 'micrograms');
  assert.equal(doseUnitText('mcg'), 'micrograms');
  assert.equal(doseUnitText('IU'), 'units');
  assert.equal(doseUnitText('ml'), 'mL');
  assert.equal(doseUnitText('mg/kg'), 'mg per kg');
  assert.equal(doseUnitText('{tablet}'), 'tablet');
  assert.equal(doseUnitText(null), '');
});

test('units beside results are written as people read them', () => {
  assert.equal(unitText('mm[Hg]'), 'mmHg');
  assert.equal(unitText('Cel'), '°C');
  assert.equal(unitText('{score}'), '');
  assert.equal(unitText('ug/dL'), 'µg/dL');
  assert.equal(unitText('mg/dL'), 'mg/dL');
  assert.equal(unitText('k[IU]/L'), 'kunits/L');
});

test('only machine noise is rounded, and it says so', () => {
  assert.deepEqual(displayDecimal('174.88922425470204'), { text: '174.89', rounded: true });
  assert.deepEqual(displayDecimal('9.99999'), { text: '10.00', rounded: true });
  assert.deepEqual(displayDecimal('-0.994999'), { text: '−0.99', rounded: true });
  assert.deepEqual(displayDecimal('0.012345678'), { text: '0.0123', rounded: true });
  assert.deepEqual(displayDecimal('0.00001234'), { text: '0.0000123', rounded: true });
  assert.deepEqual(displayDecimal('6.8000'), { text: '6.8000', rounded: false });
});

test('decimals compare by value, however they are written', () => {
  assert.equal(compareDecimals('6.80', '6.8'), 0);
  assert.equal(compareDecimals('-2', '1'), -1);
  assert.equal(compareDecimals('10', '9.99'), 1);
  assert.equal(compareDecimals('high', '1'), null);
});

test('rule 10: where the comma is the decimal mark, thousands stand apart by a space', () => {
  speak('fr');
  assert.equal(doseText('1000'), '1\u202f000', '1,000 would be read as one');
  assert.equal(doseText('0.50'), '0,5');
  assert.equal(doseUnitText('IU'), 'unités');
  assert.equal(typedDecimal('37,5'), '37.5');
  assert.equal(typedDecimal('37.5'), '37.5');
  speak('ar');
  assert.equal(doseText('1000.50'), '1,000.5');
  assert.equal(typedDecimal('٣٧٫٥'), '37.5');
  speak('en');
  for (const [typed, read] of [
    ['36,8', '36.8'],
    ['0,125', '0.125'],
    ['1234,5', '1234.5'],
    ['1,234', '1,234'],
    ['1,234,567', '1,234,567'],
    ['1,234.5', '1,234.5'],
  ]) {
    assert.equal(typedDecimal(String(typed)), read, 'what can be thousands is not guessed');
  }
});
