// The lock by itself: when it comes, when it warns, and what keeps it away.

import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';

/** @type {Map<string, () => void>} */
const listeners = new Map();
const target = {
  /** @param {string} name @param {() => void} run */
  addEventListener: (name, run) => listeners.set(name, run),
  /** @param {string} name */
  removeEventListener: (name) => listeners.delete(name),
};
mock.timers.enable({ apis: ['setInterval'] });
const setTimer = (/** @type {() => void} */ run, /** @type {number} */ ms) => setInterval(run, ms);
Object.assign(globalThis, {
  window: { ...target, setInterval: setTimer },
  document: { ...target },
  BroadcastChannel: undefined,
});

const { locksIn, startIdle, stopIdle } = await import('../../../../assets/lib/idle.js');

const MINUTE = 60_000;
let time = 0;
let locked = 0;

/** @param {number} ms */
function pass(ms) {
  for (let left = ms; left > 0; left -= 1000) {
    time += Math.min(1000, left);
    mock.timers.tick(Math.min(1000, left));
  }
}

/** @param {() => number} limitMs */
function begin(limitMs) {
  locked = 0;
  startIdle({ limitMs, lock: () => (locked += 1), now: () => time });
}

afterEach(() => stopIdle());

test('after the time without anybody the page locks, once', () => {
  begin(() => 5 * MINUTE);
  pass(5 * MINUTE - 1000);
  assert.equal(locked, 0);
  pass(1000);
  assert.equal(locked, 1);
  pass(10 * MINUTE);
  assert.equal(locked, 1);
});

test('it warns thirty seconds before, and any key keeps it open', () => {
  begin(() => 3 * MINUTE);
  pass(3 * MINUTE - 31_000);
  assert.equal(locksIn.value, null);
  pass(1000);
  assert.equal(locksIn.value, 30);
  pass(10_000);
  assert.equal(locksIn.value, 20);
  listeners.get('keydown')?.();
  assert.equal(locksIn.value, null);
  pass(3 * MINUTE - 1000);
  assert.equal(locked, 0);
  pass(1000);
  assert.equal(locked, 1);
});

test('a key after the time does not open what should be locked', () => {
  begin(() => MINUTE);
  // The PC slept: time went on, timers did not.
  time += 60 * MINUTE;
  listeners.get('pointermove')?.();
  assert.equal(locked, 1);
});

test('a shorter time counts at once', () => {
  let minutes = 10;
  begin(() => minutes * MINUTE);
  pass(4 * MINUTE);
  minutes = 3;
  pass(1000);
  assert.equal(locked, 1);
});
