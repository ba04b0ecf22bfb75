// The latest value of each kind, for the summary: vital signs first, then what came in last.

/** @typedef {import('../types/record.js').Series} Series */
/** @typedef {{ key: string, title: string | null, series: Series[] }} Latest two for a pressure */

const VITALS = [
  ['8480-6', '8462-4'],
  ['8867-4'],
  ['8310-5', '8331-1'],
  ['9279-1'],
  ['59408-5', '2708-6'],
  ['29463-7'],
  ['8302-2'],
  ['39156-5'],
  ['72514-3'],
];
const OTHERS_MAX = 4;

/**
 * @param {Series[]} all
 * @returns {{ rows: Latest[], left: number }} `left` counts the kinds that are not shown
 */
export function latestRows(all) {
  /** @type {Latest[]} */
  const rows = [];
  const rest = new Set(all);
  for (const codes of VITALS) {
    const mine = all.filter((one) => one.code && codes.includes(one.code)).sort(byTime);
    const [first] = mine;
    if (!first) continue;
    if (codes[0] === '8480-6' && isPressure(mine)) {
      const pair = [...mine].sort(
        (a, b) => codes.indexOf(a.code ?? '') - codes.indexOf(b.code ?? ''),
      );
      rows.push({ key: 'pressure', title: 'chart.pressure', series: pair });
    } else {
      rows.push(...mine.map((one) => ({ key: keyOf(one), title: null, series: [one] })));
    }
    for (const one of mine) rest.delete(one);
  }
  const others = [...rest].sort(byTime);
  for (const one of others.slice(0, OTHERS_MAX)) {
    rows.push({ key: keyOf(one), title: null, series: [one] });
  }
  return { rows, left: Math.max(0, others.length - OTHERS_MAX) };
}

/** Both parts of one measurement. @param {Series[]} mine */
function isPressure(mine) {
  return (
    mine.length === 2 && mine[0]?.last.at === mine[1]?.last.at && mine[0]?.unit === mine[1]?.unit
  );
}

/** @param {Series} one */
function keyOf(one) {
  return `${one.system}|${one.code}|${one.unit}|${one.title}`;
}

/** The newest first. @param {Series} a @param {Series} b */
function byTime(a, b) {
  return b.last.at.localeCompare(a.last.at);
}
