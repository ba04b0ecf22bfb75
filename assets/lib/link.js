// Whether what is on the screen can be trusted to be as it is on the server: news come, or the
// page is trying, or it has been alone for a while.

import { computed } from './ui.js';
import { connection } from './api.js';
import { live } from './live.js';
import { now } from './time.js';

/** After so long without a sign of the server what is shown is grey. */
export const STALE_MS = 10_000;

/**
 * `live`: every change is told. `trying`: not at this moment. `lost`: the server has not been
 * reached for ten seconds; `since` is when it was heard last, by its own clock.
 * @typedef {{ state: 'live' | 'trying' | 'lost', since: number }} Link
 */

/** @type {import('./ui.js').ReadonlySignal<Link>} */
export const link = computed(() => {
  const at = now.value;
  const page = performance.now();
  if (connection.value.state === 'lost') {
    const silent = page - connection.value.since;
    return { state: silent < STALE_MS ? 'trying' : 'lost', since: at - silent };
  }
  return { state: live.value.state === 'live' ? 'live' : 'trying', since: at };
});
