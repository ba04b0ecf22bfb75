// Leaving safely. While locked, everything is taken out of the document, so that no name stays
// on the screen, and the server answers nothing; the same person gets it back with what was
// typed, another one starts anew.

import { h, render } from '../lib/ui.js';
import { Problem, api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { keep, kept } from '../lib/prefs.js';
import { doorOf, session, sessionEnded, setSession } from '../lib/session.js';
import { hearTabs, tellTabs } from '../lib/tabs.js';
import { LockScreen } from './lock-screen.js';
import { comeIn, leave } from './presence.js';

/** A page that stays locked for so long is given up: the next person starts with nothing. */
const GIVEN_UP_MS = 30 * 60_000;
const LOOK_MS = 5000;

/** @typedef {'locked' | 'idle' | 'expired'} Reason */

/** @type {Promise<void> | null} */
let waiting = null;
/** Uncovers the page; null while it is not covered. @type {(() => void) | null} */
let uncover = null;

/** Ends the session and leaves to the sign-in page. */
export async function signOut() {
  await endNow();
  location.replace('/sign-in');
}

/** Locks the session and keeps the page for the same person. @param {Reason} [reason] */
export function lock(reason = 'locked') {
  if (waiting) return;
  tellTabs({ say: 'locked' });
  // First of all the server: the screen of the lock asks it who may come back.
  const locked = lockSession();
  askPassword(reason, locked).catch(() => {});
}

/**
 * Covers the page until the same person is back.
 * @param {Reason} reason
 * @param {Promise<void>} [ready] before it is asked who may come back
 * @returns {Promise<void>}
 */
export function askPassword(reason, ready = Promise.resolve()) {
  if (reason === 'expired') sessionEnded();
  waiting ??= cover(reason, ready).finally(() => {
    waiting = null;
  });
  return waiting;
}

/** Locks with the other tabs of this browser. */
export function startLock() {
  hearTabs((word) => {
    if (word.say === 'locked' && session.peek()) askPassword('locked').catch(() => {});
  });
}

/** The same person is back in another tab: this one opens when the server agrees. */
export async function unlocked() {
  if (!uncover) return;
  try {
    const { data } = await api.get('/sessions/current');
    if (data.user.id !== session.peek()?.user.id) return location.replace('/');
    setSession(data);
    uncover?.();
  } catch {
    // PIN or password open it as before.
  }
}

/**
 * Before the page shows anything: a lock that the server has not heard of, because it did not
 * answer, must not be got round by loading the page again.
 */
export async function finishLock() {
  if (!kept('locked')) return;
  await lockNow();
  keep('locked', '');
}

/** @returns {Promise<boolean>} whether the session is over */
async function endNow() {
  try {
    await api.del('/sessions/current');
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) return false;
  }
  sessionEnded();
  return true;
}

/** @returns {Promise<boolean>} whether the session is good for nothing any more */
async function lockNow() {
  try {
    await api.post('/sessions/current/lock', {});
    return true;
  } catch (error) {
    const code = error instanceof Problem ? error.code : '';
    if (['access.sign_in', 'access.locked'].includes(code)) return true;
    // Opened before workstations were known: it ends instead.
    return code === 'access.no_workstation' && endNow();
  }
}

/** Locks the session, however often that has to be tried; resolves after the first try. */
async function lockSession() {
  keep('locked', '1');
  if (await lockNow()) return keep('locked', '');
  const again = async () => {
    do await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    while (uncover && !(await lockNow()));
    keep('locked', '');
  };
  void again();
}

/** @param {Reason} reason @param {Promise<void>} ready @returns {Promise<void>} */
function cover(reason, ready) {
  const overlay = document.getElementById('overlay');
  if (!overlay || !session.peek()) {
    location.replace('/sign-in');
    return new Promise(() => {});
  }
  leave();
  const putBack = takeAway(overlay);
  const coveredAt = performance.now();
  const giveUp = () => {
    if (GIVEN_UP_MS < performance.now() - coveredAt) location.replace('/sign-in');
  };
  const timer = setInterval(giveUp, LOOK_MS);
  document.addEventListener('visibilitychange', giveUp);
  return new Promise((resolve) => {
    uncover = () => {
      uncover = null;
      clearInterval(timer);
      document.removeEventListener('visibilitychange', giveUp);
      render(null, overlay);
      putBack();
      comeIn();
      resolve();
    };
    render(h(LockScreen, { reason, ready, onBack: back }), overlay);
  });
}

/**
 * Takes everything but the overlay out of the document: screens, toasts, frames for printing.
 * @param {HTMLElement} overlay
 * @returns {() => void} puts it back as it was
 */
function takeAway(overlay) {
  const focused = document.activeElement;
  const { title } = document;
  const scrolled = [...document.querySelectorAll('#app *')]
    .filter((node) => node.scrollTop > 0)
    .map((node) => ({ node, top: node.scrollTop }));
  const gone = [...document.body.children]
    .filter((node) => node !== overlay && node.tagName !== 'SCRIPT')
    .map((node) => ({ node, place: document.createComment('locked') }));
  for (const { node, place } of gone) node.replaceWith(place);
  document.title = t('lock.title');
  return () => {
    for (const { node, place } of gone) place.replaceWith(node);
    document.title = title;
    for (const dialog of document.querySelectorAll('dialog')) {
      // Out of the document a dialog is no longer above the page.
      if (dialog.open) {
        dialog.close();
        dialog.showModal();
      }
    }
    for (const { node, top } of scrolled) node.scrollTop = top;
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  };
}

/** Somebody is back: the same person goes on, another one starts anew. @param {any} data */
function back(data) {
  if (data.user.id !== session.peek()?.user.id || doorOf(data)) return location.replace('/');
  setSession(data);
  uncover?.();
}
