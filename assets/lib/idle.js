// Whether somebody is there. Pointer, keys and scrolling count, in any tab of this browser;
// what the server sends does not.

import { signal } from './ui.js';
import { hearTabs, tellTabs } from './tabs.js';

const EVENTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'];
/** A tab tells the others at most so often that somebody is active in it. */
const TELL_MS = 5000;
/** The server hears at most so often that somebody is there; it waits two minutes longer. */
const BEAT_MS = 60_000;
/** Before the page locks it says so for so long. */
export const WARNING_MS = 30_000;

/** Whole seconds until the page locks, only while it warns. */
export const locksIn = signal(/** @type {number | null} */ (null));

let activeAt = 0;
let toldAt = -Infinity;
let beatAt = -Infinity;
let timer = 0;
let watching = false;
let now = () => performance.now();
/** @type {() => number} */
let limitMs = () => Infinity;
/** @type {() => void} */
let run = () => {};
/** @type {() => void} */
let beat = () => {};

/**
 * @param {{ limitMs: () => number, lock: () => void, beat?: () => void, now?: () => number }}
 *   given `limitMs` is asked again and again, for it may be changed meanwhile; `beat` tells the
 *   server that somebody is there
 */
export function startIdle({ lock, ...given }) {
  stopIdle();
  ({ limitMs } = given);
  if (given.now) ({ now } = given);
  run = lock;
  beat = given.beat ?? (() => {});
  activeAt = now();
  beatAt = activeAt;
  watching = true;
  for (const name of EVENTS) {
    window.addEventListener(name, active, { capture: true, passive: true });
  }
  // A PC that slept wakes with old timers: look at the clock before anything is read.
  document.addEventListener('visibilitychange', look);
  timer = window.setInterval(look, 1000);
}

export function stopIdle() {
  clearInterval(timer);
  watching = false;
  for (const name of EVENTS) window.removeEventListener(name, active, { capture: true });
  document.removeEventListener('visibilitychange', look);
  locksIn.value = null;
}

/** Somebody did something here. */
export function active() {
  // Too late is too late: whoever comes after the time meets the lock.
  if (limitMs() <= now() - activeAt) return look();
  activeAt = now();
  if (locksIn.peek() !== null) locksIn.value = null;
  if (BEAT_MS <= activeAt - beatAt) {
    beatAt = activeAt;
    beat();
  }
  if (activeAt - toldAt < TELL_MS) return undefined;
  toldAt = activeAt;
  tellTabs({ say: 'active' });
  return undefined;
}

function look() {
  if (!watching) return;
  const left = limitMs() - (now() - activeAt);
  if (left <= 0) {
    stopIdle();
    run();
    return;
  }
  const seconds = left <= WARNING_MS ? Math.ceil(left / 1000) : null;
  if (locksIn.peek() !== seconds) locksIn.value = seconds;
}

hearTabs((word) => {
  if (word.say !== 'active') return;
  activeAt = now();
  if (locksIn.peek() !== null) locksIn.value = null;
});
