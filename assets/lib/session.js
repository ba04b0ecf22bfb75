// Who is signed in and what they may do. The only place that holds the session.

import { computed, signal } from './ui.js';
import { keep, kept } from './prefs.js';
import { hearServerTime, zone } from './time.js';

/** @typedef {import('../types/ui.js').Session} Session */

/** @type {import('./ui.js').Signal<Session | null>} */
export const session = signal(null);

/** Name of the hospital, for the header and the lock. */
export const hospital = computed(() => session.value?.hospital.name ?? '');

/**
 * Whether a session can be there: its cookie is out of sight of scripts, so this browser keeps a
 * mark, with nothing of who it was. Asking in vain would log an error in the console.
 */
export function maybeSignedIn() {
  return kept('signed_in') === '1';
}

/** The server has ended the session, or knows of none. */
export function sessionEnded() {
  keep('signed_in', '');
}

/** @param {Session} data */
export function setSession(data) {
  keep('signed_in', '1');
  zone.value = data.hospital.time_zone || 'UTC';
  hearServerTime(data.server_time);
  session.value = data;
}

/**
 * Where somebody has to do something before anything else.
 * @param {Session | null} data @returns {string | null}
 */
export function doorOf(data) {
  if (data?.state === 'new_password') return '/new-password';
  return data?.state === 'enrolling' ? '/second-factor' : null;
}

/**
 * Whether the person signed in may do something; empty means everybody.
 * @param {string | null | undefined} permission like `patients.write`
 */
export function can(permission) {
  if (!permission) return true;
  return session.value?.permissions.includes(permission) ?? false;
}

/**
 * What a list brings along for this person: names that need a permission he lacks would have the
 * whole list refused.
 * @param {Record<string, string | null>} wanted the permission behind each name
 * @returns {string | undefined}
 */
export function bringing(wanted) {
  const names = Object.keys(wanted).filter((name) => can(wanted[name]));
  return names.join(',') || undefined;
}
