// What a person typed into the search, taken apart for a registration.

import { readDate } from './date-input.js';

/**
 * Words are the family name and then given names, long runs of digits a phone, and what reads
 * as a date or a year the birth.
 * @param {string} text
 * @param {import('./format.js').CivilDate} today
 * @returns {{ family: string, given: string, born: string, phone: string }}
 */
export function splitTyped(text, today) {
  const parts = { family: '', given: '', born: '', phone: '' };
  /** @type {string[]} */
  const names = [];
  for (const word of text.replaceAll(',', ' ').trim().split(/\s+/).filter(Boolean)) {
    if (!/\d/.test(word)) names.push(capital(word));
    else if (!parts.born && isBirth(word, today)) parts.born = word;
    else if (word.replace(/\D/g, '').length >= 6) parts.phone = `${parts.phone} ${word}`.trim();
  }
  parts.family = names[0] ?? '';
  parts.given = names.slice(1).join(' ');
  return parts;
}

/** @param {string} word @param {import('./format.js').CivilDate} today */
function isBirth(word, today) {
  const typed = readDate(word, { today, birth: true });
  if (typed.kind === 'choose') return true;
  return (
    typed.kind === 'date' && Number(typed.iso.slice(0, 4)) <= today.year && typed.iso >= '1880'
  );
}

/** A name typed in small letters begins with a capital; any other spelling is meant so. */
function capital(/** @type {string} */ word) {
  if (word !== word.toLocaleLowerCase()) return word;
  return word.replace(/^\p{L}|(?<=[-'’])\p{L}/gu, (letter) => letter.toLocaleUpperCase());
}
