// The hospital's clock and zone. The clock of the PC is never shown: every answer of the
// server carries its time, and the page only counts on from there.

import { computed, signal } from './ui.js';

/** IANA name of the hospital's time zone, from the session. */
export const zone = signal('UTC');

/** Milliseconds to add to the monotonic clock of the page to get the server's time. */
let offsetMs = 0;
let heard = false;

/**
 * How many minutes the clock of this computer is away from the server's, if it matters: more than
 * two. Later is positive.
 */
export const wrongBy = signal(0);
const WRONG_MS = 120_000;

/** Advances once per second, for everything that shows a running time. */
const tick = signal(0);
let ticking = 0;

/**
 * Learns the server's time from an answer.
 * @param {string | number | null | undefined} time RFC 3339, an HTTP date, or milliseconds
 */
export function hearServerTime(time) {
  const at = typeof time === 'number' ? time : Date.parse(time ?? '');
  if (Number.isNaN(at)) return;
  offsetMs = at - performance.now();
  heard = true;
  const away = Date.now() - at;
  const minutes = Math.abs(away) > WRONG_MS ? Math.round(away / 60_000) : 0;
  if (minutes !== wrongBy.peek()) wrongBy.value = minutes;
}

/** Milliseconds since 1970 by the server's clock; the PC's only before the first answer. */
export function serverNow() {
  return heard ? performance.now() + offsetMs : Date.now();
}

/** The server's time, renewed once per second while something shows it. */
export const now = computed(() => {
  tick.value;
  if (!ticking && typeof document !== 'undefined') {
    ticking = window.setInterval(() => (tick.value += 1), 1000);
  }
  return serverNow();
});
