// Names behind ids: who signed, who treated, and where. Asked once per page; they are names of
// staff and places, not of patients.

import { h, html, signal } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { nameText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { session } from '../lib/session.js';

/** @typedef {'users' | 'practitioners' | 'organizations' | 'locations'} Kind */

/** @type {Map<string, import('../lib/ui.js').Signal<string | null>>} */
const names = new Map();

/**
 * The name, or null while it is not known.
 * @param {Kind} kind @param {string} id
 */
function nameOf(kind, id) {
  let found = names.get(id);
  if (!found) {
    found = signal(/** @type {string | null} */ (null));
    names.set(id, found);
    const box = found;
    api.get(`/${kind}/{id}`, { id }).then(
      ({ data }) => {
        box.value = data.display_name ?? data.name ?? nameText(data);
      },
      // Not everybody may read every name; the row is still right without it.
      () => {},
    );
  }
  return found.value;
}

/** @param {{ kind: Kind, id: string }} props */
function Name({ kind, id }) {
  const name = nameOf(kind, id);
  return name ? html`<bdi dir="auto">${name}</bdi>` : html`<span>${t('people.unknown')}</span>`;
}

/** @param {{ id: string }} props */
export function UserName({ id }) {
  const me = session.value?.user;
  if (me?.id === id) return html`<bdi dir="auto">${me.display_name}</bdi>`;
  return h(Name, { kind: 'users', id });
}

/** @typedef {import('../types/record.js').Named | null | undefined} Named */

/** @param {{ id: string | null, name: string | null, of?: Named }} props */
export function PractitionerName({ id, name, of }) {
  // As the hospital writes them, whatever form a sender had for the name.
  const known = of ? nameText(of) : name;
  if (known) return html`<bdi dir="auto">${known}</bdi>`;
  return id ? h(Name, { kind: 'practitioners', id }) : html`<span>${t('people.unknown')}</span>`;
}

/**
 * Where it was: the department, and the place, or at least whose.
 * @param {{ organizationId?: string | null, organization?: Named,
 *   locationId?: string | null, location?: Named, department?: Named }} props
 */
export function PlaceName({ organizationId, organization, locationId, location, department }) {
  const known = location?.name ?? (locationId ? null : organization?.name);
  if (department?.name) {
    return html`<bdi dir="auto">${department.name}</bdi>${
      known && html`<span class="row-note"><bdi dir="auto">${known}</bdi></span>`
    }`;
  }
  if (known) return html`<bdi dir="auto">${known}</bdi>`;
  if (locationId) return h(Name, { kind: 'locations', id: locationId });
  if (organizationId) return h(Name, { kind: 'organizations', id: organizationId });
  return html`<span class="quiet">${t('value.not_recorded')}</span>`;
}
