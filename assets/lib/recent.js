// Patients of this session: whom one opened and whom one registered. Only in the memory of the
// page; another person starts with a new page and so with nothing.

import { signal } from './ui.js';

/** @typedef {import('../types/ui.js').Patient} Patient */

const MOST = 8;

/** @type {import('./ui.js').Signal<Patient[]>} */
export const opened = signal([]);
/** @type {import('./ui.js').Signal<Patient[]>} */
export const registered = signal([]);

/** The record of the patient was opened, or is known better now. @param {Patient} patient */
export function noteOpened(patient) {
  note(opened, patient);
  const mine = registered.peek();
  if (mine.some((one) => one.id === patient.id)) {
    registered.value = mine.map((one) => (one.id === patient.id ? patient : one));
  }
}

/** @param {Patient} patient */
export function noteRegistered(patient) {
  note(registered, patient);
}

/** @param {import('./ui.js').Signal<Patient[]>} list @param {Patient} patient */
function note(list, patient) {
  const others = list.peek().filter((one) => one.id !== patient.id);
  list.value = [patient, ...others].slice(0, MOST);
}
