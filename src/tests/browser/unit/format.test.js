// Dates, times, ages and names must read the same whatever the computer's own settings.

import { afterEach, beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import {
  age,
  civilSpoken,
  civilText,
  dateDirection,
  facilityInstant,
  fullYears,
  instantText,
  isoCivil,
  nameText,
  parseCivil,
  recordedText,
  timeText,
  upperFamily,
} from '../../../../assets/lib/format.js';
import { readDate } from '../../../../assets/lib/date-input.js';
import { CODES, speak } from './catalogues.js';
import { t } from '../../../../assets/lib/i18n.js';
import { zone } from '../../../../assets/lib/time.js';

beforeEach(() => speak());
afterEach(() => {
  zone.value = 'UTC';
});

/** @param {string} iso */
function civil(iso) {
  const date = parseCivil(iso);
  assert.ok(date, iso);
  return date;
}

test('a date shows as much as is known', () => {
  assert.equal(civilText(civil('2026-11-05')), '05-Nov-2026');
  assert.equal(civilText(civil('1963-05')), 'May-1963');
  assert.equal(civilText(civil('1963')), '1963');
  assert.equal(civilText(civil('2026-09-20'), { weekday: true }), 'Sun 20-Sep-2026');
  assert.equal(civilSpoken(civil('2026-11-05')), '5 November 2026');
});

test('dates that do not exist are refused', () => {
  for (const text of ['2025-02-29', '2026-13-01', '2026-00', '2026-04-31', '20261', '', null]) {
    assert.equal(parseCivil(text), null, String(text));
  }
  assert.equal(isoCivil(civil('2024-02-29')), '2024-02-29');
});

test('rule 9: months in letters of the language, day before month before year', () => {
  speak('fr');
  assert.equal(civilText(civil('2026-02-03')), '03-févr-2026');
  assert.equal(civilText(civil('2026-11-20'), { weekday: true }), 'ven 20-nov-2026');
  assert.equal(dateDirection(), 'ltr');
  speak('ar');
  assert.equal(civilText(civil('2026-11-20')), '20-نوفمبر-2026');
  assert.equal(dateDirection(), 'rtl', 'or the year would be drawn before the month');
});

test('what is shown as a date can be typed, in every language', () => {
  const today = civil('2026-11-20');
  for (const language of CODES) {
    speak(language);
    for (let month = 1; month <= 12; month += 1) {
      const iso = `1963-${String(month).padStart(2, '0')}-07`;
      const shown = civilText(civil(iso));
      assert.equal(readDate(shown, { today, birth: true }).iso, iso, `${language} ${shown}`);
      const about = t('born.about', { date: shown });
      const read = readDate(about, { today, birth: true });
      assert.deepEqual([read.iso, read.about], [iso, true], `${language} ${about}`);
    }
  }
});

test('digits of the person’s own script are understood', () => {
  speak('ar');
  const today = civil('2026-11-20');
  assert.equal(readDate('١٠/٥/١٩٦٣', { today }).iso, '1963-05-10');
  assert.equal(readDate('حوالي ١٩٦٣', { today }).iso, '1963');
  assert.equal(readDate('اليوم', { today }).iso, '2026-11-20');
});

test('times are told on the clock of the facility', () => {
  const instant = '2026-07-01T22:30:00Z';
  assert.equal(timeText(instant), '22:30');
  zone.value = 'Africa/Nairobi';
  assert.equal(instantText(instant), '02-Jul-2026 01:30');
  zone.value = 'America/New_York';
  assert.equal(instantText(instant), '01-Jul-2026 18:30');
});

test('a recorded time keeps its precision', () => {
  zone.value = 'Europe/Berlin';
  assert.equal(recordedText('2019-05'), 'May-2019');
  assert.equal(recordedText('2019-05-03'), '03-May-2019');
  assert.equal(recordedText('2019-05-03T23:30:00-04:00'), '04-May-2019 05:30');
  assert.equal(recordedText(null, '2026-01-01T00:00:00Z'), '01-Jan-2026 01:00');
  assert.equal(recordedText(null), null);
  assert.equal(recordedText('soon'), null);
});

test('ages use the units of care', () => {
  const on = civil('2026-11-20');
  const cases = [
    ['2026-11-20', '0d'],
    ['2026-11-10', '10d'],
    ['2026-10-23', '4w 0d'],
    ['2026-10-07', '6w 2d'],
    ['2025-11-21', '52w 0d'],
    ['2025-11-20', '12m'],
    ['2025-09-20', '14m'],
    ['2024-11-20', '2y 0m'],
    ['2013-11-20', '13y 0m'],
    ['2013-11-21', '12y 11m'],
    ['2008-11-20', '18y'],
    ['1963-05-10', '63y'],
    ['1963-11-21', '62y'],
  ];
  for (const [born, text] of cases) {
    assert.deepEqual(age(born, on), { text, about: false }, born);
  }
});

test('whole years are counted like ages', () => {
  const on = civil('2026-11-20');
  for (const [born, years] of [
    ['2014-11-20', 12],
    ['2014-11-21', 11],
    ['2014-11', 12],
    ['2014-12', 11],
    ['2014', 12],
    ['2026-11-20', 0],
  ]) {
    assert.equal(fullYears(String(born), on), years, String(born));
  }
  assert.equal(fullYears(null, on), null);
});

test('an age from a coarse birth date says that it is about so', () => {
  const on = civil('2026-11-20');
  assert.deepEqual(age('1963', on), { text: '63y', about: true });
  assert.deepEqual(age('2026-03', on), { text: '8m', about: true });
  assert.equal(age(null, on), null);
  assert.equal(age('2027-01-01', on), null);
});

test('somebody born on 29 February ages on 1 March', () => {
  assert.equal(age('2004-02-29', civil('2026-02-28'))?.text, '21y');
  assert.equal(age('2004-02-29', civil('2026-03-01'))?.text, '22y');
});

test('names: capitals follow the language, one name is enough', () => {
  const moreau = { family: 'Moreau', given: ['Bekele', 'T'], prefix: 'Mr.' };
  assert.equal(nameText(moreau), 'MOREAU, Bekele T (Mr)');
  assert.equal(nameText({ family: 'Sukarno', given: '' }), 'SUKARNO');
  assert.equal(nameText({ given: 'Pelé' }), 'Pelé');
  assert.equal(upperFamily('çilik', 'tr'), 'ÇİLİK');
  assert.equal(upperFamily('Groß', 'de'), 'GROẞ');
  assert.equal(upperFamily('王', 'zh'), '王');
  assert.equal(upperFamily('أحمد', 'ar'), 'أحمد');
});

test('a wall time becomes an instant with the offset of that day', () => {
  zone.value = 'Europe/Berlin';
  assert.equal(facilityInstant(civil('2026-01-15'), 9, 5), '2026-01-15T09:05:00+01:00');
  assert.equal(facilityInstant(civil('2026-07-15'), 9, 5), '2026-07-15T09:05:00+02:00');
  zone.value = 'Asia/Kathmandu';
  assert.equal(facilityInstant(civil('2026-07-15'), 9, 5), '2026-07-15T09:05:00+05:45');
  zone.value = 'America/St_Johns';
  assert.equal(facilityInstant(civil('2026-01-15'), 23, 59), '2026-01-15T23:59:00-03:30');
});
