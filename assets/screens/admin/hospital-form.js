// Name, time zone and numbers of the hospital. Two who change them at once see both texts.

import { h, html, useEffect, useMemo, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { latinDigits } from '../../lib/digits.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can, session, setSession } from '../../lib/session.js';
import { zoneNames } from '../../lib/zones.js';
import { SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/**
 * @typedef {{ name: string, time_zone: string, break_glass_minutes: number,
 *   days_after_visit: number, version: number }} Hospital
 */

const NUMBERS = /** @type {const} */ (['break_glass_minutes', 'days_after_visit']);

export function HospitalForm() {
  const loaded = useResource('hospital', async (signal) => {
    return /** @type {Hospital} */ ((await api.get('/hospital', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="hospital-title">
    <div class="card-head"><h2 id="hospital-title">${t('settings.hospital')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('settings.hospital_what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, seen: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ seen: Hospital, reload: () => void }} props */
function Form({ seen, reload }) {
  const [base, setBase] = useState(seen);
  const [form, setForm] = useState({
    name: seen.name,
    time_zone: seen.time_zone,
    break_glass_minutes: String(seen.break_glass_minutes),
    days_after_visit: String(seen.days_after_visit),
  });
  const zones = useMemo(() => zoneNames(seen.time_zone), []);
  const may = can('settings.write');
  const dirty =
    form.name !== base.name ||
    form.time_zone !== base.time_zone ||
    NUMBERS.some((one) => form[one].trim() !== String(base[one]));
  useUnsaved(dirty);
  const saving = useSubmit(async () => {
    const numbers = NUMBERS.map((one) => [one, Number(latinDigits(form[one]))]);
    const body = { ...form, ...Object.fromEntries(numbers) };
    return /** @type {Hospital} */ ((await api.patch('/hospital', body, `"${base.version}"`)).data);
  });
  const theirs = useTheirs(saving.problem?.status === 412, saving.round);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const done = await saving.submit(form, {
      name: form.name.trim() ? undefined : t('settings.error_name'),
      ...Object.fromEntries(
        NUMBERS.filter((one) => !/^\d{1,3}$/.test(latinDigits(form[one]).trim())).map((one) => [
          one,
          t(`settings.error_${one}`),
        ]),
      ),
    });
    if (!done) return;
    const me = session.peek();
    if (me) setSession({ ...me, hospital: { name: done.name, time_zone: done.time_zone } });
    toast(t('settings.saved'));
    reload();
  };
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    ${h(ErrorSummary, saving)}
    ${theirs &&
    html`<div class="alert warn">
      <div>
        <p class="alert-title">${t('form.conflict')}</p>
        <ul>
          <li>${t('settings.name')}: <bdi>${theirs.name}</bdi></li>
          <li>${t('settings.zone')}: <bdi>${theirs.time_zone}</bdi></li>
        </ul>
        <p class="buttons">
          <button class="button" type="button" onClick=${reload}>${t('settings.take')}</button>
          <button class="button" type="button" onClick=${() => setBase(theirs)}>
            ${t('settings.keep')}
          </button>
        </p>
      </div>
    </div>`}
    ${h(TextField, {
      id: 'name',
      label: t('settings.name'),
      value: form.name,
      disabled: !may,
      onInput: (name) => setForm((old) => ({ ...old, name })),
      error: saving.errors.name,
    })}
    ${h(SelectField, {
      id: 'time_zone',
      label: t('settings.zone'),
      hint: t('settings.zone_hint'),
      value: form.time_zone,
      disabled: !may,
      onChange: (time_zone) => setForm((old) => ({ ...old, time_zone })),
      options: zones.map((value) => ({ value, label: value.replaceAll('_', ' ') })),
      error: saving.errors.time_zone,
    })}
    ${NUMBERS.map((one) =>
      h(TextField, {
        key: one,
        id: one,
        label: t(`settings.${one}`),
        hint: t(`settings.${one}_hint`),
        value: form[one],
        disabled: !may,
        inputmode: 'numeric',
        size: 5,
        onInput: (text) => setForm((old) => ({ ...old, [one]: text })),
        error: saving.errors[one],
      }),
    )}
    ${may &&
    html`<div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy || !dirty}>
        ${t('users.save')}
      </button>
    </div>`}
  </form>`;
}

/** What somebody else wrote meanwhile. @param {boolean} wanted @param {number} round */
function useTheirs(wanted, round) {
  const [theirs, setTheirs] = useState(/** @type {Hospital | null} */ (null));
  useEffect(() => {
    setTheirs(null);
    if (!wanted) return;
    // Without them the error above stands alone.
    api.get('/hospital').then(({ data }) => setTheirs(data), () => {});
  }, [wanted, round]);
  return theirs;
}
