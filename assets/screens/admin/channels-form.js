// The chats and programs that are told.

import { Fragment, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { LANGUAGES, language, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useAct } from '../../ui/act.js';
import { SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/api.js').NotificationChannels} Kept */
/** @typedef {Kept['channels'][number]} Channel */
/** @typedef {Pick<Channel, 'name' | 'sort' | 'level' | 'language'> &
 *   { key: string | null, url: string, host: string }} Typed */

const SORTS = ['webhook', 'slack', 'discord'];
const MOST = 10;
const PASSWORD = 'channels-current_password';

export function ChannelsCard() {
  const loaded = useResource('channels', async (signal) => {
    return /** @type {Kept} */ ((await api.get('/notification-channels', {}, { signal })).data);
  });
  /** Secrets to sign with are in the answer to the change that made them, and nowhere else. */
  const [made, setMade] = useState(/** @type {Channel[]} */ ([]));
  const saved = (/** @type {Kept} */ now) => {
    setMade(now.channels.filter((channel) => channel.signing_secret));
    loaded.reload();
  };
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="channels-title">
    <div class="card-head"><h2 id="channels-title">${t('channels.title')}</h2></div>
    ${made.map((channel) => h(Made, { key: channel.key, channel }))}
    ${h(Shown, {
      of: loaded.value,
      what: t('channels.what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, kept: data, saved }),
    })}
  </section>`;
}

/** @param {{ channel: Channel }} props */
function Made({ channel }) {
  return html`<div class="alert info" role="status">
    <div>
      <p class="alert-title">${t('channels.secret', { name: channel.name })}</p>
      <p><code dir="ltr">${channel.signing_secret}</code></p>
      <p>${t('channels.secret_hint')}</p>
    </div>
  </div>`;
}

/** @param {{ kept: Kept, saved: (now: Kept) => void }} props */
function Form({ kept, saved }) {
  const start = kept.channels.map((channel) => ({ ...channel, url: '' }));
  const [rows, setRows] = useState(/** @type {Typed[]} */ (start));
  const [current, setCurrent] = useState('');
  const may = can('system.write');
  const isChanged = JSON.stringify(rows) !== JSON.stringify(start);
  useUnsaved(isChanged);
  const change = (/** @type {number} */ at, /** @type {Partial<Typed>} */ more) =>
    setRows((all) => all.map((row, index) => (index === at ? { ...row, ...more } : row)));
  const saving = useSubmit(
    async () => {
      const channels = rows.map(({ key, name, sort, level, language: speaks, url }) => ({
        ...(key ? { key } : {}),
        ...(url ? { url } : {}),
        name,
        sort,
        level,
        language: speaks,
      }));
      const body = { channels, current_password: current };
      return (await api.put('/notification-channels', body, `"${kept.version}"`)).data;
    },
    (errors) =>
      Object.fromEntries(
        errors.map(({ field, message }) => {
          const [, at, name] = /^channels\[(\d+)\]\.(\w+)$/.exec(field) ?? [];
          return [name ? `channel-${at}-${name}` : `channels-${field}`, message];
        }),
      ),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit({ rows, current }, { [PASSWORD]: lacksPassword(current) });
    if (!done) return;
    toast(t('channels.saved'));
    saved(done);
  };
  const add = () => {
    const fresh = { key: null, name: '', sort: 'webhook', level: 'all', url: '', host: '' };
    setRows((all) => [...all, /** @type {Typed} */ ({ ...fresh, language: language() })]);
  };
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${rows.length === 0 && h(Empty, { title: t('channels.none'), icon: 'info' })}
    ${rows.map((row, at) =>
      h(Row, {
        key: row.key ?? at,
        row,
        at,
        may,
        isChanged,
        errors: saving.errors,
        onChange: (more) => change(at, more),
        onRemove: () => setRows((all) => all.filter((_, index) => index !== at)),
      }),
    )}
    ${may &&
    html`<${Fragment}>
      <div class="buttons">
        <button class="button" type="button" disabled=${rows.length >= MOST} onClick=${add}>
          ${h(Icon, { name: 'add' })} ${t('channels.add')}
        </button>
      </div>
      ${isChanged &&
      html`${h(PasswordAgain, {
          id: PASSWORD,
          value: current,
          onInput: setCurrent,
          error: saving.errors[PASSWORD],
        })}
        <div class="buttons">
          <button class="button primary" type="submit" disabled=${saving.busy}>
            ${t('channels.save')}
          </button>
        </div>`}
    <//>`}
  </form>`;
}

/**
 * @param {{ row: Typed, at: number, may: boolean, isChanged: boolean,
 *   errors: Record<string, string>, onChange: (more: Partial<Typed>) => void,
 *   onRemove: () => void }} props
 */
function Row({ row, at, may, isChanged, errors, onChange, onRemove }) {
  const { problem, run } = useAct(() => {});
  const test = () =>
    run(() => api.post('/notification-channels/test', { key: row.key }), t('channels.sent'));
  const id = (/** @type {string} */ name) => `channel-${at}-${name}`;
  /**
   * @param {'sort' | 'level' | 'language'} name
   * @param {{ value: string, label: string }[]} options
   */
  const choice = (name, options) =>
    h(SelectField, {
      id: id(name),
      label: t(`channels.${name}`),
      value: row[name],
      disabled: !may,
      onChange: (value) => onChange({ [name]: value }),
      options,
    });
  const words = (/** @type {string[]} */ all) =>
    all.map((value) => ({ value, label: t(`channels.is_${value}`) }));
  const name = row.name || t('channels.new');
  return html`<fieldset class="stack channel">
    <legend><bdi>${name}</bdi></legend>
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${h(TextField, {
      id: id('name'),
      label: t('channels.name'),
      value: row.name,
      disabled: !may,
      maxlength: 80,
      onInput: (value) => onChange({ name: value }),
      error: errors[id('name')],
    })}
    <div class="row">
      ${choice('sort', words(SORTS))} ${choice('level', words(['all', 'critical', 'none']))}
      ${choice(
        'language',
        LANGUAGES.map((one) => ({ value: one.code, label: one.name })),
      )}
    </div>
    ${h(TextField, {
      id: id('url'),
      label: t('channels.url'),
      hint: row.host ? t('channels.url_kept', { host: row.host }) : t('channels.url_hint'),
      value: row.url,
      disabled: !may,
      dir: 'ltr',
      maxlength: 1_000,
      onInput: (value) => onChange({ url: value }),
      error: errors[id('url')],
    })}
    ${may &&
    html`<div class="buttons">
      ${row.key &&
      !isChanged &&
      html`<button
        class="button"
        type="button"
        aria-label=${t('channels.test_of', { name })}
        onClick=${test}
      >
        ${t('channels.test')}
      </button>`}
      <button
        class="button"
        type="button"
        aria-label=${t('channels.remove_of', { name })}
        onClick=${onRemove}
      >
        ${t('channels.remove')}
      </button>
    </div>`}
  </fieldset>`;
}
