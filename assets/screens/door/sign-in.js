// Sign in. Paste and password managers work; a wrong pair says so without telling which part.

import { h, html, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { Problem, api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { navigate } from '../../lib/router.js';
import { setSession } from '../../lib/session.js';
import { TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { OtherWays } from '../../ui/other-ways.js';
import { Door } from './door.js';

/** Why somebody is not let in though the password is theirs, or nobody could be asked. */
const SAID = [
  'access.directory_silent',
  'access.password_expired',
  'access.no_group',
  'access.name_taken',
  'access.account_unfit',
];

export const meta = { title: 'sign_in.title', public: true };

/** @param {any} data the session */
function goOn(data) {
  setSession(data);
  navigate('/', { replace: true, force: true });
}

export function Screen() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const form = useSubmit(({ key }) =>
    api.post('/sessions', { username: username.trim(), password }, { idempotencyKey: key }),
  );
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {import('../../ui/form.js').Errors} */
    const found = {};
    if (!username.trim()) found.username = t('sign_in.username_missing');
    if (!password) found.password = t('sign_in.password_missing');
    const done = await form.submit({ username, password }, found);
    if (!done) return setPassword('');
    goOn(done.data);
  };
  return h(Door, {
    children: html`<form class="door-form" novalidate ref=${box} onSubmit=${submit}>
      <h1>${t('sign_in.title')}</h1>
      ${h(ErrorSummary, {
        errors: form.errors,
        problem: said(form.problem),
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
      </div>
      <p class="quiet small">${t('sign_in.forgot')}</p>
      ${h(OtherWays, { onDone: goOn })}
    </form>`,
  });
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
