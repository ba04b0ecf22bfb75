// The first minutes: name the hospital, make the first administrator. The one-time key comes
// in the fragment of the address, which never leaves the browser; it is removed at once.

import { h, html, useEffect, useLayoutEffect, useMemo, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { navigate } from '../../lib/router.js';
import { setSession } from '../../lib/session.js';
import { SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { useResource } from '../../lib/resource.js';
import { zoneNames } from '../../lib/zones.js';
import { Empty, Failed, Loading } from '../../ui/state.js';
import { Door } from './door.js';

export const meta = { title: 'setup.title', public: true };

/** Where nothing else is asked for; NIST SP 800-63B-4. */
export const PASSWORD_SHORTEST = 15;

/**
 * @typedef {object} Form
 * @property {string} hospital_name
 * @property {string} time_zone
 * @property {string} display_name
 * @property {string} username
 * @property {string} password
 */

export function Screen() {
  const token = useToken();
  const state = useResource('setup', async (signal) => {
    return (await api.get('/setup', {}, { signal })).data;
  });
  const { data, problem } = state.value;
  if (problem) {
    const retry = state.reload;
    return h(Door, { children: h(Failed, { problem, what: t('setup.what'), retry }) });
  }
  if (!data) return h(Door, { children: h(Loading, { what: t('setup.what') }) });
  if (!data.needed) return h(Door, { children: h(Done, { token }) });
  const { accounts } = data;
  return h(Door, { wide: true, children: h(SetupForm, { token, accounts }) });
}

/** The key of the link, also of one that is opened where this page is open already. */
function useToken() {
  const [token, setToken] = useState(takeToken);
  useEffect(() => {
    const opened = () => setToken((old) => takeToken() || old);
    window.addEventListener('hashchange', opened);
    return () => window.removeEventListener('hashchange', opened);
  }, []);
  return token;
}

/** @returns {string} */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
  if (location.hash) history.replaceState(history.state, '', location.pathname);
  return token;
}

/** @param {{ token: string }} props */
function Done({ token }) {
  return html`<h1>${t('setup.title')}</h1>
    ${h(Empty, {
      title: t('setup.already'),
      icon: 'check',
      children: token ? t('setup.void') : undefined,
    })}
    <p><a class="button primary" href="/sign-in">${t('sign_in.do')}</a></p>`;
}

/** @param {{ token: string, accounts: boolean }} props */
function SetupForm({ token, accounts }) {
  const [key, setKey] = useState(token);
  const [form, setForm] = useState(
    /** @returns {Form} */ () => ({
      hospital_name: '',
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      display_name: '',
      username: '',
      password: '',
    }),
  );
  const saving = useSubmit((send) =>
    api.post('/setup', { token: key.trim(), ...trimmed(form) }, { idempotencyKey: send.key }),
  );
  const set = (/** @type {Partial<Form>} */ change) => {
    setForm((old) => ({ ...old, ...change }));
    saving.touch(Object.keys(change));
  };
  useEffect(() => {
    if (token) setKey(token);
  }, [token]);
  // A link that is not valid any more gives way to another key.
  const isVoid = saving.problem?.code === 'access.setup_link';
  useLayoutEffect(() => {
    document.getElementById(token ? 'hospital_name' : 'token')?.focus();
  }, [token]);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit({ key, ...form }, check(form, key));
    if (!done) return;
    setSession(done.data);
    navigate('/', { replace: true, force: true, given: { welcome: true } });
  };
  return html`<form class="setup" novalidate onSubmit=${submit}>
    <div class="setup-head">
      <h1>${t('setup.title')}</h1>
      <p class="quiet">${t('setup.lead')}</p>
      ${accounts &&
      html`<p>${t('setup.accounts')} <a href="/sign-in">${t('sign_in.do')}</a></p>`}
    </div>
    ${h(Checklist, { form, keyGiven: Boolean(key.trim()) })}
    <div class="setup-fields">
      ${h(ErrorSummary, saving)}
      ${(!token || isVoid) &&
      h(TextField, {
        id: 'token',
        label: t('setup.token'),
        hint: t('setup.token_hint'),
        value: key,
        onInput: setKey,
        dir: 'ltr',
        error: saving.errors.token,
      })}
      ${h(HospitalFields, { form, set, errors: saving.errors })}
      ${h(AdminFields, { form, set, errors: saving.errors })}
      <div class="buttons">
        <button class="button primary" type="submit" disabled=${saving.busy}>
          ${saving.busy ? t('setup.busy') : t('setup.do')}
        </button>
      </div>
    </div>
  </form>`;
}

