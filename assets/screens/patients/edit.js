// Change a patient's details. Another person may have changed them meanwhile: then both are
// shown, and nothing is overwritten unseen.

import { Fragment, h, html, useLayoutEffect, useMemo, useState } from '../../lib/ui.js';
import { PatientBanner } from '../../clinical/banner.js';
import { refresh } from '../../clinical/record-store.js';
import { Problem, api } from '../../lib/api.js';
import { nameText } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { bodyOf, changesOf, checkForm, fieldOf, formOf } from '../../lib/patient-form.js';
import { useResource } from '../../lib/resource.js';
import { back, guardUnsaved, navigate } from '../../lib/router.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';
import { Conflict } from './conflict.js';
import { PatientFields } from './form-fields.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {{ patient: Patient, etag: string | null }} Version */

export const meta = {
  title: 'edit.title',
  permission: 'patients.write',
  area: 'patients',
  patient: true,
};

/** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Version>} */
async function load(id, signal) {
  const { data, etag } = await api.get('/patients/{id}', { id }, { signal });
  return { patient: data, etag };
}

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params }) {
  const id = params.id ?? '';
  const loaded = useResource(id, (signal) => load(id, signal));
  const version = loaded.value.data;
  return html`<div class="with-banner">
    ${h(PatientBanner, { patientId: id })}
    <div class="screen">
      ${!version && html`<h1>${t('edit.title')}</h1>`}
      ${h(Shown, {
        of: loaded.value,
        what: t('edit.what'),
        lines: 8,
        retry: loaded.reload,
        class: 'fill',
        children: () => version && h(Edit, { key: version.etag ?? '', version, id }),
      })}
    </div>
  </div>`;
}

/** @param {{ version: Version, id: string }} props */
function Edit({ version, id }) {
  const [base, setBase] = useState(version);
  const [conflict, setConflict] = useState(/** @type {Version | null} */ (null));
  const start = useMemo(() => formOf(base.patient), [base]);
  const [form, setForm] = useState(start);
  const old = useMemo(() => bodyOf(start, base.patient), [start, base]);
  const dirty = JSON.stringify(form) !== JSON.stringify(start);
  useUnsaved(dirty);
  useLayoutEffect(() => document.getElementById('family')?.focus(), []);

  const saving = useSubmit(
    async () => {
      const changes = changesOf(bodyOf(form, base.patient), old);
      if (Object.keys(changes).length === 0) return base.patient;
      try {
        return (await api.patch(`/patients/${id}`, changes, base.etag)).data;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412) throw error;
        setConflict(await load(id));
        return null;
      }
    },
    (errors) => Object.fromEntries(errors.map((one) => [fieldOf(one.field), one.message])),
  );
  const save = async () => {
    const done = await saving.submit(form, checkForm(form));
    if (!done) return;
    toast(t('edit.done', { name: nameText(form) }));
    guardUnsaved(null);
    refresh(id, 'patient');
    navigate(`/p/${id}`, { replace: true });
  };
  const leave = () => back(`/p/${id}`);
  useKeys([
    { keys: 'Ctrl+S', label: t('edit.key_save'), run: save },
    { keys: 'Ctrl+Enter', label: t('edit.key_save'), run: save },
    { keys: 'Escape', label: t('register.key_leave'), run: leave },
  ]);

  return html`<form
    class="register-form"
    novalidate
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      save();
    }}
  >
    <div class="screen-head">
      <h1>${t('edit.title')}</h1>
    </div>
    <div class="register">
      <div class="register-form">
        ${h(ErrorSummary, saving)}
        ${conflict &&
        h(Conflict, {
          mine: form,
          stored: conflict.patient,
          started: start,
          onResolve: (resolved) => {
            setBase(conflict);
            setForm(resolved);
            setConflict(null);
          },
        })}
        ${h(PatientFields, {
          form,
          change: (change) => {
            setForm((before) => ({ ...before, ...change }));
            saving.touch(Object.keys(change));
          },
          errors: saving.errors,
          existing: true,
        })}
      </div>
    </div>
    <div class="save-bar">
      <button class="button primary" type="submit" disabled=${saving.busy || conflict !== null}>
        ${saving.busy
          ? t('register.saving')
          : html`<${Fragment}
              >${t('edit.save', { name: nameText(base.patient) })} <kbd>Ctrl S</kbd><//
            >`}
      </button>
      <button class="button" type="button" onClick=${leave}>${t('register.leave')}</button>
      <span class="quiet small end">${dirty ? t('edit.changed') : t('edit.unchanged')}</span>
    </div>
  </form>`;
}
