// Where backups go and for how long they are kept.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { latinDigits } from '../../lib/digits.js';
import { t } from '../../lib/i18n.js';
import { RadioField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { PasswordAgain, lacksPassword } from '../../ui/password-again.js';
import { TextArea } from '../../ui/text-area.js';
import { toast } from '../../ui/toast.js';
import { BucketFields, NO_BUCKET } from './backup-bucket.js';

/** @typedef {import('../../types/ui.js').BackupPlan} BackupPlan */

const KEPT = /** @type {const} */ (['daily', 'weekly', 'monthly']);
const WHERE = /** @type {const} */ (['folder', 'bucket']);
const PATH_MAX = 1_000;
const RECIPIENTS_MAX = 2_000;

/** @param {{ plan: BackupPlan, onSaved: () => void }} props */
export function PlanCard({ plan, onSaved }) {
  return html`<section class="card" aria-labelledby="plan-title">
    <div class="card-head"><h2 id="plan-title">${t('backups.plan')}</h2></div>
    ${h(PlanForm, { plan, onSaved })}
  </section>`;
}

/** @param {{ plan: BackupPlan, onSaved: () => void }} props */
function PlanForm({ plan, onSaved }) {
  const before = {
    where: plan.bucket ? 'bucket' : 'folder',
    folder: plan.folder,
    bucket: plan.bucket ?? NO_BUCKET,
    secret_key: '',
    daily: String(plan.keep.daily),
    weekly: String(plan.keep.weekly),
    monthly: String(plan.keep.monthly),
    recipients: plan.recipients.join('\n'),
  };
  const [form, setForm] = useState({ ...before, current_password: '' });
  const names = /** @type {(keyof typeof before)[]} */ (Object.keys(before));
  const isChanged = names.some((name) => form[name] !== before[name]);
  useUnsaved(isChanged);
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const saving = useSubmit(
    async () => {
      const keep = Object.fromEntries(KEPT.map((one) => [one, Number(latinDigits(form[one]))]));
      const recipients = form.recipients.split(/\s+/).filter(Boolean);
      const { secret_key, current_password } = form;
      const place =
        form.where === 'folder'
          ? { folder: form.folder }
          : { bucket: form.bucket, ...(secret_key && { secret_key }) };
      const body = { ...place, keep, recipients, current_password };
      await api.put('/backup', body, `"${plan.version}"`);
      return true;
    },
    (errors) =>
      Object.fromEntries(
        errors.map(({ field, message }) => [
          field.replace(/^keep\./, '').replace('.', '-').replace(/\[.*/, ''),
          message,
        ]),
      ),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const numbers = KEPT.filter((one) => !/^\d{1,3}$/.test(latinDigits(form[one]).trim()));
    const done = await saving.submit(form, {
      ...Object.fromEntries(numbers.map((one) => [one, t('backups.error_number')])),
      current_password: lacksPassword(form.current_password),
    });
    if (!done) return;
    toast(t('backups.saved'));
    onSaved();
  };
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${h(RadioField, {
      id: 'where',
      label: t('backups.where'),
      column: true,
      value: form.where,
      onChange: (where) => set({ where }),
      options: WHERE.map((value) => ({
        value,
        label: t(`backups.where_${value}`),
        hint: t(`backups.where_${value}_hint`),
      })),
    })}
    ${form.where === 'folder'
      ? h(TextField, {
          id: 'folder',
          label: t('backups.folder'),
          hint: t('backups.folder_hint'),
          value: form.folder,
          maxlength: PATH_MAX,
          dir: 'ltr',
          spellcheck: false,
          onInput: (folder) => set({ folder }),
          error: saving.errors.folder,
        })
      : h(BucketFields, {
          bucket: form.bucket,
          secret: form.secret_key,
          isKept: plan.has_secret,
          errors: saving.errors,
          onInput: (change) => set({ bucket: { ...form.bucket, ...change } }),
          onSecret: (secret_key) => set({ secret_key }),
        })}
    <div class="row">
      ${KEPT.map((one) =>
        h(TextField, {
          key: one,
          id: one,
          label: t(`backups.keep_${one}`),
          value: form[one],
          inputmode: 'numeric',
          narrow: true,
          maxlength: 3,
          onInput: (text) => set({ [one]: text }),
          error: saving.errors[one],
        }),
      )}
    </div>
    ${h(TextArea, {
      id: 'recipients',
      label: t('backups.recipients'),
      hint: t('backups.recipients_hint'),
      optional: true,
      rows: 2,
      maxlength: RECIPIENTS_MAX,
      value: form.recipients,
      onInput: (recipients) => set({ recipients }),
      error: saving.errors.recipients,
    })}
    ${h(PasswordAgain, {
      value: form.current_password,
      onInput: (current_password) => set({ current_password }),
      error: saving.errors.current_password,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('backups.save')}
      </button>
    </div>
  </form>`;
}
