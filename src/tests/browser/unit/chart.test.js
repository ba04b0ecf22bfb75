// Charts: the axis follows the facility's clock, pictures share one time, curves keep units.

import { afterEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { timeTicks } from '../../../../assets/clinical/chart-axis.js';
import { align, groupSeries, sharedSpan } from '../../../../assets/clinical/chart-groups.js';
import { zone } from '../../../../assets/lib/time.js';

afterEach(() => {
  zone.value = 'UTC';
});

/** @param {string} from @param {string} to @param {number} most */
const labels = (from, to, most) =>
  timeTicks(Date.parse(from), Date.parse(to), most).map((tick) => tick.label);

test('the axis chooses hours, days, months or years by what fits', () => {
  assert.deepEqual(labels('2026-11-20T00:00Z', '2026-11-20T12:00Z', 5), [
    '20-Nov',
    '03:00',
    '06:00',
    '09:00',
    '12:00',
  ]);
  assert.deepEqual(labels('2026-11-28T12:00Z', '2026-12-03T12:00Z', 6), [
    '29-Nov',
    '30-Nov',
    '01-Dec',
    '02-Dec',
    '03-Dec',
  ]);
  assert.deepEqual(labels('2026-01-15T00:00Z', '2026-12-31T00:00Z', 5), [
    'Apr-2026',
    'Jul-2026',
    'Oct-2026',
  ]);
  assert.deepEqual(labels('1915-07-03T00:00Z', '1999-01-01T00:00Z', 6), [
    '1920',
    '1940',
    '1960',
    '1980',
  ]);
});

test('midnight is midnight in the facility, also when clocks change', () => {
  zone.value = 'America/New_York';
  const ticks = timeTicks(Date.parse('2026-10-31T00:00Z'), Date.parse('2026-11-03T12:00Z'), 5);
  assert.deepEqual(
    ticks.map((tick) => new Date(tick.at).toISOString()),
    [
      '2026-10-31T04:00:00.000Z',
      '2026-11-01T04:00:00.000Z',
      '2026-11-02T05:00:00.000Z',
      '2026-11-03T05:00:00.000Z',
    ],
  );
});

test('never more labels than fit, over any span', () => {
  for (const days of [0.1, 1, 3, 20, 60, 200, 900, 5000, 40_000]) {
    for (const most of [2, 4, 9]) {
      const to = Date.parse('2026-11-20T00:00Z');
      const ticks = timeTicks(to - days * 86_400_000, to, most);
      assert.ok(ticks.length <= most + 1, `${days} days, ${most}: ${ticks.length}`);
    }
  }
});

/** @param {string} code @param {string} unit @param {[string, string][]} points */
const series = (code, unit, points = [['2026-01-01T00:00:00Z', '1']]) => ({
  system: 'http://loinc.org',
  code,
  title: code,
  unit,
  count: points.length,
  last: { at: '', recorded: null, value: '' },
  points: points.map(([at, value]) => ({ at, value })),
});

test('rule 15: blood pressure is one picture, lipids share theirs, units never mix', () => {
  const groups = groupSeries([
    series('2085-9', 'mg/dL'),
    series('8462-4', 'mm[Hg]'),
    series('2093-3', 'mg/dL'),
    series('8480-6', 'mm[Hg]'),
    series('2571-8', 'mmol/L'),
    series('zzz', 'kU/L'),
  ]);
  assert.deepEqual(
    groups.map((group) => [
      group.key,
      ...group.charts.map((chart) => chart.series.map((s) => s.code).join('+')),
    ]),
    [
      ['vital', '8480-6+8462-4'],
      ['lipids', '2093-3+2085-9', '2571-8'],
      ['other', 'zzz'],
    ],
  );
});

test('a lone diastolic is not lost', () => {
  const [group] = groupSeries([series('8462-4', 'mm[Hg]')]);
  assert.equal(group?.charts[0]?.pressure, false);
  assert.equal(group?.charts.length, 1);
});

test('every series reaches exactly one picture', () => {
  const all = ['2093-3', '18262-6', '2085-9', '2571-8', '2093-3', 'a', 'b'].map((code) =>
    series(code, 'mg/dL'),
  );
  const shown = groupSeries(all).flatMap((group) => group.charts.flatMap((chart) => chart.series));
  assert.equal(shown.length, all.length);
  assert.equal(new Set(shown).size, all.length);
});

test('values of the same moment stand in one row', () => {
  const { times, columns } = align([
    series('a', 'x', [
      ['2026-01-02T00:00:00Z', '2'],
      ['2026-01-01T00:00:00Z', '1'],
    ]),
    series('b', 'x', [['2026-01-02T00:00:00Z', '20']]),
  ]);
  assert.deepEqual(times, [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)]);
  assert.deepEqual(columns, [
    [1, 2],
    [null, 20],
  ]);
});

test('rule 15: the shared time covers all, or ends now', () => {
  const now = Date.UTC(2026, 10, 20);
  const all = [
    series('a', 'x', [
      ['2020-01-01T00:00:00Z', '1'],
      ['2024-01-01T00:00:00Z', '1'],
    ]),
  ];
  const [from, to] = sharedSpan(all, null, now);
  assert.ok(from < Date.UTC(2020, 0, 1) && Date.UTC(2024, 0, 1) < to);
  assert.deepEqual(sharedSpan(all, 1000, now), [now - 1000, now]);
  assert.deepEqual(sharedSpan([], null, now), [now - 86_400_000, now]);
});
