// Sites of the hospital: add, rename, take out of use.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useSteady } from '../../lib/steady.js';
import { Written } from '../../clinical/primitives.js';
import { Changes } from '../../ui/changes.js';
import { CheckField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').Facility} Facility */

export function Facilities() {
  const [open, setOpen] = useState(/** @type {Facility | 'new' | null} */ (null));
  const loaded = useResource(
    'facilities',
    async (signal) => {
      const { data } = await api.get('/facilities', { limit: 200 }, { signal });
      return /** @type {Facility[]} */ (data);
    },
    { topics: ['facilities'] },
  );
  const { rows, waiting, show, box } = useSteady(loaded.value);
  const may = can('facilities.write');
  const done = () => {
    setOpen(null);
    loaded.reload();
  };
  return html`<section class="card" aria-labelledby="facilities-title" ...${box}>
    <div class="card-head">
      <h2 id="facilities-title">${t('facilities.title')}</h2>
      <span class="end buttons">
        ${h(Changes, { count: waiting, show })}
        ${may &&
        html`<button class="button" type="button" onClick=${() => setOpen('new')}>
          ${h(Icon, { name: 'add' })} ${t('facilities.add')}
        </button>`}
      </span>
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('facilities.what'),
      retry: loaded.reload,
      children: () => html`<table class="table">
        <thead>
          <tr>
            <th scope="col">${t('facilities.name')}</th>
            <th scope="col">${t('facilities.phone')}</th>
            <th scope="col">${t('facilities.address')}</th>
            <th scope="col">${t('users.col_state')}</th>
            <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr key=${row.id}>
              <th scope="row"><bdi>${row.name}</bdi></th>
              <td>${h(Written, { text: row.phone })}</td>
              <td>${h(Written, { text: row.address })}</td>
              <td>
                ${row.active
                  ? h(Tag, { tone: 'ok', children: t('facilities.in_use') })
                  : h(Tag, { tone: 'neutral', icon: 'blocked', children: t('facilities.closed') })}
              </td>
              <td class="end">
                ${may &&
                html`<button
                  class="link"
                  type="button"
                  aria-label=${t('users.change_of', { name: row.name })}
                  onClick=${() => setOpen(row)}
                >
                  ${t('users.change')}
                </button>`}
              </td>
            </tr>`,
          )}
        </tbody>
      </table>`,
    })}
    ${open &&
    h(Form, {
      key: open === 'new' ? 'new' : open.id,
      of: open === 'new' ? null : open,
      close: () => setOpen(null),
      done,
    })}
  </section>`;
}

/** @param {{ of: Facility | null, close: () => void, done: () => void }} props */
function Form({ of, close, done }) {
  const [form, setForm] = useState({
    name: of?.name ?? '',
    phone: of?.phone ?? '',
    address: of?.address ?? '',
    active: of?.active ?? true,
  });
  const saving = useSubmit(async ({ key }) => {
    const body = { ...form, phone: form.phone || null, address: form.address || null };
    if (of) await api.patch(`/facilities/${of.id}`, body, `"${of.version}"`);
    else await api.post('/facilities', body, { idempotencyKey: key });
    return true;
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const saved = await saving.submit(form, {
      'facility-name': form.name.trim() ? undefined : t('facilities.error_name'),
    });
    if (!saved) return;
    toast(t('users.saved', { name: form.name }));
    done();
  };
  /** @param {'name' | 'phone' | 'address'} name @param {boolean} [optional] */
  const field = (name, optional) =>
    h(TextField, {
      id: `facility-${name}`,
      label: t(`facilities.${name}`),
      optional,
      value: form[name],
      onInput: (text) => setForm((old) => ({ ...old, [name]: text })),
      error: saving.errors[`facility-${name}`] ?? saving.errors[name],
    });
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    <h3>${of ? t('users.change_of', { name: of.name }) : t('facilities.add')}</h3>
    ${h(ErrorSummary, saving)} ${field('name')} ${field('phone', true)} ${field('address', true)}
    ${of &&
    h(CheckField, {
      id: 'facility-active',
      label: t('facilities.in_use'),
      checked: form.active,
      onChange: (active) => setForm((old) => ({ ...old, active })),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t(of ? 'users.save' : 'facilities.add')}
      </button>
      <button class="button" type="button" onClick=${close}>${t('facilities.leave')}</button>
    </div>
  </form>`;
}
