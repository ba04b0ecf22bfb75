// What others change in the open record shows by itself. Who the patient is and what they must
// not be given shows at once; the rest waits while somebody points at it or works in it.

import { useEffect, useRef, useState } from '../lib/ui.js';
import { watch } from '../lib/live.js';
import { isPlace } from '../lib/steady.js';
import { renew, savedLately } from './record-store.js';

/** @typedef {import('../lib/live.js').News} News */
/** @typedef {import('./record-store.js').Part} Part */

/** Parts of the record that a kind of change concerns. @type {Map<string, Part[]>} */
const PARTS = new Map([
  ['patient', ['patient']],
  ['encounter', ['encounters']],
  ['condition', ['conditions']],
  ['allergy', ['allergies']],
  ['observation', ['observations', 'series']],
  ['medication_request', ['medication-requests']],
  ['immunization', ['immunizations']],
  ['procedure', ['procedures']],
]);
const ALL = [...PARTS.values()].flat();
/** Never held back: they stand in the banner. @type {Part[]} */
const AT_ONCE = ['patient', 'allergies'];

/**
 * @param {News} one
 * @returns {Part[]} all of them when an import or a long break leaves open what changed
 */
export function partsOf(one) {
  if (one.event === 'imported') return ALL;
  return PARTS.get(one.kind ?? '') ?? ALL;
}

/**
 * @param {string} patientId
 * @param {boolean} may whether the record may be seen: else nothing is told either
 * @returns {{ waiting: number, show: () => void, box: import('../lib/steady.js').Box }}
 *   `box` goes on the element around what must not move
 */
export function useRecordNews(patientId, may) {
  const held = useRef({ pointer: false, focus: false });
  /** By kind and id, so that a row changed twice is one change. */
  const late = useRef(/** @type {Map<string, Part[]>} */ (new Map()));
  const [, again] = useState(0);

  const show = () => {
    const parts = new Set([...late.current.values()].flat());
    late.current.clear();
    if (parts.size > 0) renew(patientId, ...parts);
    again((count) => count + 1);
  };
  const hear = (/** @type {News[]} */ news) => {
    const busy = held.current.pointer || held.current.focus;
    /** @type {Set<Part>} */
    const now = new Set();
    for (const one of news) {
      const parts = partsOf(one);
      const mayWait = parts.filter((part) => busy && !AT_ONCE.includes(part));
      // What this page has just saved itself is on the screen already.
      const foreign = mayWait.filter((part) => !savedLately(part));
      for (const part of parts) if (!foreign.includes(part)) now.add(part);
      if (foreign.length > 0) late.current.set(`${one.kind} ${one.id}`, foreign);
    }
    if (now.size > 0) renew(patientId, ...now);
    again((count) => count + 1);
  };
  useEffect(() => {
    late.current.clear();
    return may ? watch([`patient:${patientId}`], hear) : undefined;
  }, [patientId, may]);

  /** @param {'pointer' | 'focus'} what @param {boolean} on */
  const hold = (what, on) => (/** @type {Event} */ event) => {
    if (on && what === 'focus' && isPlace(event.target)) return;
    held.current[what] = on;
    const busy = held.current.pointer || held.current.focus;
    if (!busy && late.current.size > 0) show();
  };
  return {
    waiting: late.current.size,
    show,
    box: {
      onPointerEnter: hold('pointer', true),
      onPointerLeave: hold('pointer', false),
      onFocusIn: hold('focus', true),
      onFocusOut: hold('focus', false),
    },
  };
}