/** @param {Form} form @returns {Form} */
function trimmed(form) {
  return {
    ...form,
    hospital_name: form.hospital_name.trim(),
    display_name: form.display_name.trim(),
    username: form.username.trim(),
  };
}

/**
 * @typedef {{ form: Form, set: (change: Partial<Form>) => void,
 *   errors: Record<string, string> }} Part
 */

/** @param {Part} props */
function HospitalFields({ form, set, errors }) {
  const zones = useMemo(() => zoneNames(form.time_zone), []);
  return html`<fieldset class="setup-group">
    <legend>${t('setup.hospital')}</legend>
    ${h(TextField, {
      id: 'hospital_name',
      label: t('setup.hospital_name'),
      hint: t('setup.hospital_name_hint'),
      dir: 'auto',
      value: form.hospital_name,
      onInput: (hospital_name) => set({ hospital_name }),
      error: errors.hospital_name,
    })}
    ${h(SelectField, {
      id: 'time_zone',
      label: t('setup.time_zone'),
      hint: t('setup.time_zone_hint'),
      value: form.time_zone,
      onChange: (time_zone) => set({ time_zone }),
      options: zones.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
      error: errors.time_zone,
    })}
  </fieldset>`;
}

/** @param {Part} props */
function AdminFields({ form, set, errors }) {
  return html`<fieldset class="setup-group">
    <legend>${t('setup.admin')}</legend>
    <div class="row">
      ${h(TextField, {
        id: 'display_name',
        label: t('setup.display_name'),
        hint: t('setup.display_name_hint'),
        dir: 'auto',
        autocomplete: 'name',
        value: form.display_name,
        onInput: (display_name) => set({ display_name }),
        error: errors.display_name,
      })}
      ${h(TextField, {
        id: 'username',
        label: t('sign_in.username'),
        hint: t('setup.username_hint'),
        autocomplete: 'username',
        value: form.username,
        onInput: (username) => set({ username }),
        error: errors.username,
      })}
    </div>
    ${h(TextField, {
      id: 'password',
      label: t('sign_in.password'),
      hint: t('setup.password_hint', { count: PASSWORD_SHORTEST }),
      type: 'password',
      autocomplete: 'new-password',
      value: form.password,
      onInput: (password) => set({ password }),
      error: errors.password,
      note: passwordNote(form.password),
    })}
  </fieldset>`;
}

/** @param {string} password */
function passwordNote(password) {
  if (!password) return undefined;
  const missing = PASSWORD_SHORTEST - [...password].length;
  return missing > 0 ? t('setup.password_more', { count: missing }) : t('setup.password_ok');
}

/** What is done and what is next. @param {{ form: Form, keyGiven: boolean }} props */
function Checklist({ form, keyGiven }) {
  const admin = form.display_name.trim() && form.username.trim();
  const steps = [
    { label: t('setup.step_started'), done: true },
    { label: t('setup.step_key'), done: keyGiven },
    { label: t('setup.step_hospital'), done: Boolean(form.hospital_name.trim()) },
    {
      label: t('setup.step_admin'),
      done: Boolean(admin) && [...form.password].length >= PASSWORD_SHORTEST,
    },
  ];
  return html`<ol class="checklist" aria-label=${t('setup.steps')}>
    ${steps.map(
      (step) =>
        html`<li key=${step.label} class=${step.done ? 'done' : ''}>
          ${step.done
            ? h(Icon, { name: 'check' })
            : html`<span class="ring" aria-hidden="true"></span>`}
          <span>${step.label}</span>
          <span class="spoken">${t(step.done ? 'setup.step_done' : 'setup.step_open')}</span>
        </li>`,
    )}
    <li class="later">
      <span class="ring" aria-hidden="true"></span> <span>${t('setup.step_import')}</span>
      <span class="spoken">${t('setup.step_later')}</span>
    </li>
  </ol>`;
}

/** @param {Form} form @param {string} key */
function check(form, key) {
  /** @type {Record<string, string>} */
  const errors = {};
  if (!key.trim()) errors.token = t('setup.error_token');
  if (!form.hospital_name.trim()) errors.hospital_name = t('setup.error_hospital');
  if (!form.display_name.trim()) errors.display_name = t('setup.error_display_name');
  if (!form.username.trim()) errors.username = t('setup.error_username');
  if ([...form.password].length < PASSWORD_SHORTEST) {
    errors.password = t('setup.error_password', { count: PASSWORD_SHORTEST });
  }
  return errors;
}
