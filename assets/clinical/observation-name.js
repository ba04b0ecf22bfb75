// Names of laboratory tests as one says them. Sources name them with property, specimen and
// method: `Glucose [Mass/volume] in Serum or Plasma by Test strip`. The short name leaves out
// only what the unit says anyway and how it was measured; it keeps every word that could make
// it another test, and where two names of a list would become one, both stay whole.

import { html, signal } from '../lib/ui.js';

/** Whether all names are shown as they were recorded. */
export const fullNames = signal(false);

/** Properties that the unit of the value says too. */
const SAID_BY_UNIT = oneOf(
  '(mass|moles|units|arbitrary concentration|enzymatic activity|#)/volume',
  'entitic \\w+|volume fraction|score',
);
/** Other properties, which stay as a word. */
const KEPT = oneOf('presence|ratio|percentile|partial pressure|time|class|type|[zt]-score');
/** What blood tests are done on when nothing else is said. */
const USUAL = oneOf(
  'serum|plasma|blood|serum or plasma|serum, plasma or blood|platelet poor plasma',
);
const OTHER = oneOf(
  'urine|stool|saliva|sputum|semen|nail bed|nasopharynx|throat|([\\w ]+ )?specimen',
  '(arterial|venous|capillary|cord) blood',
  '(cerebral spinal|body|synovial|peritoneal|pleural) fluid',
);
/** Ways of measuring that make it another measurement for a reader. */
const TELLING_METHOD = oneOf('pulse oximetry');

const SHAPE = new RegExp(
  '^(?<what>.+?)' +
    '(?: \\[(?<property>[^\\]]+)\\])?' +
    '(?: (?:in|of) (?<specimen>.+?))?' +
    '(?: by (?<method>.+))?$',
);

/** The whole text, in any case. @param {...string} choices */
function oneOf(...choices) {
  return new RegExp(`^(?:${choices.join('|')})$`, 'i');
}

/**
 * @param {string} recorded
 * @returns {string} shorter, or the same when its parts are not understood
 */
export function shortName(recorded) {
  const plain = recorded.replace(/\u200b/g, '').trim();
  const { what = '', property, specimen, method } = SHAPE.exec(plain)?.groups ?? {};
  const known =
    (!property || SAID_BY_UNIT.test(property) || KEPT.test(property)) &&
    (!specimen || USUAL.test(specimen) || OTHER.test(specimen));
  // `by` and `in` are also words of plain language: a property or a specimen must vouch for them.
  if (!what || !known || (!property && !specimen)) return spelled(plain);
  const told = method && TELLING_METHOD.test(method);
  const notes = [
    property && KEPT.test(property) && lower(property),
    told && lower(method),
  ].filter(Boolean);
  const from = specimen && !told && OTHER.test(specimen) ? `, ${lower(specimen)}` : '';
  return `${spelled(what)}${from}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

/** Dots and bodies of formulas as words. @param {string} text */
function spelled(text) {
  return text
    .replace('/Hemoglobin.total', '')
    .replace(/ \[Score\](?: - Reported)?$/, '')
    .replace(/\/1\.73 sq M\.predicted\b/, ' (predicted)')
    .replace(/(\w{2,}|\b[A-Z])\.([a-z]{3,})/g, '$1, $2');
}

/** @param {string} text */
function lower(text) {
  return text.toLowerCase();
}

/**
 * Short names of a list in which no two different tests are called the same.
 * @param {Iterable<string | null | undefined>} recorded
 * @returns {(name: string | null | undefined) => string}
 */
export function namesOf(recorded) {
  /** @type {Map<string, string>} */
  const shorts = new Map();
  /** @type {Map<string, number>} */
  const uses = new Map();
  for (const name of new Set(recorded)) {
    if (!name) continue;
    const short = shortName(name);
    shorts.set(name, short);
    uses.set(short, (uses.get(short) ?? 0) + 1);
  }
  return (name) => {
    if (!name || fullNames.value) return name ?? '';
    const short = shorts.get(name) ?? shortName(name);
    return (uses.get(short) ?? 0) > 1 ? name : short;
  };
}

/**
 * The name in a list; the recorded one on pointing at it, and everywhere when one asks for it.
 * @param {{ recorded: string | null | undefined,
 *   name?: (recorded: string | null | undefined) => string }} props
 *   `name` from `namesOf` the list
 */
export function ObservationName({ recorded, name = namesOf([]) }) {
  const shown = name(recorded);
  return html`<bdi dir="auto" title=${shown === recorded ? undefined : recorded}>${shown}</bdi>`;
}
