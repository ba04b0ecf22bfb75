// When which job comes by the hospital's clock: change it, switch it off, run it now.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { kindText } from '../../lib/job-kind.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { CheckField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Instant } from '../../ui/instant.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').Schedule} Schedule */
/** @typedef {import('../../ui/act.js').Run} Run */

const TOPICS = ['schedules'];
const CRON_MAX = 100;

/** @param {{ run: Run }} props */
export function Schedules({ run }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const list = useResource(
    'schedules',
    async (signal) => {
      return /** @type {Schedule[]} */ ((await api.get('/schedules', {}, { signal })).data);
    },
    { topics: TOPICS },
  );
  const rows = list.value.data ?? [];
  const heads = ['what', 'when', 'next', 'last'];
  const done = () => {
    setOpen(null);
    list.reload();
  };
  return html`<section class="card">
    <div class="card-head"><h2>${t('schedules.title')}</h2></div>
    ${h(Shown, {
      of: list.value,
      what: t('schedules.title'),
      retry: list.reload,
      children: () =>
        html`<div
          class="table-box"
          tabindex="0"
          role="region"
          aria-label=${t('schedules.title')}
        >
          <table class="table schedules">
            <thead>
              <tr>
                ${heads.map(
                  (name) => html`<th key=${name} scope="col">${t(`schedules.col_${name}`)}</th>`,
                )}
                <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
              </tr>
            </thead>
            <tbody>
              ${rows.map((one) =>
                open === one.id
                  ? html`<tr key=${one.id}>
                      <td colspan="5">${h(Change, { of: one, onDone: done, onCancel: done })}</td>
                    </tr>`
                  : h(Row, { key: one.id, of: one, run, onChange: () => setOpen(one.id) }),
              )}
            </tbody>
          </table>
        </div>`,
    })}
  </section>`;
}

/** @param {{ of: Schedule, run: Run, onChange: () => void }} props */
function Row({ of, run, onChange }) {
  const name = kindText(of.kind);
  const now = () => run(() => api.post(`/schedules/${of.id}/run`, {}), t('schedules.run_done'));
  return html`<tr>
    <th scope="row">
      ${name}
      <p class="small quiet">${t(`jobs.about_${of.kind}`)}</p>
    </th>
    <td><code dir="ltr">${of.cron}</code></td>
    <td>
      ${of.active && of.next_at
        ? h(Instant, { at: of.next_at })
        : h(Tag, { tone: 'warn', children: t('schedules.off') })}
    </td>
    <td>
      ${of.last_at
        ? h(Instant, { at: of.last_at })
        : html`<span class="quiet">${t('schedules.never')}</span>`}
    </td>
    <td class="end">
      ${can('system.write') &&
      html`<span class="buttons">
        <button
          class="link"
          type="button"
          aria-label=${t('schedules.run_of', { name })}
          onClick=${now}
        >
          ${t('schedules.run')}
        </button>
        <button
          class="link"
          type="button"
          aria-label=${t('schedules.change_of', { name })}
          onClick=${onChange}
        >
          ${t('schedules.change')}
        </button>
      </span>`}
    </td>
  </tr>`;
}

/** @param {{ of: Schedule, onDone: () => void, onCancel: () => void }} props */
function Change({ of, onDone, onCancel }) {
  const { cron, active, catch_up } = of;
  const [form, setForm] = useState({ cron, active, catch_up });
  const isChanged =
    form.cron !== cron || form.active !== active || form.catch_up !== catch_up;
  useUnsaved(isChanged);
  const saving = useSubmit(async () => {
    await api.patch(`/schedules/${of.id}`, form, `"${of.version}"`);
    return true;
  });
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = form.cron.trim() ? {} : { cron: t('schedules.cron_hint') };
    if (!(await saving.submit(form, found))) return;
    toast(t('schedules.saved'));
    onDone();
  };
  return html`<form class="stack" novalidate onSubmit=${submit}>
    <h3>${kindText(of.kind)}</h3>
    ${h(ErrorSummary, saving)}
    ${h(TextField, {
      id: 'cron',
      label: t('schedules.cron'),
      hint: t('schedules.cron_hint'),
      value: form.cron,
      maxlength: CRON_MAX,
      dir: 'ltr',
      onInput: (text) => set({ cron: text }),
      error: saving.errors.cron,
    })}
    ${h(CheckField, {
      id: 'active',
      label: t('schedules.active'),
      checked: form.active,
      onChange: (on) => set({ active: on }),
    })}
    ${h(CheckField, {
      id: 'catch_up',
      label: t('schedules.catch_up'),
      hint: t('schedules.catch_up_hint'),
      checked: form.catch_up,
      onChange: (on) => set({ catch_up: on }),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('users.save')}
      </button>
      <button class="button" type="button" onClick=${onCancel}>${t('security.cancel')}</button>
    </div>
  </form>`;
}
