// Leaving safely. While locked, everything is taken out of the document, so that no name stays
// on the screen; the same person gets it back with what was typed, another one starts anew.

import { h, html, render, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { Problem, api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { keep, kept } from '../lib/prefs.js';
import { hospital, session, sessionEnded, setSession } from '../lib/session.js';
import { hearTabs, tellTabs } from '../lib/tabs.js';
import { workplace } from '../lib/workstation.js';
import { TextField } from '../ui/field.js';
import { ErrorSummary, useSubmit } from '../ui/form.js';
import { Icon, Mark } from '../ui/icon.js';
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

/** Ends the session but keeps the page for the same person. @param {Reason} [reason] */
export function lock(reason = 'locked') {
  if (waiting) return;
  tellTabs({ say: 'locked' });
  askPassword(reason).catch(() => {});
  endSession();
}

/**
 * Covers the page until the same person has signed in again.
 * @param {Reason} reason
 * @returns {Promise<void>}
 */
export function askPassword(reason) {
  if (reason === 'expired') sessionEnded();
  waiting ??= cover(reason).finally(() => {
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

/** The same person has signed in in another tab: this one opens when the server agrees. */
export async function unlocked() {
  if (!uncover) return;
  try {
    const { data } = await api.get('/sessions/current');
    if (data.user.id !== session.peek()?.user.id) return location.replace('/');
    setSession(data);
    uncover?.();
  } catch {
    // The password opens it as before.
  }
}

/**
 * Before the page shows anything: a lock whose session could not be ended then, because the
 * server did not answer, must not be got round by loading the page again.
 */
export async function finishLock() {
  if (!kept('locked')) return;
  await endNow();
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

/** Ends the session, however often that has to be tried. */
async function endSession() {
  keep('locked', '1');
  while (uncover && !(await endNow())) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  keep('locked', '');
}

/** @param {Reason} reason @returns {Promise<void>} */
function cover(reason) {
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
    render(h(Lock, { reason }), overlay);
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

/** @param {{ reason: Reason }} props */
function Lock({ reason }) {
  const user = session.value?.user;
  const [password, setPassword] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(() =>
    api.post('/sessions', { username: user?.username, password }),
  );
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {import('../ui/form.js').Errors} */
    const found = password ? {} : { 'lock-password': t('sign_in.password_missing') };
    const done = await form.submit({ password }, found);
    if (!done) return setPassword('');
    if (done.data.user.id !== user?.id) return location.replace('/');
    setSession(done.data);
    uncover?.();
  };
  return html`<div class="door" ref=${box}>
    <header class="door-top">${h(Mark, {})} HealthFlow</header>
    <main class="door-body">
      <form class="door-card" novalidate onSubmit=${submit}>
        <h1>${h(Icon, { name: 'lock' })} ${t(`lock.${reason}`)}</h1>
        <p class="quiet"><bdi>${hospital.value}</bdi> · ${t(`workplace.${workplace()}`)}</p>
        <p>${t('lock.kept', { name: user?.display_name ?? '' })}</p>
        ${h(ErrorSummary, {
          errors: form.errors,
          problem: wrong(form.problem),
          round: form.round,
          title: t('lock.not_done'),
        })}
        ${h(TextField, {
          id: 'lock-password',
          label: t('sign_in.password'),
          type: 'password',
          autocomplete: 'current-password',
          value: password,
          onInput: setPassword,
          error: form.errors['lock-password'],
        })}
        <div class="buttons">
          <button class="button primary" type="submit" disabled=${form.busy}>
            ${t('lock.unlock')}
          </button>
          <a class="button" href="/sign-in" onClick=${another}>${t('lock.switch')}</a>
        </div>
      </form>
    </main>
  </div>`;
}

/** A whole new page: nothing of the first person stays in memory. @param {Event} event */
function another(event) {
  event.preventDefault();
  event.stopPropagation();
  location.replace('/sign-in');
}

/** @param {Problem | null} problem */
function wrong(problem) {
  if (problem?.status !== 401) return problem;
  return new Problem({ code: problem.code, status: 401, detail: t('lock.wrong') });
}
