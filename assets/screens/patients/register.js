// Register a patient: once, correctly, in a few keystrokes.

import { h, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { nameText, today } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { bodyOf, checkForm, emptyForm, fieldOf } from '../../lib/patient-form.js';
import { noteRegistered } from '../../lib/recent.js';
import { back, guardUnsaved, navigate } from '../../lib/router.js';
import { splitTyped } from '../../lib/typed.js';
import { CheckField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { toast } from '../../ui/toast.js';
import { PatientFields } from './form-fields.js';
import { MatchPanel, strongOnes, useMatches } from './matches.js';

export const meta = { title: 'register.title', permission: 'patients.write', area: 'patients' };

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ given }) {
  const start = useMemo(() => ({ ...emptyForm(), ...typed(given) }), []);
  const [form, setForm] = useState(start);
  const [none, setNone] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const matches = useMatches(form);
  const strong = strongOnes(matches);
  const answered = strong.map((one) => one.id).join();
  // Other persons than before: the answer was not about them.
  useEffect(() => setNone(false), [answered, matches.state === 'failed']);
  useLayoutEffect(() => focusFirstEmpty(box.current), []);
  const dirty = JSON.stringify(form) !== JSON.stringify(emptyForm());
  useUnsaved(dirty);

  const saving = useSubmit(
    ({ key }) => api.post('/patients', bodyOf(form), { idempotencyKey: key }),
    (errors) => Object.fromEntries(errors.map((one) => [fieldOf(one.field), one.message])),
  );
  const save = async () => {
    const errors = checkForm(form);
    // What was typed last may not have been looked for yet.
    const now = await matches.settle();
    const same = strongOnes(now).map((one) => one.id).join() === answered;
    if (strongOnes(now).length > 0 && !(none && same)) errors.none = t('matches.must_answer');
    if (now.state === 'failed' && !none) errors.none = t('matches.not_checked');
    const done = await saving.submit(form, errors);
    if (!done) return;
    toast(t('register.done', { name: nameText(done.data), mrn: done.data.mrn }));
    guardUnsaved(null);
    noteRegistered(done.data);
    navigate(`/p/${done.data.id}`, { replace: true });
  };
  useKeys([
    { keys: 'Ctrl+S', label: t('register.key_save'), run: save },
    { keys: 'Ctrl+Enter', label: t('register.key_save'), run: save },
    { keys: 'Escape', label: t('register.key_leave'), run: () => back('/patients') },
  ]);

  return html`<form
    class="screen"
    novalidate
    ref=${box}
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      save();
    }}
  >
    <div class="screen-head">
      <h1>${t('register.title')}</h1>
      <p class="quiet">${t('register.hint')}</p>
      <span class="end"
        >${h(CheckField, {
          id: 'unknown',
          label: t('register.unknown'),
          checked: form.unknown,
          onChange: (unknown) => setForm((old) => ({ ...old, unknown })),
        })}</span
      >
    </div>
    <div class="register">
      <div class="register-form">
        ${h(ErrorSummary, saving)}
        ${h(PatientFields, {
          form,
          change: (change) => {
            setForm((old) => ({ ...old, ...change }));
            saving.touch(Object.keys(change));
          },
          errors: saving.errors,
        })}
      </div>
      ${h(MatchPanel, {
        matches,
        none,
        onNone: (given) => {
          setNone(given);
          saving.touch(['none']);
        },
        onPick: (patient) => {
          guardUnsaved(null);
          navigate(`/p/${patient.id}`);
        },
        error: saving.errors.none,
      })}
    </div>
    <div class="save-bar">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${saving.busy ? t('register.saving') : t('register.save')} <kbd>Ctrl S</kbd>
      </button>
      <button class="button" type="button" onClick=${() => back('/patients')}>
        ${t('register.leave')}
      </button>
      <span class="quiet small end">${dirty ? t('edit.changed') : ''}</span>
    </div>
  </form>`;
}

/** What was typed into the search before. @param {unknown} given */
function typed(given) {
  const q = /** @type {{ q?: unknown } | null} */ (given)?.q;
  return typeof q === 'string' && q ? splitTyped(q, today()) : {};
}

/** @param {HTMLElement | null} form */
function focusFirstEmpty(form) {
  for (const id of ['family', 'given', 'born']) {
    const field = form?.querySelector(`#${id}`);
    if (field instanceof HTMLInputElement && !field.value) return field.focus();
  }
  const sex = form?.querySelector('#sex');
  if (sex instanceof HTMLElement) sex.focus();
}
