// Message catalogues as the browser loads them, for tests of texts.

import { readFileSync, readdirSync } from 'node:fs';

import { LANGUAGES, setMessages } from '../../../../assets/lib/i18n.js';

export const ASSETS = new URL('../../../../assets/', import.meta.url);
const PARTS = ['', '.door', '.record', '.audit', '.admin', '.notify', '.system'];

/** @param {string} language @returns {Record<string, string>} */
export function catalogue(language, parts = PARTS) {
  return Object.assign(
    {},
    ...parts.map((part) =>
      JSON.parse(readFileSync(new URL(`i18n/${language}${part}.json`, ASSETS), 'utf8')),
    ),
  );
}

/** @param {string} [language] */
export function speak(language = 'en') {
  setMessages(language, catalogue(language));
}

/** Codes of all languages. */
export const CODES = LANGUAGES.map((one) => one.code);

/** @param {URL} [folder] @returns {string[]} text of every module of ours */
export function sources(folder = ASSETS) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const url = new URL(entry.name + (entry.isDirectory() ? '/' : ''), folder);
    if (entry.isDirectory()) {
      return ['vendor', 'dev', 'types', 'i18n', 'css'].includes(entry.name) ? [] : sources(url);
    }
    return entry.name.endsWith('.js') ? [readFileSync(url, 'utf8')] : [];
  });
}
