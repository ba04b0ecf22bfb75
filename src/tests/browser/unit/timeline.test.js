// The timeline groups what belongs together and loses or reorders nothing.

import { before, test } from 'node:test';
import assert from 'node:assert/strict';
import { detailText, groupTimeline, titleOf } from '../../../../assets/clinical/timeline-groups.js';
import { t } from '../../../../assets/lib/i18n.js';
import { catalogue, speak } from './catalogues.js';

before(() => speak());

/** @param {string} id @param {string} kind @param {string} at @param {any} [more] */
const item = (id, kind, at, more = {}) => ({
  id,
  kind,
  at,
  recorded: at,
  class: null,
  title: id,
  detail: null,
  status: 'final',
  encounter_id: null,
  ...more,
});

test('rows stand under their visit, values of one moment in one row', () => {
  const at = '2026-11-20T09:00:00Z';
  const groups = groupTimeline([
    item('o1', 'observation', at, { encounter_id: 'e1' }),
    item('o2', 'observation', at, { encounter_id: 'e1' }),
    item('c1', 'condition', at, { encounter_id: 'e1' }),
    item('e1', 'encounter', at),
    item('i1', 'immunization', '2026-10-01T09:00:00Z'),
    item('i2', 'immunization', '2026-10-01T08:00:00Z'),
    item('i3', 'immunization', '2026-09-01T08:00:00Z'),
  ]);
  assert.deepEqual(
    groups.map((group) => [
      group.visit?.id ?? null,
      group.day,
      ...group.rows.map((row) => row.items.map((i) => i.id).join('+')),
    ]),
    [
      ['e1', '20-Nov-2026', 'o1+o2', 'c1'],
      [null, '01-Oct-2026', 'i1', 'i2'],
      [null, '01-Sep-2026', 'i3'],
    ],
  );
});

test('a wrong value never hides in a row with right ones', () => {
  const at = '2026-11-20T09:00:00Z';
  const [group] = groupTimeline([
    item('o1', 'observation', at),
    item('o2', 'observation', at, { status: 'entered_in_error' }),
    item('o3', 'observation', at),
  ]);
  assert.deepEqual(
    group?.rows.map((row) => row.items.length),
    [1, 1, 1],
  );
});

test('the order of the server stays and nothing is lost', () => {
  const items = Array.from({ length: 60 }, (_, i) =>
    item(
      `x${i}`,
      i % 7 === 0 ? 'encounter' : 'observation',
      `2026-01-${String(28 - (i % 28)).padStart(2, '0')}T00:00:00Z`,
      {
        encounter_id: i % 3 === 0 ? `e${i % 4}` : null,
      },
    ),
  );
  const out = groupTimeline(items).flatMap((group) => [
    ...group.rows.flatMap((row) => row.items.map((i) => i.id)),
    ...(group.visit ? [group.visit.id] : []),
  ]);
  assert.deepEqual([...out].sort(), items.map((i) => i.id).sort());
});

test('a time that is not known has no day', () => {
  const [group] = groupTimeline([item('c', 'condition', '', { at: null, recorded: null })]);
  assert.equal(group?.day, '');
});

test('numbers in a detail are written as everywhere else', () => {
  /** @param {string} kind @param {string} detail */
  const shown = (kind, detail) => detailText({ kind, detail }).replaceAll('\u00a0', ' ');
  assert.equal(shown('observation', '134.250001/83.10 mmHg'), '134.25/83.10 mmHg');
  assert.equal(
    shown('observation', 'Systolic 134 mm[Hg], Pulse 80 /min'),
    'Systolic 134 mmHg, Pulse 80 /min',
  );
  assert.equal(shown('observation', '174.88922425470204 cm'), '174.89 cm');
  assert.equal(shown('observation', '3.8123456 {score}'), '3.81');
  assert.equal(shown('observation', '3.8123456'), '3.81');
  assert.equal(shown('medication_request', '500.0 mg · headache'), '500 mg · headache');
  assert.equal(shown('medication_request', '50 mcg'), '50 micrograms');
  assert.equal(shown('procedure', 'Room 4.0 left'), 'Room 4.0 left');
});

test('a visit without words of its own is called by its setting, in the language of the page', () => {
  const visit = { title: null, class: 'urgent_care' };
  for (const [language, name] of [
    ['en', 'Urgent care'],
    ['fr', catalogue('fr')['class.urgent_care']],
  ]) {
    speak(language);
    assert.equal(titleOf(visit, t), name);
  }
  assert.equal(titleOf({ title: 'Ambulatory', class: 'ambulatory' }, t), 'Ambulatory');
  speak();
});
