// Who is signed in and what they may do. The only place that holds the session.

import { computed, signal } from './ui.js';
import { hearServerTime, zone } from './time.js';

/** @typedef {import('../types/ui.js').Session} Session */

/** @type {import('./ui.js').Signal<Session | null>} */
export const session = signal(null);

/** Name of the hospital, for the header and the lock. */
export const hospital = computed(() => session.value?.hospital.name ?? '');

/** @param {Session | null} data */
export function setSession(data) {
  if (data) {
    zone.value = data.hospital.time_zone || 'UTC';
    hearServerTime(data.server_time);
  }
  session.value = data;
}

/**
 * Whether the person signed in may do something; empty means everybody.
 * @param {string | null | undefined} permission like `patients.write`
 */
export function can(permission) {
  if (!permission) return true;
  return session.value?.permissions.includes(permission) ?? false;
}
