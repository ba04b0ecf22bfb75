// What the tabs of one browser tell each other: that somebody is active, that the page was
// locked, and who is signed in. Never anything of a patient.

/**
 * @typedef {{ say: 'active' } | { say: 'locked' } | { say: 'user', id: string }} Word
 */

/** @type {BroadcastChannel | null} */
let channel = null;
/** @type {Set<(word: Word) => void>} */
const hearers = new Set();

/** @param {(word: Word) => void} run */
export function hearTabs(run) {
  hearers.add(run);
  if (channel || typeof BroadcastChannel === 'undefined') return;
  channel = new BroadcastChannel('healthflow');
  channel.onmessage = (event) => {
    for (const hearer of hearers) hearer(event.data);
  };
}

/** @param {Word} word */
export function tellTabs(word) {
  channel?.postMessage(word);
}
