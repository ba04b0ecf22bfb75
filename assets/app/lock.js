// Leaving safely. While locked, the page is taken out of the document, so that no name stays
// on the screen; the same person gets it back with what was typed, another one starts anew.

import { h, html, render, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { Problem, api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { hospital, session, setSession } from '../lib/session.js';
import { TextField } from '../ui/field.js';
import { ErrorSummary, useSubmit } from '../ui/form.js';
import { Icon, Mark } from '../ui/icon.js';

/** @type {Promise<void> | null} */
let waiting = null;

/** Ends the session and leaves to the sign-in page. */
export async function signOut() {
  await api.del('/sessions/current').catch(() => {});
  location.replace('/sign-in');
}

/** Ends the session but keeps the page for the same person. */
export function lock() {
  api.del('/sessions/current').catch(() => {});
  askPassword('locked').catch(() => {});
}

/**
 * Covers the page until the same person has signed in again.
 * @param {'locked' | 'expired'} reason
 * @returns {Promise<void>}
 */
export function askPassword(reason) {
  waiting ??= cover(reason).finally(() => {
    waiting = null;
  });
  return waiting;
}

/** @param {'locked' | 'expired'} reason @returns {Promise<void>} */
function cover(reason) {
  const overlay = document.getElementById('overlay');
  const app = document.getElementById('app');
  if (!overlay || !app || !session.value) {
    location.replace('/sign-in');
    return new Promise(() => {});
  }
  const focused = document.activeElement;
  const title = document.title;
  const place = document.createComment('locked');
  app.replaceWith(place);
  document.title = t('lock.title');
  return new Promise((resolve) => {
    const open = () => {
      render(null, overlay);
      place.replaceWith(app);
      document.title = title;
      if (focused instanceof HTMLElement) focused.focus();
      resolve();
    };
    render(h(Lock, { reason, onOpen: open }), overlay);
  });
}

/** @param {{ reason: 'locked' | 'expired', onOpen: () => void }} props */
function Lock({ reason, onOpen }) {
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
    onOpen();
  };
  return html`<div class="door" ref=${box}>
    <div class="door-top">${h(Mark, {})} HealthFlow</div>
    <div class="door-body">
      <form class="door-card" novalidate onSubmit=${submit}>
        <h1>${h(Icon, { name: 'lock' })} ${t(`lock.${reason}`)}</h1>
        <p class="quiet"><bdi>${hospital.value}</bdi></p>
        <p>${t('lock.kept', { name: user?.display_name ?? '' })}</p>
        ${h(ErrorSummary, { errors: form.errors, problem: wrong(form.problem), round: form.round })}
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
          <a class="button" href="/sign-in" onClick=${leave}>${t('lock.switch')}</a>
        </div>
      </form>
    </div>
  </div>`;
}

/** @param {Event} event */
function leave(event) {
  event.preventDefault();
  event.stopPropagation();
  location.replace('/sign-in');
}

/** @param {Problem | null} problem */
function wrong(problem) {
  if (problem?.status !== 401) return problem;
  return new Problem({ code: problem.code, status: 401, detail: t('sign_in.wrong') });
}
