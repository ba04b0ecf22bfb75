// How the hospital's directory is reached and read, with a button that tries it step by step.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { CheckField, RadioField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { TextArea } from '../../ui/text-area.js';
import { toast } from '../../ui/toast.js';
import { RoleRules } from './role-rules.js';

/** @typedef {import('../../types/api.js').Directory} Directory */
/** @typedef {import('../../lib/problem.js').FieldError} FieldError */
/** @typedef {{ server?: string, step: string, ok: boolean, detail: string }} Step */

export function DirectoryCard() {
  const loaded = useResource('directory', async (signal) => {
    return /** @type {Directory} */ ((await api.get('/directory', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="directory-title">
    <div class="card-head">
      <h2 id="directory-title">${t('ways.directory')}</h2>
      ${data && h(State, { on: data.enabled, trouble: data.trouble })}
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('ways.directory_what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, kept: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ on: boolean, trouble: string | null }} props */
export function State({ on, trouble }) {
  if (!on) return h(Tag, { tone: 'neutral', children: t('ways.off') });
  if (trouble) return h(Tag, { tone: 'crit', children: t('ways.trouble') });
  return h(Tag, { tone: 'ok', children: t('ways.on') });
}

/** Errors of one of several lines belong to the field with the lines. @param {FieldError[]} all */
function place(all) {
  return Object.fromEntries(
    all.map(({ field, message }) => [field.replace(/^servers\[\d+\]$/, 'servers'), message]),
  );
}

/** @param {{ kept: Directory, reload: () => void }} props */
function Form({ kept, reload }) {
  const start = {
    enabled: kept.enabled,
    flavor: kept.flavor,
    servers: kept.servers.join('\n'),
    ca_pem: kept.ca_pem ?? '',
    bind_dn: kept.bind_dn,
    bind_password: '',
    base: kept.base,
    user_filter: kept.user_filter ?? '',
    group_base: kept.group_base ?? '',
    nested_groups: kept.nested_groups,
    mapping: kept.mapping,
  };
  const [form, setForm] = useState(start);
  const [username, setUsername] = useState('');
  const [steps, setSteps] = useState(/** @type {Step[]} */ ([]));
  const may = can('users.write');
  const dirty = JSON.stringify(form) !== JSON.stringify(start);
  useUnsaved(dirty);
  const set = (/** @type {Partial<typeof start>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const body = () => {
    const { bind_password, servers, ca_pem, user_filter, group_base, ...rest } = form;
    const lines = servers.split('\n').map((line) => line.trim());
    const settings = {
      ...rest,
      servers: lines.filter(Boolean),
      ca_pem: ca_pem || null,
      user_filter: user_filter || null,
      group_base: group_base || null,
    };
    return bind_password ? { settings, bind_password } : { settings };
  };
  const saving = useSubmit(async () => {
    return await api.put('/directory', body(), `"${kept.version}"`);
  }, place);
  const trying = useSubmit(async () => {
    return (await api.post('/directory/test', { ...body(), username: username || null })).data;
  }, place);
  const errors = { ...saving.errors, ...trying.errors };
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await saving.submit(form))) return;
    toast(t('ways.saved'));
    reload();
  };
  const tryOut = async () => {
    setSteps([]);
    const done = await trying.submit({ form, username });
    if (done) setSteps(done.steps);
  };
  /** @param {'bind_dn' | 'base' | 'user_filter' | 'group_base'} name @param {object} [more] */
  const text = (name, more) =>
    h(TextField, {
      id: name,
      label: t(`ways.${name}`),
      // What stands for the name in a filter is written as it stands here.
      hint: t(`ways.${name}_hint`, { name: '{name}' }),
      value: form[name],
      disabled: !may,
      dir: 'ltr',
      maxlength: 500,
      onInput: (value) => set({ [name]: value }),
      error: errors[name],
      ...more,
    });
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${save}>
    ${h(ErrorSummary, saving)} ${h(ErrorSummary, { ...trying, title: t('ways.not_tried') })}
    ${kept.trouble &&
    html`<div class="alert warn">
      <div>
        <p class="alert-title">${t('ways.trouble_last')}</p>
        <p lang="en"><bdi dir="ltr">${kept.trouble}</bdi></p>
      </div>
    </div>`}
    ${h(CheckField, {
      id: 'directory_enabled',
      label: t('ways.directory_enabled'),
      checked: form.enabled,
      disabled: !may,
      onChange: (enabled) => set({ enabled }),
    })}
    ${h(RadioField, {
      id: 'flavor',
      label: t('ways.flavor'),
      value: form.flavor,
      onChange: (flavor) =>
        set({ flavor: flavor === 'ldap' ? 'ldap' : 'active_directory' }),
      options: ['active_directory', 'ldap'].map((value) => ({
        value,
        label: t(`ways.flavor_${value}`),
      })),
    })}
    ${h(TextArea, {
      id: 'servers',
      label: t('ways.servers'),
      hint: t('ways.servers_hint'),
      rows: 2,
      maxlength: 2000,
      value: form.servers,
      disabled: !may,
      onInput: (servers) => set({ servers }),
      error: errors.servers,
    })}
    ${h(TextArea, {
      id: 'ca_pem',
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
    ${text('bind_dn')}
    ${h(TextField, {
      id: 'bind_password',
      label: t('ways.bind_password'),
      hint: kept.has_password ? t('ways.secret_kept') : undefined,
      type: 'password',
      autocomplete: 'new-password',
      maxlength: 500,
      value: form.bind_password,
      disabled: !may,
      onInput: (bind_password) => set({ bind_password }),
      error: errors.bind_password,
    })}
    ${text('base')} ${text('group_base', { optional: true })}
    ${text('user_filter', { optional: true })}
    ${h(CheckField, {
      id: 'nested_groups',
      label: t('ways.nested_groups'),
      checked: form.nested_groups,
      disabled: !may,
      onChange: (nested_groups) => set({ nested_groups }),
    })}
    ${h(RoleRules, {
      id: 'directory',
      rules: form.mapping,
      errors,
      disabled: !may,
      hint: t('ways.rules_directory_hint'),
      onChange: (mapping) => set({ mapping }),
    })}
    ${may &&
    html`<div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || !dirty}>
        ${t('users.save')}
      </button>
    </div>`}
    <div class="stack split">
      ${h(TextField, {
        id: 'username',
        label: t('ways.try_name'),
        hint: t('ways.try_name_hint'),
        optional: true,
        value: username,
        onInput: setUsername,
        error: trying.errors.username,
      })}
      <div class="buttons">
        <button class="button" type="button" disabled=${trying.busy} onClick=${tryOut}>
          ${trying.busy ? t('ways.trying') : t('ways.try')}
        </button>
      </div>
      ${h(Steps, { steps })}
    </div>
  </form>`;
}

/** @param {{ steps: Step[] }} props */
function Steps({ steps }) {
  const well = steps.every((step) => step.ok);
  return html`<div role="status">
    ${steps.length > 0 &&
    html`<p>
        ${h(Tag, {
          tone: well ? 'ok' : 'crit',
          children: t(well ? 'ways.works' : 'ways.works_not'),
        })}
      </p>
      <ol class="steps">
        ${steps.map(
          (step, at) => html`<li key=${at}>
            ${h(Tag, {
              tone: step.ok ? 'ok' : 'crit',
              children: t(`ways.step_${step.step}`),
            })}
            ${step.server && html` <bdi dir="ltr">${step.server}</bdi>`}
            <span class="setting-help" lang="en"><bdi dir="ltr">${step.detail}</bdi></span>
          </li>`,
        )}
      </ol>`}
  </div>`;
}
