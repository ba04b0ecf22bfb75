// What this workstation is for, when it locks, and whether single letters are keys. Kept in the
// browser of the PC; nothing of a patient and nothing of a person.

import { signal } from './ui.js';
import { keep, kept } from './prefs.js';
import { session } from './session.js';

/** @typedef {'reception' | 'ward' | 'office'} Workplace */

/** Minutes without anybody until the page locks. @type {Record<Workplace, number>} */
export const LOCK_DEFAULTS = { reception: 5, ward: 3, office: 10 };
/** What one may choose instead. */
export const LOCK_CHOICES = [1, 2, 3, 5, 10, 15, 30];

/** Where a role works when nobody has said what the workstation is for. */
const WORKPLACE_OF_ROLE = new Map([
  ['administrator', 'office'],
  ['reception', 'reception'],
]);

/** What somebody chose for this workstation. @type {import('./ui.js').Signal<Workplace | null>} */
const chosenPlace = signal(null);
/** @type {import('./ui.js').Signal<number | null>} */
const chosenMinutes = signal(null);
/** Whether single letters are keys; screen readers and speech input need them off. */
export const shortcuts = signal(true);

/** Reads what is kept. */
export function startWorkstation() {
  const place = kept('workplace');
  if (place && place in LOCK_DEFAULTS) chosenPlace.value = /** @type {Workplace} */ (place);
  const minutes = Number(kept('lock_minutes'));
  if (LOCK_CHOICES.includes(minutes)) chosenMinutes.value = minutes;
  shortcuts.value = kept('shortcuts') !== 'off';
}

/** What this workstation is for: what was chosen, or what the role suggests. */
export function workplace() {
  const suggested = WORKPLACE_OF_ROLE.get(session.value?.user.role ?? '') ?? 'ward';
  return chosenPlace.value ?? /** @type {Workplace} */ (suggested);
}

/** Minutes after which the hospital locks every page of somebody like this. */
export function lockMinutesMax() {
  return session.value?.lock_minutes ?? 60;
}

/** Minutes without anybody until the page locks: what was chosen, never more than allowed. */
export function lockMinutes() {
  return Math.min(chosenMinutes.value ?? LOCK_DEFAULTS[workplace()], lockMinutesMax());
}

/** @param {Workplace} place its own lock time comes with it */
export function setWorkplace(place) {
  chosenPlace.value = place;
  keep('workplace', place);
  setLockMinutes(null);
}

/** @param {number | null} minutes null for that of the workplace */
export function setLockMinutes(minutes) {
  chosenMinutes.value = minutes;
  keep('lock_minutes', minutes === null ? '' : String(minutes));
}

/** @param {boolean} on */
export function setShortcuts(on) {
  shortcuts.value = on;
  keep('shortcuts', on ? 'on' : 'off');
}
