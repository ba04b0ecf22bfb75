// Earlier versions of the person's details: what stood there, until when, and who changed it.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Icon } from '../../ui/icon.js';
import { UserName } from '../../clinical/people.js';
import { DateText, PatientName } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';

/**
 * @typedef {object} Version
 * @property {number} version
 * @property {string} replaced_at
 * @property {string | null} [replaced_by]
 * @property {Record<string, any>} record as it was
 */

const HIDDEN = new Set(['id', 'version', 'created_at', 'updated_at', 'facility_id', 'name_key']);

/** @param {{ patientId: string }} props */
export function History({ patientId }) {
  const patient = useRecord(patientId, 'patient').data;
  const resource = useResource(`history ${patientId}`, async (signal) => {
    const path = '/patients/{id}/history';
    return /** @type {Version[]} */ ((await api.get(path, { id: patientId }, { signal })).data);
  });
  const loaded = { ...resource.value, reload: resource.reload };
  const versions = [...(loaded.data ?? [])].sort((a, b) => b.version - a.version);
  return h(Card, {
    title: t('history.title'),
    children: h(Loaded, {
      of: loaded,
      what: t('history.title'),
      children: () => {
        if (versions.length === 0) return h(None, { text: t('history.none') });
        return html`<ol class="history">
          ${versions.map((version, i) => {
            const after = i === 0 ? patient : versions[i - 1]?.record;
            return h(Change, { key: version.version, version, after });
          })}
        </ol>`;
      },
    }),
  });
}

/** @param {{ version: Version, after: any }} props */
function Change({ version, after }) {
  const names = Object.keys(version.record).filter(
    (name) => !HIDDEN.has(name) && !same(version.record[name], after?.[name]),
  );
  return html`<li>
    <p>
      ${h(DateText, { at: version.replaced_at })}${
        version.replaced_by && html` · ${h(UserName, { id: version.replaced_by })}`
      }
    </p>
    <dl class="rfacts">
      ${names.map(
        (name) => html`<div key=${name}>
          <dt>${t(`column.${name}`)}</dt>
          <dd>
            <del>${shown(name, version.record[name])}</del> ${h(Icon, { name: 'next' })}
            ${shown(name, after?.[name])}
          </dd>
        </div>`,
      )}
    </dl>
    ${names.length === 0 && html`<p class="quiet">${t('history.same')}</p>`}
  </li>`;
}

/** @param {unknown} a @param {unknown} b */
function same(a, b) {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** @param {string} name @param {any} value */
function shown(name, value) {
  if (value === null || value === undefined || value === '') return t('value.not_recorded');
  if (name === 'names')
    return value.map(
      (/** @type {any} */ one, /** @type {number} */ i) =>
        html`<span key=${i}>${h(PatientName, one)} </span>`,
    );
  if (Array.isArray(value)) {
    const text = value.map((one) =>
      Object.values(one)
        .filter((x) => typeof x === 'string')
        .join(' '),
    );
    return html`<bdi dir="auto">${text.join('; ') || t('value.not_recorded')}</bdi>`;
  }
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
  if (name.endsWith('_at') || name.endsWith('_recorded') || name.endsWith('_date')) {
    return h(DateText, { recorded: String(value) });
  }
  return html`<bdi dir="auto">${String(value)}</bdi>`;
}
