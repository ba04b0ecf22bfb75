// The four states of what is known about allergies. They never mix: nothing recorded is not
// the same as none known, and an answer that did not come is neither.

import { isError } from './status.js';

/** @typedef {import('../types/record.js').Allergy} Allergy */
/** @typedef {import('../types/ui.js').Patient} Patient */
/**
 * @typedef {{ state: 'loading' }
 *   | { state: 'unavailable' }
 *   | { state: 'hidden' }
 *   | { state: 'known', allergies: Allergy[], complete: boolean }
 *   | { state: 'none_known', at: string, by: string | null }
 *   | { state: 'not_recorded' }} AllergyState
 */

/**
 * @param {import('../lib/resource.js').Loaded<{ items: Allergy[], complete: boolean }>} loaded
 * @param {Pick<Patient, 'allergies_reviewed_at' | 'allergies_reviewed_by'>} patient
 * @returns {AllergyState}
 */
export function allergyState(loaded, patient) {
  if (loaded.state === 'forbidden') return { state: 'hidden' };
  if (!loaded.data) return { state: loaded.state === 'loading' ? 'loading' : 'unavailable' };
  const { items } = loaded.data;
  // A renewal that failed leaves what was known, but nobody can say that it is still all.
  const complete = loaded.data.complete && loaded.state !== 'failed';
  const allergies = items.filter(countsAsKnown).sort(bySeverity);
  if (allergies.length > 0) return { state: 'known', allergies, complete };
  // A part of a list without an allergy says nothing about the rest of it.
  if (!complete) return { state: 'unavailable' };
  if (patient.allergies_reviewed_at) {
    const by = patient.allergies_reviewed_by ?? null;
    return { state: 'none_known', at: patient.allergies_reviewed_at, by };
  }
  return { state: 'not_recorded' };
}

/** A warning that still holds. @param {Allergy} allergy */
export function countsAsKnown(allergy) {
  if (isError(allergy) || allergy.verification === 'refuted') return false;
  return allergy.status !== 'resolved' && allergy.status !== 'inactive';
}

/** The most dangerous first. @param {Allergy} a @param {Allergy} b */
function bySeverity(a, b) {
  return weight(b) - weight(a);
}

/** @param {Allergy} allergy */
function weight({ severity, criticality }) {
  const level = { severe: 3, moderate: 2, mild: 1 }[severity ?? ''] ?? 0;
  return level + (criticality === 'high' ? 4 : 0);
}
