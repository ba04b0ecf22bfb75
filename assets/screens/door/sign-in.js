// Sign in: those who have signed in here during this shift come back with a digit and a PIN;
// everybody else with name and password, a code after it, or a passkey. Paste and password
// managers work; a wrong pair says so without telling which part.

import { h, html, useEffect, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { Problem, api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { passkeysWork } from '../../lib/passkey.js';
import { navigate } from '../../lib/router.js';
import { doorOf, setSession } from '../../lib/session.js';
import { TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { OtherWays } from '../../ui/other-ways.js';
import { PasskeyButton } from '../../ui/passkey-button.js';
import { ByProvider, PeopleHere, QuickEntry, QuickGone, usePeople } from '../../ui/quick-entry.js';
import { SecondStep, secondStep } from '../../ui/second-step.js';
import { Door } from './door.js';

/** @typedef {import('../../ui/quick-entry.js').Person} Person */
/** @typedef {import('../../ui/second-step.js').Asked} Asked */

/** Why somebody is not let in though the password is theirs, or nobody could be asked. */
const SAID = [
  'access.directory_silent',
  'access.password_expired',
  'access.no_group',
  'access.name_taken',
  'access.account_unfit',
];

export const meta = { title: 'sign_in.title', public: true };

/** Whoever is in goes on; what is asked of them comes first. @param {any} data */
function goOn(data) {
  setSession(data);
  navigate(doorOf(data) ?? '/', { replace: true, force: true });
}

export function Screen() {
  const people = usePeople();
  const [person, setPerson] = useState(/** @type {Person | null} */ (null));
  const [asked, setAsked] = useState(/** @type {Asked | null} */ (null));
  const [gone, setGone] = useState(false);
  if (asked) {
    const again = () => setAsked(null);
    return h(Door, { children: h(SecondStep, { asked, onDone: goOn, onAgain: again }) });
  }
  if (person) {
    const back = () => setPerson(null);
    if (person.origin === 'openid') {
      const way = { onDone: goOn, onElse: back, elseLabel: t('lock.switch') };
      const entry = h(ByProvider, { name: person.display_name, ...way });
      return h(Door, { children: html`<h1>${t('sign_in.title')}</h1>${entry}` });
    }
    const entry = h(QuickEntry, {
      person,
      onDone: goOn,
      onElse: back,
      elseLabel: t('lock.switch'),
      onGone: () => {
        setGone(true);
        back();
      },
    });
    return h(Door, { children: html`<h1>${t('sign_in.title')}</h1>${entry}` });
  }
  return h(Door, {
    children: html`<h1>${t('sign_in.title')}</h1>
      ${gone && h(QuickGone, {})}
      ${people !== null &&
      people.length > 0 &&
      html`<section class="stack" aria-labelledby="people-title">
        <h2 id="people-title" class="quiet">${t('quick.people')}</h2>
        ${h(PeopleHere, { people, onChosen: setPerson, focus: true })}
        <h2 class="quiet">${t('quick.others')}</h2>
      </section>`}
      ${h(Form, { onAsked: setAsked, focus: people?.length === 0 })}`,
  });
}

/** @param {{ onAsked: (asked: Asked) => void, focus: boolean }} props */
function Form({ onAsked, focus }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(({ key }) =>
    api.post('/sessions', { username: username.trim(), password }, { idempotencyKey: key }),
  );
  useLayoutEffect(() => {
    const input = box.current?.querySelector('input');
    if (focus && document.activeElement?.tagName !== 'INPUT') input?.focus();
  }, [focus]);
  useEffect(() => {
    const asked = secondStep(form.problem);
    if (asked) onAsked(asked);
    if (form.problem) setPassword('');
  }, [form.problem]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {import('../../ui/form.js').Errors} */
    const found = {};
    if (!username.trim()) found.username = t('sign_in.username_missing');
    if (!password) found.password = t('sign_in.password_missing');
    const done = await form.submit({ username, password }, found);
    if (done) goOn(done.data);
  };
  return html`<form class="door-form" novalidate ref=${box} onSubmit=${submit}>
    ${h(ErrorSummary, {
      errors: form.errors,
      // That a code is asked for is no mistake: the next step comes in its place.
      problem: secondStep(form.problem) ? null : said(form.problem),
      round: form.round,
      title: t('sign_in.not_done'),
    })}
    ${h(TextField, {
      id: 'username',
      label: t('sign_in.username'),
      value: username,
      onInput: setUsername,
      autocomplete: 'username',
      error: form.errors.username,
    })}
    ${h(TextField, {
      id: 'password',
      label: t('sign_in.password'),
      type: 'password',
      value: password,
      onInput: setPassword,
      autocomplete: 'current-password',
      error: form.errors.password,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${form.busy}>
        ${form.busy ? t('sign_in.busy') : t('sign_in.do')}
      </button>
      ${passkeysWork() && h(PasskeyButton, { onDone: goOn })}
    </div>
    <p class="quiet small">${t('sign_in.forgot')}</p>
    ${h(OtherWays, { onDone: goOn })}
  </form>`;
}

/** @param {Problem | null} problem */
function said(problem) {
  const detail = problem && inWords(problem);
  return detail ? new Problem({ code: problem.code, status: problem.status, detail }) : problem;
}

/** @param {Problem} problem */
function inWords({ status, retryAfter, code }) {
  if (SAID.includes(code)) return t(`sign_in.${code.replace('access.', '')}`);
  if (status === 401) return t('sign_in.wrong');
  if (status !== 429) return '';
  if (retryAfter < 120) return t('sign_in.slowed_seconds', { count: retryAfter });
  return t('sign_in.slowed_minutes', { count: Math.ceil(retryAfter / 60) });
}
