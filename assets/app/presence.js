// Whoever is signed in on this page: while they are, news come and the page watches whether
// anybody is there. Another person in another tab of this browser starts this page anew.

import { effect } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { startIdle, stopIdle } from '../lib/idle.js';
import { startLive, stopLive } from '../lib/live.js';
import { keep } from '../lib/prefs.js';
import { doorOf, session } from '../lib/session.js';
import { hearTabs, tellTabs } from '../lib/tabs.js';
import { lockMinutes } from '../lib/workstation.js';

/** @type {{ lock: () => void, ended: () => void, unlocked: () => void }} */
let doors;
/** @type {string | null} */
let present = null;

/**
 * @param {typeof doors} given `lock` covers the page, `ended` asks for the password, `unlocked`
 *   hears that the same person has signed in in another tab
 */
export function startPresence(given) {
  doors = given;
  hearTabs((word) => {
    if (word.say !== 'user' || !present) return;
    if (word.id === present) doors.unlocked();
    // The cookie is theirs now: nothing of this page may be sent in their name.
    else location.replace('/');
  });
  effect(() => {
    const id = session.value?.user.id ?? null;
    if (id === present) return;
    present = id;
    if (id) comeIn();
    else leave();
  });
}

/** The person is there, also again after the lock. */
export function comeIn() {
  if (!present) return;
  keep('locked', '');
  tellTabs({ say: 'user', id: present });
  startIdle({ limitMs: () => lockMinutes() * 60_000, lock: doors.lock, beat: noteActivity });
  // Whoever still has something to choose or to set up hears nothing.
  if (doorOf(session.peek())) return;
  startLive({ since: session.peek()?.event_seq ?? null, ended: doors.ended });
}

/** Whoever reads for a while asks the server for nothing, and is there. */
function noteActivity() {
  // An ended or locked session is told by what is asked for next.
  api.post('/sessions/current/activity', {}).catch(() => {});
}

/** Nobody is there: nothing is heard and nothing is watched. */
export function leave() {
  stopIdle();
  stopLive();
}
