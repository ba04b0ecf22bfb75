// Messages: `t(key, slots)` over one JSON catalogue per language, in a small part of ICU
// message format: {name}, {count, plural, one {# bed} other {# beds}}, {sex, select, …}.

/** @typedef {Record<string, string | number | null | undefined>} Slots */
/** @typedef {(slots: Slots, count: number | null) => string} Piece */

/**
 * The languages of the product, each named in itself. The server knows the same ones.
 * @type {{ code: string, name: string, dir: 'ltr' | 'rtl' }[]}
 */
export const LANGUAGES = [
  { code: 'en', name: 'English', dir: 'ltr' },
  { code: 'fr', name: 'Français', dir: 'ltr' },
  { code: 'ar', name: 'العربية', dir: 'rtl' },
];

/** Catalogue files of a language, later ones win: parts of the product keep their own. */
const PARTS = ['', '.door', '.record', '.audit', '.admin'];

/** Resolved when the language of the page is there. @type {(value?: unknown) => void} */
let languageIsThere = () => {};
const languageLoads = new Promise((resolve) => {
  languageIsThere = resolve;
});

/** @type {Record<string, string>} */
let messages = {};
let locale = 'en';
/** @type {Intl.NumberFormat | null} */
let numbers = null;
/** @type {Map<string, Piece>} */
const compiled = new Map();

/**
 * Replaces the catalogue, as the loader and the unit tests do.
 * @param {string} language BCP 47, like `en`
 * @param {Record<string, string>} catalogue
 */
export function setMessages(language, catalogue) {
  locale = language;
  numbers = null;
  messages = catalogue;
  compiled.clear();
}

/** The language of the page, for `Intl`. */
export function language() {
  return locale;
}

/** The way in which the language of the page is written. */
export function direction() {
  return LANGUAGES.find((one) => one.code === locale)?.dir ?? 'ltr';
}

/**
 * Loads a language before the first paint.
 * @param {string} code
 */
export async function loadLanguage(code) {
  const files = await Promise.all(PARTS.map((part) => catalogue(code, part)));
  setMessages(code, Object.assign({}, ...files));
  languageIsThere();
}

/** @param {string} code @param {string} part @returns {Promise<Record<string, string>>} */
async function catalogue(code, part) {
  const reply = await fetch(new URL(`../i18n/${code}${part}.json`, import.meta.url));
  if (!reply.ok) throw new Error(`language file ${code}${part}: ${reply.status}`);
  return reply.json();
}

/**
 * A screen that few open, with the texts that only it has.
 * @template T
 * @param {string} part the catalogue, like `.system`
 * @param {Promise<T>} screen
 * @returns {Promise<T>}
 */
export async function withTexts(part, screen) {
  const texts = async () => {
    await languageLoads;
    Object.assign(messages, await catalogue(locale, part));
  };
  const [loaded] = await Promise.all([screen, texts()]);
  return loaded;
}

/**
 * The text of a message. A key without a message shows itself, so that a gap is seen and
 * nothing breaks; the unit tests fail on such a gap.
 * @param {string} key
 * @param {Slots} [slots]
 */
export function t(key, slots = {}) {
  const source = messages[key];
  if (source === undefined) return key;
  let piece = compiled.get(key);
  if (!piece) {
    piece = compile(source);
    compiled.set(key, piece);
  }
  return piece(slots, null);
}

/** @param {string} key */
export function has(key) {
  return messages[key] !== undefined;
}

/**
 * A number with the separators of the language and Latin digits.
 * @param {number} value
 */
export function number(value) {
  // Most are ages and small counts; to make a formatter costs more than to draw a row.
  if (Number.isInteger(value) && 0 <= value && value < 1000) return String(value);
  numbers ??= new Intl.NumberFormat(`${locale}-u-nu-latn`);
  return numbers.format(value);
}

/**
 * @param {string} source
 * @returns {Piece}
 */
function compile(source) {
  const reader = { source, at: 0 };
  const piece = sequence(reader);
  if (reader.at !== source.length) throw new Error(`stray } in message: ${source}`);
  return piece;
}

/**
 * Text and slots up to the closing brace or the end.
 * @param {{ source: string, at: number }} reader
 * @returns {Piece}
 */
function sequence(reader) {
  /** @type {Piece[]} */
  const pieces = [];
  let text = '';
  const flush = () => {
    const parts = text.split('#');
    if (text)
      pieces.push((_, count) => (count === null ? parts.join('#') : parts.join(number(count))));
    text = '';
  };
  while (reader.at < reader.source.length && reader.source[reader.at] !== '}') {
    const char = reader.source[reader.at];
    if (char === '{') {
      flush();
      reader.at += 1;
      pieces.push(slot(reader));
    } else {
      text += char;
      reader.at += 1;
    }
  }
  flush();
  return (slots, count) => pieces.map((piece) => piece(slots, count)).join('');
}

/**
 * One `{…}`, the opening brace already read.
 * @param {{ source: string, at: number }} reader
 * @returns {Piece}
 */
function slot(reader) {
  const head = word(reader);
  if (take(reader, '}')) return (slots) => shown(slots[head]);
  take(reader, ',');
  const kind = word(reader);
  take(reader, ',');
  /** @type {Map<string, Piece>} */
  const cases = new Map();
  while (!take(reader, '}')) {
    const name = word(reader);
    if (!name || !take(reader, '{')) throw new Error(`broken message: ${reader.source}`);
    cases.set(name, sequence(reader));
    take(reader, '}');
  }
  const other = cases.get('other');
  if (!other) throw new Error(`message without other: ${reader.source}`);
  if (kind === 'select') {
    return (slots, count) => (cases.get(String(slots[head])) ?? other)(slots, count);
  }
  const rules = new Intl.PluralRules(locale);
  return (slots) => {
    const count = Number(slots[head]);
    const chosen = cases.get(`=${count}`) ?? cases.get(rules.select(count)) ?? other;
    return chosen(slots, count);
  };
}

/** @param {{ source: string, at: number }} reader */
function word(reader) {
  const found = /^\s*([\w=.-]*)\s*/.exec(reader.source.slice(reader.at));
  reader.at += found ? found[0].length : 0;
  return found?.[1] ?? '';
}

/** @param {{ source: string, at: number }} reader @param {string} char */
function take(reader, char) {
  const rest = /^\s*/.exec(reader.source.slice(reader.at))?.[0].length ?? 0;
  if (reader.source[reader.at + rest] !== char) return false;
  reader.at += rest + 1;
  return true;
}

/** @param {string | number | null | undefined} value */
function shown(value) {
  if (value === null || value === undefined) return '';
  return typeof value === 'number' ? number(value) : value;
}
