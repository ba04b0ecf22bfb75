// The step after the password: the code of the app, a recovery code, or a passkey.

import { h, html, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { passkeysWork } from '../lib/passkey.js';
import { Problem } from '../lib/problem.js';
import { TextField } from './field.js';
import { ErrorSummary, useSubmit } from './form.js';
import { PasskeyButton } from './passkey-button.js';

/** @typedef {{ challenge: string, factors: string[] }} Asked */

/**
 * What a problem asks for, if it asks for a second step.
 * @param {Problem | null} problem
 * @returns {Asked | null}
 */
export function secondStep(problem) {
  if (problem?.code !== 'access.second_factor') return null;
  const { challenge, factors } = problem.more;
  return { challenge, factors: factors ?? [] };
}

/**
 * @param {{ asked: Asked, within?: boolean, onDone: (session: any) => void,
 *   onAgain: () => void }} props
 *   `within` a page that has its heading; `onAgain` goes back to the password
 */
export function SecondStep({ asked, within = false, onDone, onAgain }) {
  const app = asked.factors.includes('totp');
  const [lost, setLost] = useState(!app);
  const [code, setCode] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(() =>
    api.post('/sessions/second-factor', { challenge: asked.challenge, code }),
  );
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), [lost]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = code.trim() ? {} : { code: t('second.code_missing') };
    const done = await form.submit({ code }, found);
    if (done) onDone(done.data);
    else setCode('');
  };
  const passkey = asked.factors.includes('passkey') && passkeysWork();
  const over = form.problem?.code === 'access.challenge_over';
  return html`<form class="door-form" novalidate ref=${box} onSubmit=${submit}>
    ${within ? html`<h2>${t('second.title')}</h2>` : html`<h1>${t('second.title')}</h1>`}
    <p>${t(lost ? 'second.lead_recovery' : 'second.lead')}</p>
    ${h(ErrorSummary, {
      errors: form.errors,
      problem: inWords(form.problem),
      round: form.round,
      title: t('sign_in.not_done'),
    })}
    ${!over &&
    h(TextField, {
      id: 'code',
      label: t(lost ? 'second.recovery' : 'second.code'),
      value: code,
      onInput: setCode,
      dir: 'ltr',
      inputmode: lost ? undefined : 'numeric',
      autocomplete: lost ? 'off' : 'one-time-code',
      maxlength: 60,
      error: form.errors.code,
    })}
    <div class="buttons">
      ${!over &&
      html`<button class="button primary" type="submit" disabled=${form.busy}>
        ${t('sign_in.do')}
      </button>`}
      ${passkey && h(PasskeyButton, { onDone })}
      <button class="button" type="button" onClick=${onAgain}>${t('second.again')}</button>
    </div>
    ${app &&
    html`<p>
      <button class="link" type="button" onClick=${() => setLost(!lost)}>
        ${t(lost ? 'second.use_app' : 'second.lost')}
      </button>
    </p>`}
    ${!app && !passkey && html`<p class="quiet small">${t('second.passkey_elsewhere')}</p>`}
  </form>`;
}

/** @param {Problem | null} problem */
function inWords(problem) {
  if (!problem) return null;
  const words = new Map([
    ['access.wrong_code', 'second.wrong'],
    ['access.challenge_over', 'second.over'],
  ]).get(problem.code);
  if (!words) return problem;
  return new Problem({ code: problem.code, status: problem.status, detail: t(words) });
}
