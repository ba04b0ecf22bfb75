// The first rows of a CSV file, read in the browser, so that a person can say which column is
// which before anything is sent.

/** What a column of the file can be. The keys are those of the import's `mapping`. */
export const TARGETS = /** @type {const} */ ([
  'family',
  'given',
  'name',
  'birth_date',
  'sex',
  'phone',
  'email',
  'id',
  'mrn',
  'national_id',
  'passport',
  'prefix',
  'suffix',
  'maiden',
  'address.line',
  'address.city',
  'address.district',
  'address.state',
  'address.postal_code',
  'address.country',
  'language',
  'marital_status',
  'deceased_date',
  'contact.name',
  'contact.phone',
  'contact.relationship',
]);

/** @typedef {(typeof TARGETS)[number]} Target */

/** Headings, by letters and digits only, that tell what the column is. */
/** @type {[Target, RegExp][]} */
const HINTS = [
  ['family', /^((last|family|sur)(name)?|nom|apellidos?|nachname)$/],
  ['given', /^((first|given|fore)(names?)?|pr[eé]nom|nombre|vorname)$/],
  ['name', /^((full|patient)?name)$/],
  ['birth_date', /^(birth(date|day)?|dob|dateofbirth|born|geburtsdatum)$/],
  ['sex', /^(sex|gender|sexe|sexo|geschlecht)$/],
  ['phone', /^((mobile|cell|home)?(phone|telephone)(number)?|mobile|tel)$/],
  ['email', /^e?mail(address)?$/],
  ['id', /^(id|patientid|recid|uuid|personid)$/],
  ['mrn', /^(mrn|medicalrecordnumber|record(number|no)|hospitalnumber)$/],
  ['national_id', /^(national(id|number|no)|nin)$/],
  ['passport', /^passport(number|no)?$/],
  ['suffix', /^suffix$/],
  ['prefix', /^(prefix|title)$/],
  ['maiden', /^(maiden(name)?|birthname)$/],
  ['address.line', /^((address|street)(line)?1?|line)$/],
  ['address.city', /^(city|town|village)$/],
  ['address.district', /^(district|county)$/],
  ['address.state', /^(state|region|province)$/],
  ['address.postal_code', /^(zip(code)?|post(al)?code|plz)$/],
  ['address.country', /^(country|pays|land)$/],
  ['language', /^language$/],
  ['marital_status', /^marital(status)?$/],
  ['contact.name', /^((contact|nextofkin|nok|emergencycontact)(name)?)$/],
  ['contact.phone', /^((contact|nextofkin|nok|emergencycontact)phone)$/],
  ['contact.relationship', /^((contact|nextofkin)?relationship)$/],
  ['deceased_date', /^(death(date)?|dateofdeath|deceased(date)?|died)$/],
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

/**
 * Which column is probably what.
 * @param {string[]} headings
 * @returns {Partial<Record<Target, string>>}
 */
export function guessMapping(headings) {
  /** @type {Partial<Record<Target, string>>} */
  const mapping = {};
  for (const [target, hint] of HINTS) {
    const heading = headings.find((one) => hint.test(plain(one)));
    if (heading !== undefined) mapping[target] = heading;
  }
  return mapping;
}

/** @param {string} heading */
function plain(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
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
