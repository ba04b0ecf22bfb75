// How whoever is signed in wants to be told of what goes wrong.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { latinDigits } from '../../lib/digits.js';
import { LANGUAGES, language, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { useAct } from '../../ui/act.js';
import { RadioField, SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown, explain } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/api.js').OwnNotifications} Own */

const OWN = '/users/current/notifications';

export function Told() {
  const loaded = useResource('told', async (signal) => {
    return /** @type {Own} */ ((await api.get(OWN, {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="told-title">
    <div class="card-head"><h2 id="told-title">${t('told.title')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('told.what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, kept: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ kept: Own, reload: () => void }} props */
function Form({ kept, reload }) {
  const start = {
    email: kept.email ?? '',
    level: kept.level,
    quiet_from: kept.quiet_from ?? '',
    quiet_until: kept.quiet_until ?? '',
    digest: kept.digest,
    language: kept.version === 0 ? language() : kept.language,
  };
  const [form, setForm] = useState(start);
  const isChanged = JSON.stringify(form) !== JSON.stringify(start);
  useUnsaved(isChanged);
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const { problem, run } = useAct(() => {});
  const saving = useSubmit(async () => {
    const { email, quiet_from, quiet_until, ...rest } = form;
    const body = {
      ...rest,
      email: email || null,
      quiet_from: latinDigits(quiet_from).trim() || null,
      quiet_until: latinDigits(quiet_until).trim() || null,
    };
    await api.put(OWN, body, `"${kept.version}"`);
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await saving.submit(form))) return;
    toast(t('told.saved'));
    reload();
  };
  const time = (/** @type {'quiet_from' | 'quiet_until'} */ name) =>
    h(TextField, {
      id: name,
      label: t(`told.${name}`),
      value: form[name],
      optional: true,
      narrow: true,
      dir: 'ltr',
      maxlength: 5,
      onInput: (text) => set({ [name]: text }),
      error: saving.errors[name],
    });
  return html`<form class="card-body stack" novalidate onSubmit=${submit}>
    <p class="quiet">${t(kept.mail_is_set ? 'told.hint' : 'told.no_mail')}</p>
    ${h(ErrorSummary, saving)}
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${h(TextField, {
      id: 'email',
      label: t('told.email'),
      optional: true,
      value: form.email,
      autocomplete: 'email',
      dir: 'ltr',
      maxlength: 254,
      onInput: (email) => set({ email }),
      error: saving.errors.email,
    })}
    ${h(RadioField, {
      id: 'level',
      label: t('told.level'),
      value: form.level,
      onChange: (level) => set({ level: /** @type {Own['level']} */ (level) }),
      options: ['all', 'critical', 'none'].map((value) => ({
        value,
        label: t(`told.level_${value}`),
      })),
    })}
    <div class="row">${time('quiet_from')} ${time('quiet_until')}</div>
    <p class="hint">${t('told.quiet_hint')}</p>
    ${h(RadioField, {
      id: 'digest',
      label: t('told.digest'),
      value: form.digest,
      onChange: (digest) => set({ digest: /** @type {Own['digest']} */ (digest) }),
      options: ['none', 'weekly', 'daily'].map((value) => ({
        value,
        label: t(`told.digest_${value}`),
      })),
    })}
    ${h(SelectField, {
      id: 'told-language',
      label: t('told.language'),
      value: form.language,
      onChange: (value) => set({ language: /** @type {Own['language']} */ (value) }),
      options: LANGUAGES.map((one) => ({ value: one.code, label: one.name })),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('told.save')}
      </button>
      ${!isChanged &&
      kept.email &&
      kept.mail_is_set &&
      html`<button
        class="button"
        type="button"
        onClick=${() => run(() => api.post(`${OWN}/test`, {}), t('told.on_its_way'))}
      >
        ${t('told.test')}
      </button>`}
    </div>
  </form>`;
}
