// The first rows of a CSV file, read in the browser, so that a person can say which column is
// which before anything is sent.

/** What a column of the file can be. The keys are those of the import's `mapping`. */
export const TARGETS = /** @type {const} */ ([
  'family',
  'given',
  'prefix',
  'birth_date',
  'sex',
  'phone',
  'email',
  'identifier',
  'line',
  'city',
  'district',
  'state',
  'postal_code',
  'country',
  'deceased_recorded',
]);

/** @typedef {(typeof TARGETS)[number]} Target */

/** Words in a heading that tell what the column is; the first target that fits wins. */
/** @type {[Target, RegExp][]} */
const HINTS = [
  ['family', /^(last|family|sur)[\s_-]*(name)?$|^(nom|apellidos?|nachname)$/],
  ['given', /^(first|given|fore)[\s_-]*(names?)?$|^(prenom|nombre|vorname)$/],
  ['prefix', /^(prefix|title)$/],
  ['birth_date', /^(birth[\s_-]*(date|day)?|dob|date[\s_-]*of[\s_-]*birth|born)$/],
  ['sex', /^(sex|gender)$/],
  ['phone', /(phone|mobile|telephone|^tel$)/],
  ['email', /e-?mail/],
  ['identifier', /^(id|mrn|ssn|patient[\s_-]*(id|number|no)?|record[\s_-]*(number|no)?)$/],
  ['line', /^(address|street|line)([\s_-]*(line)?[\s_-]*1?)?$/],
  ['city', /^(city|town|village)$/],
  ['district', /^(district|county)$/],
  ['state', /^(state|region|province)$/],
  ['postal_code', /^(zip|post(al)?[\s_-]*code|postcode)([\s_-]*code)?$/],
  ['country', /^country$/],
  ['deceased_recorded', /^(death[\s_-]*date|date[\s_-]*of[\s_-]*death|deceased|died)$/],
];

/**
 * @param {string} text the beginning of the file; a last row that is cut off is dropped
 * @param {boolean} whole whether the text is the whole file
 * @returns {{ headings: string[], rows: string[][] }}
 */
export function readHead(text, whole) {
  const source = text.replace(/^\uFEFF/, '');
  const delimiter = delimiterOf(source);
  const rows = parseRows(source, delimiter);
  if (!whole && rows.length > 1) rows.pop();
  const [headings = [], ...rest] = rows.filter((row) => row.some((cell) => cell !== ''));
  return { headings: headings.map((cell) => cell.trim()), rows: rest.slice(0, 3) };
}

/** Which column is probably what. @param {string[]} headings @returns {Partial<Record<Target, string>>} */
export function guessMapping(headings) {
  /** @type {Partial<Record<Target, string>>} */
  const mapping = {};
  for (const [target, hint] of HINTS) {
    const heading = headings.find((one) => hint.test(one.trim().toLowerCase()));
    if (heading !== undefined) mapping[target] = heading;
  }
  return mapping;
}

/** The sign that most often stands in the first line. @param {string} text */
function delimiterOf(text) {
  const line = text.split('\n', 1)[0] ?? '';
  const count = (/** @type {string} */ sign) => line.split(sign).length;
  return [',', ';', '\t', '|'].reduce((best, sign) => (count(best) < count(sign) ? sign : best));
}

/** @param {string} text @param {string} delimiter */
function parseRows(text, delimiter) {
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      row.push(cell.replace(/\r$/, ''));
      rows.push(row);
      row = [];
      cell = '';
    } else cell += char;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}
