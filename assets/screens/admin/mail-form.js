// How mail goes out, with a button that sends a letter.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { latinDigits } from '../../lib/digits.js';
import { language, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { CheckField, RadioField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { TextArea } from '../../ui/text-area.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/api.js').MailSettings} MailSettings */

const PORTS = { starttls: '587', tls: '465', none: '25' };
const SECURITIES = /** @type {const} */ (['starttls', 'tls', 'none']);

export function MailCard() {
  const loaded = useResource('mail', async (signal) => {
    return /** @type {MailSettings} */ ((await api.get('/mail', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="mail-title">
    <div class="card-head">
      <h2 id="mail-title">${t('mail.title')}</h2>
      ${data &&
      h(Tag, {
        tone: data.enabled ? 'ok' : 'neutral',
        children: t(data.enabled ? 'ways.on' : 'ways.off'),
      })}
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('mail.what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, kept: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ kept: MailSettings, reload: () => void }} props */
function Form({ kept, reload }) {
  const before = {
    enabled: kept.enabled,
    host: kept.host,
    port: String(kept.port || PORTS.starttls),
    security: /** @type {keyof typeof PORTS} */ (kept.security),
    username: kept.username ?? '',
    from: kept.from,
    ca_pem: kept.ca_pem ?? '',
  };
  const [form, setForm] = useState({ ...before, password: '', current_password: '' });
  const names = /** @type {(keyof typeof before)[]} */ (Object.keys(before));
  const may = can('system.write');
  useUnsaved(form.password !== '' || names.some((name) => form[name] !== before[name]));
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const saving = useSubmit(
    async () => {
      const { password, current_password, ...rest } = form;
      const { username, ca_pem } = rest;
      const settings = {
        ...rest,
        port: Number(latinDigits(form.port)),
        username: username || null,
        ca_pem: ca_pem || null,
      };
      const secret = password ? { password } : {};
      await api.put('/mail', { settings, ...secret, current_password }, `"${kept.version}"`);
      return true;
    },
    (errors) =>
      Object.fromEntries(errors.map(({ field, message }) => [`mail-${field}`, message])),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const isPort = /^\d{1,5}$/.test(latinDigits(form.port).trim());
    const done = await saving.submit(form, {
      'mail-port': isPort ? undefined : t('mail.error_port'),
      'mail-current_password': lacksPassword(form.current_password),
    });
    if (!done) return;
    toast(t('mail.saved'));
    reload();
  };
  /** @param {'host' | 'port' | 'username' | 'from'} name @param {object} [more] */
  const text = (name, more) =>
    h(TextField, {
      id: `mail-${name}`,
      label: t(`mail.${name}`),
      value: form[name],
      disabled: !may,
      dir: 'ltr',
      maxlength: 254,
      onInput: (value) => set({ [name]: value }),
      error: saving.errors[`mail-${name}`],
      ...more,
    });
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
      ${h(ErrorSummary, saving)}
      ${h(CheckField, {
        id: 'mail-enabled',
        label: t('mail.enabled'),
        checked: form.enabled,
        disabled: !may,
        onChange: (enabled) => set({ enabled }),
      })}
      ${text('host', { hint: t('mail.host_hint') })}
      ${h(RadioField, {
        id: 'mail-security',
        label: t('mail.security'),
        value: form.security,
        disabled: !may,
        onChange: (value) => {
          const security = SECURITIES.find((one) => one === value) ?? 'starttls';
          const usual = form.port === PORTS[form.security];
          set(usual ? { security, port: PORTS[security] } : { security });
        },
        options: SECURITIES.map((value) => ({ value, label: t(`mail.security_${value}`) })),
      })}
      ${text('port', { inputmode: 'numeric', narrow: true, maxlength: 5 })}
      ${text('from', { hint: t('mail.from_hint') })}
      ${text('username', { optional: true })}
      ${form.username !== '' &&
      h(TextField, {
        id: 'mail-password',
        label: t('mail.password'),
        hint: kept.has_password ? t('mail.password_kept') : undefined,
        type: 'password',
        autocomplete: 'new-password',
        disabled: !may,
        value: form.password,
        onInput: (password) => set({ password }),
        error: saving.errors['mail-password'],
      })}
      ${h(TextArea, {
        id: 'mail-ca_pem',
        label: t('mail.ca_pem'),
        hint: t('mail.ca_pem_hint'),
        optional: true,
        rows: 2,
        maxlength: 65_536,
        value: form.ca_pem,
        onInput: (ca_pem) => set({ ca_pem }),
        error: saving.errors['mail-ca_pem'],
      })}
      ${may &&
      html`${h(PasswordAgain, {
          id: 'mail-current_password',
          value: form.current_password,
          onInput: (current_password) => set({ current_password }),
          error: saving.errors['mail-current_password'],
        })}
        <div class="buttons">
          <button class="button primary" type="submit" disabled=${saving.busy}>
            ${t('mail.save')}
          </button>
        </div>`}
    </form>
    ${may && kept.enabled && h(Try, {})}`;
}

function Try() {
  const [to, setTo] = useState('');
  const trying = useSubmit(async () => {
    await api.post('/mail/test', { to, language: language() });
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (await trying.submit({ to })) toast(t('mail.sent'));
  };
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, { ...trying, title: t('mail.not_sent') })}
    ${h(TextField, {
      id: 'to',
      label: t('mail.to'),
      hint: t('mail.to_hint'),
      value: to,
      dir: 'ltr',
      maxlength: 254,
      onInput: setTo,
      error: trying.errors.to,
    })}
    <div class="buttons">
      <button class="button" type="submit" disabled=${trying.busy}>${t('mail.test')}</button>
    </div>
  </form>`;
}
