// In place of a record that is not among those this person sees: how to open it all the same,
// loudly, when it has to be now.

import { h, html, onText, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { PatientLine } from '../../clinical/identity.js';
import { breakGlass, named } from '../../clinical/emergency.js';
import { refresh, useRecord } from '../../clinical/record-store.js';
import { Field, RadioField, describedBy } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { CareTeam } from './care-team.js';

const REASONS = ['emergency', 'transfer', 'covering', 'consult', 'patient_request', 'technical'];
const TEXT_MIN = 10;
const TEXT_MAX = 500;

/** @param {{ patientId: string }} props */
export function EmergencyAccess({ patientId }) {
  const { problem } = useRecord(patientId, 'patient');
  const who = named.value?.id === patientId ? named.value : null;
  return html`<section class="emergency" aria-labelledby="emergency-title">
    <div class="emergency-head">
      ${h(Icon, { name: 'lock' })}
      <h1 id="emergency-title" tabindex="-1">${t('emergency.title')}</h1>
    </div>
    ${who
      ? html`<p class="emergency-who">${h(PatientLine, { of: who })}</p>`
      : html`<p class="alert warn">
          <span>${t('emergency.unnamed')} <a href="/patients">${t('record.find')}</a></span>
        </p>`}
    <p>${t('emergency.why_closed')}</p>
    ${problem?.more.offers === 'break_glass'
      ? h(Form, { patientId })
      : html`<p>${t('emergency.ask_others')} <a href="/patients">${t('record.find')}</a></p>`}
    ${can('patients.confidential') && h(CareTeam, { patientId })}
  </section>`;
}

/** @param {{ patientId: string }} props */
function Form({ patientId }) {
  const start = { reason: '', text: '' };
  const [form, setForm] = useState(start);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => box.current?.querySelector('input')?.focus(), []);
  useUnsaved(form.text.trim() !== '');
  const saving = useSubmit(() =>
    breakGlass(patientId, { reason: form.reason, text: form.text.trim() }),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!(await saving.submit(form, check(form)))) return;
    named.value = null;
    refresh(patientId, 'patient');
  };
  const error = saving.errors.text;
  const hint = t('emergency.text_hint');
  return html`<form class="emergency-form" novalidate ref=${box} onSubmit=${submit}>
    ${h(ErrorSummary, { ...saving, title: t('emergency.not_opened') })}
    ${h(RadioField, {
      id: 'reason',
      label: t('emergency.reason'),
      column: true,
      value: form.reason,
      onChange: (reason) => {
        setForm({ ...form, reason });
        saving.touch(['reason']);
      },
      options: REASONS.map((value) => ({ value, label: t(`emergency.reason_${value}`) })),
      error: saving.errors.reason,
    })}
    <div class="stack">${h(Field, {
      id: 'text',
      label: t('emergency.text'),
      hint,
      error,
      children: html`<textarea
        id="text"
        class="input"
        rows="3"
        maxlength=${TEXT_MAX}
        value=${form.text}
        aria-invalid=${error ? 'true' : undefined}
        aria-describedby=${describedBy({ id: 'text', hint, error })}
        onInput=${onText((text) => {
          setForm({ ...form, text });
          saving.touch(['text']);
        })}
      ></textarea>`,
    })}
    <ul class="emergency-terms">
      ${['timed', 'recorded', 'reviewed'].map(
        (term) => html`<li key=${term}>${t(`emergency.term_${term}`)}</li>`,
      )}
    </ul></div>
    <div class="buttons">
      <button class="button danger" type="submit" disabled=${saving.busy}>
        ${h(Icon, { name: 'warn' })} ${t('emergency.open')}
      </button>
      <a class="button" href="/patients">${t('emergency.back')}</a>
    </div>
  </form>`;
}

/** @param {{ reason: string, text: string }} form */
function check({ reason, text }) {
  return {
    reason: reason ? undefined : t('emergency.reason_needed'),
    text: TEXT_MIN <= text.trim().length ? undefined : t('emergency.text_needed'),
  };
}
