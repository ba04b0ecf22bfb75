// Words for roles and permissions. Built-in roles are called in the reader's language, roles of
// the hospital's own as it has named them.

import { t } from './i18n.js';

/** The roles that the program brings along, in its order. */
export const BUILT_IN = [
  'administrator',
  'reception',
  'nurse',
  'clinician',
  'pharmacist',
  'laboratory',
  'cashier',
  'privacy_officer',
  'integration',
];

/** The command line acts without a role. */
const NAMED = [...BUILT_IN, 'machine'];

/** Whose records a role can reach, the widest first. */
export const REACHES = ['everybody', 'facility', 'departments'];

/** @param {{ code: string, name?: string | null }} role */
export function roleName({ code, name }) {
  return NAMED.includes(code) ? t(`role.${code}`) : name || code;
}

/** What whoever holds the permission may do. @param {string} code like `patients.write` */
export function permissionText(code) {
  return t(`permission.${code.replaceAll('.', '_')}`);
}

/** @param {string} area the part of a permission before the point */
export function areaText(area) {
  return t(`area.${area}`);
}

/**
 * Permissions under what they are about, both in the order in which they come.
 * @template {{ area: string }} T
 * @param {T[]} permissions
 * @returns {[string, T[]][]}
 */
export function byArea(permissions) {
  /** @type {Map<string, T[]>} */
  const areas = new Map();
  for (const one of permissions) areas.set(one.area, [...(areas.get(one.area) ?? []), one]);
  return [...areas];
}

/**
 * What a change gives and takes.
 * @param {string[]} before @param {string[]} after
 */
export function difference(before, after) {
  return {
    gains: after.filter((code) => !before.includes(code)),
    loses: before.filter((code) => !after.includes(code)),
  };
}

/**
 * A short name for a role called `name`: what programs call it.
 * @param {string} name
 */
export function codeFor(name) {
  const plain = name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40);
}
