// Coming back to a workstation: whoever has signed in at it during this shift chooses
// themselves (a digit is enough) and types a PIN or the password.

import { h, html, useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { Problem } from '../lib/problem.js';
import { TextField } from './field.js';
import { ErrorSummary, useSubmit } from './form.js';
import { OtherWays } from './other-ways.js';

/**
 * @typedef {{ user_id: string, display_name: string, since: string, pin: boolean,
 *   current: boolean, origin: string }} Person
 */

/** Who may come back here; nobody when the server does not say. @returns {Promise<Person[]>} */
export async function peopleHere() {
  try {
    return (await api.get('/workstations/current')).data.people;
  } catch {
    return [];
  }
}

/** The people of this workstation, once they are known. */
export function usePeople() {
  const [people, setPeople] = useState(/** @type {Person[] | null} */ (null));
  useEffect(() => {
    let gone = false;
    peopleHere().then((all) => !gone && setPeople(all));
    return () => {
      gone = true;
    };
  }, []);
  return people;
}

/**
 * @param {{ people: Person[], onChosen: (person: Person) => void, focus?: boolean }} props
 */
export function PeopleHere({ people, onChosen, focus }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (focus) box.current?.querySelector('button')?.focus();
  }, [people.length]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const person = people[Number(event.key) - 1];
    if (!person) return;
    event.preventDefault();
    onChosen(person);
  };
  return html`<ul class="people-here" ref=${box} onKeyDown=${onKey}>
    ${people.slice(0, 9).map(
      (person, i) => html`<li key=${person.user_id}>
        <button class="button" type="button" onClick=${() => onChosen(person)}>
          <kbd>${i + 1}</kbd> <bdi>${person.display_name}</bdi>
        </button>
      </li>`,
    )}
  </ul>`;
}

/**
 * For somebody whom only the hospital's provider knows: the way back leads past it.
 * @param {{ name: string, onDone: (session: any) => void, onElse: () => void,
 *   elseLabel: string }} props
 */
export function ByProvider({ name, onDone, onElse, elseLabel }) {
  return html`<div class="stack">
    <p class="quick-name"><bdi>${name}</bdi></p>
    <p class="quiet">${t('quick.by_provider')}</p>
    ${h(OtherWays, { onDone })}
    <div class="buttons">
      <button class="button" type="button" onClick=${onElse}>${elseLabel}</button>
    </div>
  </div>`;
}

/** Says why somebody who is known here has to type name and password all the same. */
export function QuickGone() {
  return html`<div class="alert warn" role="alert"><div>${t('quick.gone')}</div></div>`;
}

/**
 * @param {{ person: Person, onDone: (session: any) => void, onElse: () => void,
 *   elseLabel: string, children?: import('../lib/ui.js').Children,
 *   onGone: (password: string) => void }} props
 *   `onGone` hears the password when the person cannot come back quickly any more
 */
export function QuickEntry({ person, onDone, onElse, elseLabel, onGone, children }) {
  const [usesPin, setUsesPin] = useState(person.pin);
  const [typed, setTyped] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const field = usesPin ? 'pin' : 'password';
  const form = useSubmit(() =>
    api.post('/sessions/quick', { user_id: person.user_id, [field]: typed }),
  );
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), [usesPin]);
  useEffect(() => {
    const code = form.problem?.code;
    if (code === 'access.pin_used_up') setUsesPin(false);
    if (code === 'access.not_here_any_more') onGone(usesPin ? '' : typed);
    if (form.problem) setTyped('');
  }, [form.problem]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing = t(usesPin ? 'quick.pin_missing' : 'sign_in.password_missing');
    const done = await form.submit({ typed }, typed ? {} : { [`quick-${field}`]: missing });
    if (done) onDone(done.data);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onElse();
  };
  return html`<form
    class="door-form"
    novalidate
    ref=${box}
    onSubmit=${submit}
    onKeyDown=${onKey}
  >
    <p class="quick-name"><bdi>${person.display_name}</bdi></p>
    ${h(ErrorSummary, {
      errors: form.errors,
      problem: inWords(form.problem),
      round: form.round,
      title: t('lock.not_done'),
    })}
    ${h(TextField, {
      id: `quick-${field}`,
      label: t(usesPin ? 'quick.pin' : 'sign_in.password'),
      type: 'password',
      inputmode: usesPin ? 'numeric' : undefined,
      dir: usesPin ? 'ltr' : undefined,
      autocomplete: usesPin ? 'off' : 'current-password',
      value: typed,
      onInput: setTyped,
      error: form.errors[`quick-${field}`],
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${form.busy}>
        ${t('lock.unlock')}
      </button>
      ${children}
      <button class="button" type="button" onClick=${onElse}>${elseLabel}</button>
    </div>
    ${usesPin &&
    html`<p>
      <button class="link" type="button" onClick=${() => setUsesPin(false)}>
        ${t('quick.use_password')}
      </button>
    </p>`}
  </form>`;
}

/** @param {Problem | null} problem */
function inWords(problem) {
  if (!problem) return null;
  const words = new Map([
    ['access.wrong_pin', 'quick.wrong_pin'],
    ['access.pin_used_up', 'quick.pin_used_up'],
    ['access.wrong_credentials', 'lock.wrong'],
  ]).get(problem.code);
  if (!words) return problem;
  return new Problem({ code: problem.code, status: problem.status, detail: t(words) });
}
