// The worst day: a moment is picked, what would be lost is shown, the hospital of that moment is
// laid beside this one, and then takes its place within seconds. What was there can be taken back.

import { h, html, useEffect, useMemo, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { actText } from '../../lib/audit-words.js';
import { instantText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { useResource } from '../../lib/resource.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { Shown, explain } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/**
 * @typedef {{ from: string | null, until: string | null, kept: string[],
 *   ready: { reached: string, patients: number, log_is_broken: boolean } | null }} Moments
 */
/** @typedef {{ act: string, count: number }} Change */

const TOPICS = ['jobs', 'backups'];
/** How long the slider must rest before what would be lost is counted. */
const REST_MS = 400;
/** How often it is looked whether the server is there again. */
const LOOK_MS = 1_000;
/** Steps of the buttons beside the slider, seconds. */
const STEPS = [-3600, -60, -1, 1, 60, 3600];
const LOST_MAX = 12;

export function RestoreCard() {
  const [turning, setTurning] = useState(false);
  const loaded = useResource(
    'moments',
    async (signal) => {
      return /** @type {Moments} */ ((await api.get('/backup/moments', {}, { signal })).data);
    },
    { topics: TOPICS },
  );
  useBackWhen(turning);
  const { data } = loaded.value;
  if (turning) {
    return html`<section class="card" role="status" aria-labelledby="turning-title">
      <div class="card-head"><h2 id="turning-title">${t('restore.turning')}</h2></div>
      <p class="card-body">${t('restore.turning_text')}</p>
    </section>`;
  }
  return html`<section class="card" aria-labelledby="restore-title">
    <div class="card-head"><h2 id="restore-title">${t('restore.title')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('restore.title'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="card-body stack">
          <p>${t('restore.lead')}</p>
          ${data.from && data.until
            ? h(Pick, { from: data.from, until: data.until })
            : html`<p class="quiet">${t('restore.none')}</p>`}
          ${data.ready && h(Ready, { of: data.ready, onTurn: () => setTurning(true) })}
          ${data.kept.length > 0 &&
          h(Kept, { names: data.kept, onTurn: () => setTurning(true) })}
        </div>`,
    })}
  </section>`;
}

/** Comes back when the server does. @param {boolean} turning */
function useBackWhen(turning) {
  useEffect(() => {
    if (!turning) return;
    let wasGone = false;
    const timer = setInterval(async () => {
      const answer = await fetch('/api/health').catch(() => null);
      wasGone ||= !answer;
      if (answer?.ok && wasGone) location.reload();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [turning]);
}

/** @param {{ from: string, until: string }} props */
function Pick({ from, until }) {
  // Whole seconds, none of them before the first backup.
  const [first, last] = useMemo(
    () => [Math.ceil(Date.parse(from) / 1000 + 0.001) * 1000, Date.parse(until)],
    [from],
  );
  const span = Math.max(0, Math.floor((last - first) / 1000));
  const [at, setAt] = useState(span);
  const moment = new Date(first + at * 1000).toISOString();
  const move = (/** @type {number} */ to) => setAt(Math.min(span, Math.max(0, to)));
  return html`<div class="stack">
    <div class="field">
      <label for="moment">${t('restore.moment')}</label>
      <input
        id="moment"
        type="range"
        min="0"
        max=${span}
        value=${at}
        aria-valuetext=${instantText(moment)}
        onInput=${(/** @type {Event} */ event) =>
          move(Number(/** @type {HTMLInputElement} */ (event.currentTarget).value))}
      />
      <p class="echo"><b>${seconds(moment)}</b></p>
      <div class="buttons">
        ${STEPS.map(
          (step) =>
            html`<button key=${step} class="button" type="button" onClick=${() => move(at + step)}>
              ${t(`restore.step_${step < 0 ? 'back' : 'on'}_${Math.abs(step)}`)}
            </button>`,
        )}
      </div>
    </div>
    ${h(Lost, { moment })} ${h(Prepare, { moment })}
  </div>`;
}

/** The moment to the second. @param {string} moment */
function seconds(moment) {
  return `${instantText(moment)}:${moment.slice(17, 19)}`;
}

/** @param {{ moment: string }} props */
function Lost({ moment }) {
  const [changes, setChanges] = useState(/** @type {Change[] | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { data } = await api.post('/backup/lost', { at: moment }, { signal: stop.signal });
        setChanges(/** @type {{ changes: Change[] }} */ (data).changes);
        setProblem(null);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        setProblem(error);
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [moment]);
  if (problem) return html`<p class="alert crit" role="alert">${explain(problem)}</p>`;
  if (!changes) return html`<p class="quiet">${t('restore.counting')}</p>`;
  if (changes.length === 0) return html`<p>${t('restore.nothing_lost')}</p>`;
  const more = changes.length - LOST_MAX;
  return html`<div class="alert warn" role="status">
    <div>
      <p class="alert-title">${t('restore.lost')}</p>
      <ul>
        ${changes
          .slice(0, LOST_MAX)
          .map(({ act, count }) => html`<li key=${act}>${count} × ${actText(act)}</li>`)}
      </ul>
      ${more > 0 && html`<p>${t('restore.lost_more', { count: more })}</p>`}
    </div>
  </div>`;
}

/** @param {{ moment: string }} props */
function Prepare({ moment }) {
  return h(Confirmed, {
    id: 'prepare_password',
    label: t('restore.prepare'),
    act: (password) => api.post('/backup/restore', { at: moment, current_password: password }),
    onDone: () => toast(t('restore.preparing')),
  });
}

/** @param {{ of: NonNullable<Moments['ready']>, onTurn: () => void }} props */
function Ready({ of, onTurn }) {
  return html`<div class="stack" role="status">
    <div class="alert note">
      <div>
        <p class="alert-title">${t('restore.ready', { at: seconds(of.reached) })}</p>
        <p>${t('restore.ready_patients', { count: of.patients })}</p>
        ${of.log_is_broken && html`<p>${t('restore.ready_broken')}</p>`}
      </div>
    </div>
    ${h(Confirmed, {
      id: 'begin_password',
      label: t('restore.begin'),
      danger: true,
      act: (password) => api.post('/backup/restore/begin', { current_password: password }),
      onDone: onTurn,
    })}
  </div>`;
}

/** @param {{ names: string[], onTurn: () => void }} props */
function Kept({ names, onTurn }) {
  const [name = ''] = names;
  return html`<details>
    <summary>${t('restore.undo_title')}</summary>
    <div class="stack">
      <p>${t('restore.undo_text')} <code dir="ltr">${name}</code></p>
      ${h(Confirmed, {
        id: 'undo_password',
        label: t('restore.undo'),
        danger: true,
        act: (password) => api.post('/backup/restore/undo', { name, current_password: password }),
        onDone: onTurn,
      })}
    </div>
  </details>`;
}

/**
 * A button that asks for the password first.
 * @param {{ id: string, label: string, danger?: boolean,
 *   act: (password: string) => Promise<unknown>, onDone: () => void }} props
 */
function Confirmed({ id, label, danger = false, act, onDone }) {
  const [password, setPassword] = useState('');
  const saving = useSubmit(
    async () => {
      await act(password);
      return true;
    },
    (errors) => Object.fromEntries(errors.map(({ message }) => [id, message])),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit({}, { [id]: lacksPassword(password) });
    if (!done) return;
    setPassword('');
    onDone();
  };
  return html`<form class="stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(PasswordAgain, { id, value: password, onInput: setPassword, error: saving.errors[id] })}
    <div class="buttons">
      <button class=${danger ? 'button danger' : 'button'} type="submit" disabled=${saving.busy}>
        ${label}
      </button>
    </div>
  </form>`;
}
