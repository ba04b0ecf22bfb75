// The screen of the lock: PIN, password or passkey of the person who was here, or the way to
// another one.

import { h, html, useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { Problem, api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { passkeysWork } from '../lib/passkey.js';
import { hospital, session } from '../lib/session.js';
import { workplace } from '../lib/workstation.js';
import { TextField } from '../ui/field.js';
import { ErrorSummary, useSubmit } from '../ui/form.js';
import { Icon, Mark } from '../ui/icon.js';
import { PasskeyButton } from '../ui/passkey-button.js';
import { ByProvider, QuickEntry, QuickGone, peopleHere } from '../ui/quick-entry.js';
import { SecondStep, secondStep } from '../ui/second-step.js';

/** @typedef {import('../ui/quick-entry.js').Person} Person */
/** @typedef {import('../ui/second-step.js').Asked} Asked */
/**
 * @typedef {object} Props
 * @property {import('./lock.js').Reason} reason
 * @property {Promise<void>} ready before it is asked who may come back
 * @property {(session: any) => void} onBack
 */

/** @param {Props} props */
export function LockScreen({ reason, ready, onBack }) {
  const user = session.value?.user;
  const [person, setPerson] = useState(/** @type {Person | null | undefined} */ (undefined));
  const [asked, setAsked] = useState(/** @type {Asked | null} */ (null));
  const [gone, setGone] = useState(false);
  useEffect(() => {
    ready.then(peopleHere).then((people) => {
      setPerson(people.find((one) => one.user_id === user?.id) ?? null);
    });
  }, []);
  const body = () => {
    if (asked) {
      const again = () => setAsked(null);
      return h(SecondStep, { asked, within: true, onDone: onBack, onAgain: again });
    }
    if (person === undefined) return null;
    if (user?.origin === 'openid') {
      const name = user.display_name;
      return h(ByProvider, { name, onDone: onBack, onElse: another, elseLabel: t('lock.switch') });
    }
    if (person === null) return h(Password, { onBack, onAsked: setAsked });
    return h(QuickEntry, {
      person,
      onDone: onBack,
      onElse: another,
      elseLabel: t('lock.switch'),
      onGone: () => {
        setGone(true);
        setPerson(null);
      },
      children: passkeysWork() ? h(PasskeyButton, { onDone: onBack }) : undefined,
    });
  };
  return html`<div class="door">
    <header class="door-top">${h(Mark, {})} HealthFlow</header>
    <main class="door-body">
      <div class="door-card stack">
        <h1>${h(Icon, { name: 'lock' })} ${t(`lock.${reason}`)}</h1>
        <p class="quiet"><bdi>${hospital.value}</bdi> · ${t(`workplace.${workplace()}`)}</p>
        ${user?.origin !== 'openid' &&
        html`<p>
          ${reason === 'expired' && `${t('lock.over')} `}
          ${t('lock.kept', { name: user?.display_name ?? '' })}
        </p>`}
        ${gone && h(QuickGone, {})} ${body()}
      </div>
    </main>
  </div>`;
}

/**
 * For a session that is over: the whole way in.
 * @param {{ onBack: (session: any) => void, onAsked: (asked: Asked) => void }} props
 */
function Password({ onBack, onAsked }) {
  const user = session.value?.user;
  const [password, setPassword] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(() => api.post('/sessions', { username: user?.username, password }));
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  useEffect(() => {
    const asked = secondStep(form.problem);
    if (asked) onAsked(asked);
    if (form.problem) setPassword('');
  }, [form.problem]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {import('../ui/form.js').Errors} */
    const found = password ? {} : { 'lock-password': t('sign_in.password_missing') };
    const done = await form.submit({ password }, found);
    if (done) onBack(done.data);
  };
  return html`<form class="door-form" novalidate ref=${box} onSubmit=${submit}>
    ${h(ErrorSummary, {
      errors: form.errors,
      // That a code is asked for is no mistake: the next step comes in its place.
      problem: secondStep(form.problem) ? null : wrong(form.problem),
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
      ${passkeysWork() && h(PasskeyButton, { onDone: onBack })}
      <button class="button" type="button" onClick=${another}>${t('lock.switch')}</button>
    </div>
  </form>`;
}

/** A whole new page: nothing of the first person stays in memory. */
function another() {
  location.replace('/sign-in');
}

/** @param {Problem | null} problem */
function wrong(problem) {
  if (problem?.code !== 'access.wrong_credentials') return problem;
  return new Problem({ code: problem.code, status: 401, detail: t('lock.wrong') });
}
