// Which curves stand together. Only curves with one unit and one scale share a picture; the
// rest are stacked above one time axis.

/** @typedef {import('../types/record.js').Series} Series */
/**
 * @typedef {object} Chart
 * @property {string} key
 * @property {string} [title] message key; the series' own title when left out
 * @property {Series[]} series at most four, one unit
 * @property {boolean} pressure systolic and diastolic, drawn as joined bars
 */
/** @typedef {{ key: string, charts: Chart[] }} Group */

const SYSTOLIC = '8480-6';
const DIASTOLIC = '8462-4';

/** Order of the groups, and of the codes in them. @type {Record<string, string[]>} */
const GROUPS = {
  vital: [
    SYSTOLIC,
    DIASTOLIC,
    '8867-4',
    '8310-5',
    '8331-1',
    '9279-1',
    '59408-5',
    '2708-6',
    '72514-3',
  ],
  body: ['29463-7', '8302-2', '39156-5', '59576-9', '8287-5', '9843-4', '77606-2'],
  sugar: ['4548-4', '2339-0', '2345-7', '1558-6', '14959-1'],
  kidney: ['33914-3', '38483-4', '2160-0', '6299-2', '3094-0'],
  salts: [
    '2947-0',
    '2951-2',
    '6298-4',
    '2823-3',
    '2069-3',
    '2075-0',
    '20565-8',
    '2028-9',
    '49765-1',
    '17861-6',
  ],
  lipids: ['2093-3', '18262-6', '2085-9', '2571-8'],
  blood: [
    '718-7',
    '4544-3',
    '20570-8',
    '6690-2',
    '789-8',
    '777-3',
    '787-2',
    '785-6',
    '786-4',
    '21000-5',
    '32207-3',
    '32623-1',
  ],
  liver: ['1742-6', '1920-8', '6768-6', '1975-2', '2885-2', '1751-7', '10834-0'],
};

/** Codes that share a picture when their units agree. */
const TOGETHER = [{ key: 'lipids', title: 'chart.lipids', codes: GROUPS.lipids ?? [] }];

/**
 * @param {Series[]} all
 * @returns {Group[]} only groups that have something
 */
export function groupSeries(all) {
  const left = new Set(all);
  /** @type {Group[]} */
  const groups = [];
  for (const [key, codes] of Object.entries(GROUPS)) {
    const mine = all.filter((one) => one.code && codes.includes(one.code));
    mine.sort((a, b) => codes.indexOf(a.code ?? '') - codes.indexOf(b.code ?? ''));
    for (const one of mine) left.delete(one);
    if (mine.length > 0) groups.push({ key, charts: chartsOf(mine) });
  }
  const rest = [...left].sort((a, b) => a.title.localeCompare(b.title));
  if (rest.length > 0) groups.push({ key: 'other', charts: rest.map(alone) });
  return groups;
}

/** @param {Series[]} series @returns {Chart[]} */
function chartsOf(series) {
  const charts = [];
  const left = [...series];
  const pressure = takePressure(left);
  if (pressure) charts.push(pressure);
  for (const { key, title, codes } of TOGETHER) {
    const mine = left.filter((one) => codes.includes(one.code ?? '') && one.unit === left[0]?.unit);
    if (mine.length < 2) continue;
    for (const one of mine) left.splice(left.indexOf(one), 1);
    charts.push({ key, title, series: mine.slice(0, 4), pressure: false });
    left.push(...mine.slice(4));
  }
  return [...charts, ...left.map(alone)];
}

/** @param {Series[]} left the pair is taken out of it @returns {Chart | null} */
function takePressure(left) {
  const systolic = left.find((one) => one.code === SYSTOLIC);
  const diastolic = left.find((one) => one.code === DIASTOLIC && one.unit === systolic?.unit);
  if (!systolic || !diastolic) return null;
  left.splice(left.indexOf(systolic), 1);
  left.splice(left.indexOf(diastolic), 1);
  const series = [systolic, diastolic];
  return { key: 'pressure', title: 'chart.pressure', series, pressure: true };
}

/** @param {Series} series @returns {Chart} */
function alone(series) {
  return {
    key: `${series.system}|${series.code}|${series.unit}|${series.title}`,
    series: [series],
    pressure: false,
  };
}

/**
 * Rows of one time for a picture: a column per series, null where one has no value.
 * @param {Series[]} series
 * @returns {{ times: number[], columns: (number | null)[][] }}
 */
export function align(series) {
  /** @type {Map<number, (number | null)[]>} */
  const rows = new Map();
  for (const [i, one] of series.entries()) {
    for (const point of one.points) {
      const at = Date.parse(point.at);
      const value = Number(point.value);
      if (Number.isNaN(at) || Number.isNaN(value)) continue;
      const row = rows.get(at) ?? series.map(() => null);
      row[i] = value;
      rows.set(at, row);
    }
  }
  const times = [...rows.keys()].sort((a, b) => a - b);
  const columns = series.map((_, i) => times.map((at) => rows.get(at)?.[i] ?? null));
  return { times, columns };
}

/**
 * The time that all pictures of a page share. A single moment gets a day around it.
 * @param {Series[]} all @param {number | null} spanMs null for everything
 * @param {number} now
 * @returns {[number, number]}
 */
export function sharedSpan(all, spanMs, now) {
  if (spanMs !== null) return [now - spanMs, now];
  let first = Infinity;
  let last = -Infinity;
  for (const one of all) {
    for (const point of one.points) {
      const at = Date.parse(point.at);
      first = Math.min(first, at);
      last = Math.max(last, at);
    }
  }
  if (first > last) return [now - 86_400_000, now];
  const edge = Math.max((last - first) * 0.02, 43_200_000);
  return [first - edge, last + edge];
}
