// The recovery sheet: its key is shown once, printed, and typed again as proof that it was kept.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { hospital } from '../../lib/session.js';
import { TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { Instant } from '../../ui/instant.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';
import { placeOf, wayBack } from './backup-bucket.js';

/** @typedef {import('../../types/ui.js').BackupPlan} BackupPlan */

const KEY_MAX = 400;
/** Letters that stand together on paper, so that the eye does not lose its place. */
const GROUP = /.{1,6}/g;

/** @param {{ plan: BackupPlan, onChanged: () => void }} props */
export function SheetCard({ plan, onChanged }) {
  const [key, setKey] = useState('');
  const { sheet, pending } = plan;
  const proven = () => {
    setKey('');
    toast(t('backups.sheet_proven'));
    onChanged();
  };
  return html`<section class="card" aria-labelledby="sheet-title">
    <div class="card-head">
      <h2 id="sheet-title">${t('backups.sheet')}</h2>
      ${h(Tag, {
        tone: sheet?.proven_at ? 'ok' : 'warn',
        children: t(sheet?.proven_at ? 'backups.sheet_there' : 'backups.sheet_missing'),
      })}
    </div>
    <div class="card-body stack">
      <p>${t('backups.sheet_lead')}</p>
      ${sheet?.proven_at &&
      html`<p>${t('backups.sheet_since')} ${h(Instant, { at: sheet.proven_at })}</p>`}
      ${key && h(Sheet, { plan, text: key })}
      ${(key || pending) && h(Proof, { onProven: proven })}
      ${!key &&
      h(Make, {
        isNext: Boolean(sheet ?? pending),
        onMade: (made) => {
          setKey(made);
          onChanged();
        },
      })}
    </div>
  </section>`;
}

/** @param {{ isNext: boolean, onMade: (key: string) => void }} props */
function Make({ isNext, onMade }) {
  const [form, setForm] = useState({ sheet_password: '' });
  const saving = useSubmit(
    async () => {
      const body = { current_password: form.sheet_password };
      const { data } = await api.post('/backup/key', body);
      return /** @type {{ recovery_key: string }} */ (data).recovery_key;
    },
    (errors) => Object.fromEntries(errors.map(({ message }) => ['sheet_password', message])),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const sheet_password = lacksPassword(form.sheet_password);
    const made = await saving.submit(form, { sheet_password });
    if (made) onMade(made);
  };
  return html`<form class="stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${isNext && html`<p class="quiet">${t('backups.sheet_next')}</p>`}
    ${h(PasswordAgain, {
      id: 'sheet_password',
      value: form.sheet_password,
      onInput: (sheet_password) => setForm({ sheet_password }),
      error: saving.errors.sheet_password,
    })}
    <div class="buttons">
      <button class="button" type="submit" disabled=${saving.busy}>
        ${t(isNext ? 'backups.sheet_again' : 'backups.sheet_make')}
      </button>
    </div>
  </form>`;
}

/** What comes out on paper. @param {{ plan: BackupPlan, text: string }} props */
function Sheet({ plan, text }) {
  return html`<div class="stack recovery" role="status">
    <h3>${t('backups.sheet_title')}</h3>
    <p><bdi>${hospital.value}</bdi></p>
    <p>${t('backups.sheet_once')}</p>
    <p class="recovery-key" dir="ltr">
      <code>${(text.match(GROUP) ?? []).join(' ')}</code>
    </p>
    <dl class="facts">
      <div class="group">
        <dt>${t('backups.plan')}</dt>
        <dd><bdi dir="ltr">${placeOf(plan) || '—'}</bdi></dd>
      </div>
      <div class="group">
        <dt>${t('backups.way')}</dt>
        <dd><code dir="ltr">${wayBack(plan)}</code></dd>
        ${plan.bucket && html`<dd>${t('backups.sheet_secret')}</dd>`}
      </div>
    </dl>
    <div class="buttons">
      <button class="button primary" type="button" onClick=${() => window.print()}>
        ${t('backups.sheet_print')}
      </button>
    </div>
  </div>`;
}

/** @param {{ onProven: () => void }} props */
function Proof({ onProven }) {
  const [form, setForm] = useState({ recovery_key: '' });
  useUnsaved(form.recovery_key !== '');
  const saving = useSubmit(async () => {
    await api.post('/backup/key/proof', form);
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit(form, {
      recovery_key: form.recovery_key.trim() ? undefined : t('backups.proof_hint'),
    });
    if (done) onProven();
  };
  return html`<form class="stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(TextField, {
      id: 'recovery_key',
      label: t('backups.proof'),
      hint: t('backups.proof_hint'),
      value: form.recovery_key,
      maxlength: KEY_MAX,
      dir: 'ltr',
      autocomplete: 'off',
      spellcheck: false,
      onInput: (recovery_key) => setForm({ recovery_key }),
      error: saving.errors.recovery_key,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('backups.proof_do')}
      </button>
    </div>
  </form>`;
}
