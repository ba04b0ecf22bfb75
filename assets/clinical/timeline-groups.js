// Rows of the timeline as people read them: under the visit in which they happened, otherwise
// under their day; values of one moment in one row. Nothing is left out or reordered.

import { displayDecimal, doseText, doseUnitText, unitText } from '../lib/decimal.js';
import { civilText, recordedParts } from '../lib/format.js';

/** @typedef {import('../types/record.js').TimelineItem} TimelineItem */
/** @typedef {{ key: string, kind: string, items: TimelineItem[] }} Row one, or values together */
/**
 * @typedef {object} Group
 * @property {string} key
 * @property {TimelineItem | null} visit the visit that the rows belong to, when it is loaded
 * @property {string | null} encounterId
 * @property {string} day
 * @property {Row[]} rows
 */

/**
 * @param {TimelineItem[]} items newest first
 * @returns {Group[]} in the same order
 */
export function groupTimeline(items) {
  /** @type {Group[]} */
  const groups = [];
  for (const item of items) {
    const encounterId = item.kind === 'encounter' ? item.id : item.encounter_id;
    const day = dayOf(item);
    let group = groups.at(-1);
    const same =
      group &&
      (encounterId ? group.encounterId === encounterId : !group.encounterId && group.day === day);
    if (!group || !same) {
      group = { key: item.id, visit: null, encounterId, day, rows: [] };
      groups.push(group);
    }
    if (item.kind === 'encounter') {
      group.visit = item;
      // A visit stands on the day on which it began.
      group.day = day;
    } else {
      addRow(group.rows, item);
    }
  }
  return groups;
}

/** @param {Row[]} rows @param {TimelineItem} item */
function addRow(rows, item) {
  const last = rows.at(-1);
  const joins =
    item.kind === 'observation' &&
    item.status !== 'entered_in_error' &&
    last?.kind === 'observation' &&
    last.items[0]?.at === item.at &&
    last.items[0]?.status === item.status;
  if (last && joins) last.items.push(item);
  else rows.push({ key: item.id, kind: item.kind, items: [item] });
}

/** @param {TimelineItem} item */
function dayOf(item) {
  const parts = recordedParts(item.recorded, item.at);
  return parts ? civilText(parts.date) : '';
}

/** A number with its unit in words that the server put together. */
const QUANTITY = /(?<![\w.])(-?\d+(?:\.\d+)?) ([^\s,·;]+)/g;
/** A long number alone, as a score has it. */
const NOISE = /(?<![\w.,])-?\d+\.\d{5,}/g;

/**
 * What an entry is called: a visit without words of its own by its setting, a word of the server.
 * @param {{ title: string | null, class: string | null }} item
 * @param {(key: string) => string} say
 */
export function titleOf({ title, class: setting }, say) {
  return title ?? (setting ? say(`class.${setting}`) : '');
}

/**
 * What a row says of itself, its numbers and units written as everywhere else: results keep
 * their digits, doses lose the zeros that could be misread.
 * @param {{ kind: string, detail: string | null }} item
 */
export function detailText({ kind, detail }) {
  if (!detail) return '';
  if (kind === 'medication_request') {
    return detail.replace(QUANTITY, (_all, value, unit) => {
      return `${doseText(value)}\u00a0${doseUnitText(unit)}`;
    });
  }
  if (kind !== 'observation') return detail;
  return detail
    .replace(QUANTITY, (_all, value, unit) =>
      [displayDecimal(value).text, unitText(unit)].filter(Boolean).join('\u00a0'),
    )
    .replace(NOISE, (value) => displayDecimal(value).text);
}
