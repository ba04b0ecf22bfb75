// Wards, clinics and services of the sites: add, rename, take out of use.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useSteady } from '../../lib/steady.js';
import { Changes } from '../../ui/changes.js';
import { CheckField, RadioField, SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').Department & { facility?: Named }} Department */
/** @typedef {{ name: string }} Named */
/** @typedef {import('../../types/ui.js').Facility} Facility */

const KINDS = ['ward', 'clinic', 'service'];

export function Departments() {
  const [open, setOpen] = useState(/** @type {Department | 'new' | null} */ (null));
  const loaded = useResource(
    'departments',
    async (signal) => {
      const params = { limit: 200, include: 'facility' };
      const { data } = await api.get('/departments', params, { signal });
      return /** @type {Department[]} */ (data);
    },
    { topics: ['departments'] },
  );
  const { rows, waiting, show, box } = useSteady(loaded.value);
  const may = can('facilities.write');
  const done = () => {
    setOpen(null);
    loaded.reload();
  };
  return html`<section class="card" aria-labelledby="departments-title" ...${box}>
    <div class="card-head">
      <h2 id="departments-title">${t('departments.title')}</h2>
      <span class="end buttons">
        ${h(Changes, { count: waiting, show })}
        ${may &&
        html`<button class="button" type="button" onClick=${() => setOpen('new')}>
          ${h(Icon, { name: 'add' })} ${t('departments.add')}
        </button>`}
      </span>
    </div>
    ${h(Shown, {
      of: loaded.value,
      what: t('departments.what'),
      retry: loaded.reload,
      children: () =>
        rows.length === 0
          ? h(Empty, { title: t('departments.none') })
          : h(Table, { rows, onOpen: may ? setOpen : null }),
    })}
    ${open &&
    h(Form, {
      key: open === 'new' ? 'new' : open.id,
      of: open === 'new' ? null : open,
      all: loaded.value.data ?? [],
      close: () => setOpen(null),
      done,
    })}
  </section>`;
}

/** @param {{ rows: Department[], onOpen: ((row: Department) => void) | null }} props */
function Table({ rows, onOpen }) {
  return html`<table class="table">
    <thead>
      <tr>
        <th scope="col">${t('departments.name')}</th>
        <th scope="col">${t('departments.kind')}</th>
        <th scope="col">${t('departments.facility')}</th>
        <th scope="col">${t('users.col_state')}</th>
        <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) => html`<tr key=${row.id}>
          <th scope="row"><bdi>${row.name}</bdi></th>
          <td>${t(`department_kind.${row.kind}`)}</td>
          <td><bdi>${row.facility?.name}</bdi></td>
          <td>
            ${row.active
              ? h(Tag, { tone: 'ok', children: t('facilities.in_use') })
              : h(Tag, { tone: 'neutral', icon: 'blocked', children: t('facilities.closed') })}
          </td>
          <td class="end">
            ${onOpen &&
            html`<button
              class="link"
              type="button"
              aria-label=${t('users.change_of', { name: row.name })}
              onClick=${() => onOpen(row)}
            >
              ${t('users.change')}
            </button>`}
          </td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {AbortSignal} [signal] @returns {Promise<Facility[]>} */
async function sitesInUse(signal) {
  const { data } = await api.get('/facilities', { limit: 200 }, { signal });
  return data.filter((/** @type {Facility} */ site) => site.active);
}

/**
 * @param {{ of: Department | null, all: Department[], close: () => void, done: () => void }} props
 */
function Form({ of, all, close, done }) {
  const [form, setForm] = useState({
    name: of?.name ?? '',
    kind: of?.kind ?? 'ward',
    facility_id: of?.facility_id ?? '',
    active: of?.active ?? true,
  });
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const sites = useResource('facilities', sitesInUse);
  const open = sites.value.data ?? [];
  const site = form.facility_id || open[0]?.id || '';
  const saving = useSubmit(
    async ({ key }) => {
      const { name, kind, active } = form;
      if (of) await api.patch(`/departments/${of.id}`, { name, kind, active }, `"${of.version}"`);
      else {
        // Whoever types fast is ready before the facilities are there.
        const facility_id = site || (await sitesInUse())[0]?.id;
        const body = { name, kind, facility_id };
        await api.post('/departments', body, { idempotencyKey: key });
      }
      return true;
    },
    (errors) => Object.fromEntries(errors.map((one) => [`department-${one.field}`, one.message])),
  );
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const saved = await saving.submit(form, {
      'department-name': form.name.trim() ? undefined : t('departments.error_name'),
    });
    if (!saved) return;
    toast(t('users.saved', { name: form.name }));
    done();
  };
  const first = !of && !all.some((one) => one.active && one.facility_id === site);
  return html`<form class="card-body stack narrow-form" novalidate onSubmit=${submit}>
    <h3>${of ? t('users.change_of', { name: of.name }) : t('departments.add')}</h3>
    ${h(ErrorSummary, saving)} ${first && site && h(FirstOne, { site })}
    ${h(TextField, {
      id: 'department-name',
      label: t('departments.name'),
      value: form.name,
      onInput: (name) => set({ name }),
      error: saving.errors['department-name'],
      maxlength: 100,
    })}
    ${h(RadioField, {
      id: 'department-kind',
      label: t('departments.kind'),
      value: form.kind,
      onChange: (kind) => set({ kind: /** @type {Department['kind']} */ (kind) }),
      options: KINDS.map((value) => ({ value, label: t(`department_kind.${value}`) })),
      error: saving.errors['department-kind'],
    })}
    ${!of &&
    open.length > 1 &&
    h(SelectField, {
      id: 'department-facility_id',
      label: t('departments.facility'),
      value: site,
      onChange: (facility_id) => set({ facility_id }),
      options: open.map((one) => ({ value: one.id, label: one.name })),
      error: saving.errors['department-facility_id'],
    })}
    ${of &&
    h(CheckField, {
      id: 'department-active',
      label: t('facilities.in_use'),
      checked: form.active,
      onChange: (active) => set({ active }),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t(of ? 'users.save' : 'departments.add')}
      </button>
      <button class="button" type="button" onClick=${close}>${t('facilities.leave')}</button>
    </div>
  </form>`;
}

/**
 * The first department of a site divides its patients: says whom that leaves without any.
 * @param {{ site: string }} props
 */
function FirstOne({ site }) {
  const loaded = useResource(`concerned ${site}`, async (signal) => {
    if (!can('users.read') || !can('roles.read')) return null;
    const limit = { limit: 200 };
    const [roles, users] = await Promise.all([
      api.get('/roles', limit, { signal }),
      api.get('/users', { ...limit, include: 'departments' }, { signal }),
    ]);
    const divided = new Set(
      roles.data
        .filter((/** @type {any} */ role) => role.reach === 'departments')
        .map((/** @type {any} */ role) => role.code),
    );
    return users.data.filter(
      (/** @type {import('../../types/ui.js').User} */ user) =>
        user.active &&
        divided.has(user.role) &&
        (user.facility_id === site || user.facility_id === null) &&
        user.departments?.length === 0,
    ).length;
  });
  const count = loaded.value.data;
  if (!count) return null;
  return html`<div class="alert warn" role="status">
    <div>${t('departments.first', { count })}</div>
  </div>`;
}
