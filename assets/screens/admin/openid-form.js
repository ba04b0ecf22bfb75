// Who the hospital's OpenID provider is, with the address that must be registered there.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { CheckField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { TextArea } from '../../ui/text-area.js';
import { toast } from '../../ui/toast.js';
import { State } from './directory-form.js';
import { RoleRules } from './role-rules.js';

/** @typedef {import('../../types/api.js').OpenidProvider} Provider */

const CALLBACK = '/api/v1/sessions/openid/callback';

export function OpenidCard() {
  const loaded = useResource('openid', async (signal) => {
    return /** @type {Provider} */ ((await api.get('/openid', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="openid-title">
    <div class="card-head">
      <h2 id="openid-title">${t('ways.openid')}</h2>
      ${data && h(State, { on: data.enabled, trouble: data.trouble })}
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('ways.openid_what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, kept: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ kept: Provider, reload: () => void }} props */
function Form({ kept, reload }) {
  const start = {
    enabled: kept.enabled,
    name: kept.name,
    issuer: kept.issuer,
    own_url: kept.own_url || location.origin,
    client_id: kept.client_id,
    client_secret: '',
    scopes: kept.scopes.join(' '),
    username_claim: kept.username_claim,
    groups_claim: kept.groups_claim,
    asks_second_factor: kept.asks_second_factor,
    ca_pem: kept.ca_pem ?? '',
    mapping: kept.mapping,
  };
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(
    /** @type {{ works: boolean, detail: string } | null} */ (null),
  );
  const may = can('users.write');
  const dirty = JSON.stringify(form) !== JSON.stringify(start);
  useUnsaved(dirty);
  const set = (/** @type {Partial<typeof start>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const body = () => {
    const { client_secret, scopes, ca_pem, ...rest } = form;
    const settings = {
      ...rest,
      scopes: scopes.split(/\s+/).filter(Boolean),
      ca_pem: ca_pem || null,
    };
    return client_secret ? { settings, client_secret } : { settings };
  };
  const saving = useSubmit(async () => await api.put('/openid', body(), `"${kept.version}"`));
  const trying = useSubmit(async () => (await api.post('/openid/test', body())).data);
  const errors = { ...saving.errors, ...trying.errors };
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await saving.submit(form))) return;
    toast(t('ways.saved'));
    reload();
  };
  const tryOut = async () => {
    setTried(null);
    const done = await trying.submit(form);
    if (done) setTried(done);
  };
  /**
   * @param {'name' | 'issuer' | 'own_url' | 'client_id' | 'scopes' | 'username_claim'
   *   | 'groups_claim'} name
   */
  const text = (name) =>
    h(TextField, {
      id: name,
      label: t(`ways.openid_${name}`),
      hint: t(`ways.openid_${name}_hint`),
      value: form[name],
      disabled: !may,
      dir: name === 'name' ? undefined : 'ltr',
      maxlength: 500,
      onInput: (value) => set({ [name]: value }),
      error: errors[name],
    });
  const redirect = `${form.own_url.trim().replace(/\/+$/, '')}${CALLBACK}`;
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${save}>
    ${h(ErrorSummary, saving)} ${h(ErrorSummary, { ...trying, title: t('ways.not_tried') })}
    ${h(CheckField, {
      id: 'openid_enabled',
      label: t('ways.openid_enabled'),
      checked: form.enabled,
      disabled: !may,
      onChange: (enabled) => set({ enabled }),
    })}
    ${text('name')} ${text('own_url')}
    <div class="field">
      <label for="redirect">${t('ways.redirect')}</label>
      <p class="hint" id="redirect-hint">${t('ways.redirect_hint')}</p>
      <input
        id="redirect"
        class="input"
        readonly
        dir="ltr"
        value=${redirect}
        aria-describedby="redirect-hint"
        onFocus=${(/** @type {FocusEvent} */ event) =>
          /** @type {HTMLInputElement} */ (event.target).select()}
      />
    </div>
    ${text('issuer')} ${text('client_id')}
    ${h(TextField, {
      id: 'client_secret',
      label: t('ways.client_secret'),
      hint: kept.has_secret ? t('ways.secret_kept') : undefined,
      type: 'password',
      autocomplete: 'new-password',
      maxlength: 500,
      value: form.client_secret,
      disabled: !may,
      onInput: (client_secret) => set({ client_secret }),
      error: errors.client_secret,
    })}
    ${text('scopes')} ${text('username_claim')} ${text('groups_claim')}
    ${h(CheckField, {
      id: 'asks_second_factor',
      label: t('ways.openid_asks_second_factor'),
      hint: t('ways.openid_asks_second_factor_hint'),
      checked: form.asks_second_factor,
      disabled: !may,
      onChange: (asks_second_factor) => set({ asks_second_factor }),
    })}
    ${h(TextArea, {
      id: 'openid_ca_pem',
      label: t('ways.ca_pem'),
      hint: t('ways.ca_pem_hint'),
      optional: true,
      rows: 3,
      maxlength: 65536,
      value: form.ca_pem,
      disabled: !may,
      onInput: (ca_pem) => set({ ca_pem }),
      error: errors.ca_pem,
    })}
    ${h(RoleRules, {
      id: 'openid',
      rules: form.mapping,
      errors,
      disabled: !may,
      hint: t('ways.rules_openid_hint'),
      onChange: (mapping) => set({ mapping }),
    })}
    ${may &&
    html`<div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || !dirty}>
        ${t('users.save')}
      </button>
      <button class="button" type="button" disabled=${trying.busy} onClick=${tryOut}>
        ${trying.busy ? t('ways.trying') : t('ways.try')}
      </button>
    </div>`}
    <div role="status">
      ${tried &&
      html`<p>
        ${h(Tag, {
          tone: tried.works ? 'ok' : 'crit',
          children: t(tried.works ? 'ways.works' : 'ways.works_not'),
        })}
        <span class="setting-help" lang="en"><bdi dir="ltr">${tried.detail}</bdi></span>
      </p>`}
    </div>
  </form>`;
}
