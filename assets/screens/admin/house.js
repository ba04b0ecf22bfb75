// The roles, facilities and departments that accounts name by their ids.

import { api } from '../../lib/api.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').Facility} Facility */
/** @typedef {import('../../types/ui.js').Department} Department */
/**
 * @typedef {object} House
 * @property {Role[]} roles
 * @property {Facility[]} facilities
 * @property {Department[]} departments
 * @property {(code: string) => { code: string, name?: string, reach?: string }} role
 * @property {(id: string) => Facility | undefined} facility
 * @property {(id: string) => Department | undefined} department
 */

const TOPICS = ['roles', 'facilities', 'departments'];

/**
 * What is known of the house: as much as this person may read, nothing until it is there.
 * @returns {House}
 */
export function useHouse() {
  const loaded = useResource(
    'house',
    async (signal) => {
      const list = async (/** @type {string} */ path, /** @type {string} */ permission) => {
        if (!can(permission)) return [];
        return (await api.get(path, { limit: 200 }, { signal })).data;
      };
      const [roles, facilities, departments] = await Promise.all([
        list('/roles', 'roles.read'),
        list('/facilities', 'facilities.read'),
        list('/departments', 'facilities.read'),
      ]);
      return { roles, facilities, departments };
    },
    { topics: TOPICS.filter((topic) => can(topic === 'roles' ? 'roles.read' : 'facilities.read')) },
  );
  /** @type {{ roles: Role[], facilities: Facility[], departments: Department[] }} */
  const { roles, facilities, departments } = loaded.value.data ?? NOTHING;
  return {
    roles,
    facilities,
    departments,
    role: (code) => roles.find((one) => one.code === code) ?? { code },
    facility: (id) => facilities.find((one) => one.id === id),
    department: (id) => departments.find((one) => one.id === id),
  };
}

const NOTHING = { roles: [], facilities: [], departments: [] };
