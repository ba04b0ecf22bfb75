// What everybody has to know of the server's machine: its disk fills up, its clock was set back.
// The pages ask once a minute; whoever looks after it has a page with more.

import { signal } from './ui.js';
import { api } from './api.js';
import { link } from './link.js';
import { Problem } from './problem.js';

/**
 * @typedef {'ok' | 'imports_paused' | 'pruning_early' | 'uploads_stopped' | 'charting_only'}
 *   Room what is left off, in order
 */
/** @typedef {{ disk: Room, clock: 'ok' | 'behind' }} Machine */

const EVERY_MS = 60_000;

/** @type {import('./ui.js').Signal<Machine>} */
export const machine = signal(/** @type {Machine} */ ({ disk: 'ok', clock: 'ok' }));

async function ask() {
  // That nobody answers is told elsewhere.
  if (link.value.state === 'lost') return;
  try {
    const { body } = await api.get('/api/health');
    const { disk = 'ok', clock = 'ok' } = body.services ?? {};
    machine.value = { disk, clock };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** Asks now and then until what comes back is called. */
export function watchMachine() {
  void ask();
  const timer = setInterval(() => void ask(), EVERY_MS);
  return () => clearInterval(timer);
}
