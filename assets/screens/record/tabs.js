// The tabs of a record. Each is an address of its own.

/** @typedef {import('./frame.js').TabProps} TabProps */
/** @typedef {import('../../lib/ui.js').VNode} VNode */
/**
 * @typedef {object} Tab
 * @property {string} tab last part of the address; empty for the first
 * @property {string} title message key
 * @property {string} [permission]
 * @property {() => Promise<{ Tab: (props: TabProps) => VNode | null }>} load
 */

/** @type {Tab[]} */
export const TABS = [
  {
    tab: '',
    title: 'tab.summary',
    permission: 'records.read',
    load: () => import('./summary.js'),
  },
  {
    tab: 'obs',
    title: 'tab.observations',
    permission: 'records.read',
    load: () => import('./observations.js'),
  },
  {
    tab: 'meds',
    title: 'tab.medicines',
    permission: 'records.read',
    load: () => import('./medicines.js'),
  },
  {
    tab: 'problems',
    title: 'tab.problems',
    permission: 'records.read',
    load: () => import('./problems.js'),
  },
  {
    tab: 'visits',
    title: 'tab.visits',
    permission: 'encounters.read',
    load: () => import('./visits.js'),
  },
  {
    tab: 'immunizations',
    title: 'tab.immunizations',
    permission: 'records.read',
    load: () => import('./immunizations.js'),
  },
  {
    tab: 'procedures',
    title: 'tab.procedures',
    permission: 'records.read',
    load: () => import('./procedures.js'),
  },
  { tab: 'details', title: 'tab.details', load: () => import('./details.js') },
];

/**
 * The tabs of this person, and the one that an address means. Somebody without the clinical
 * record gets the details first.
 * @param {string | undefined} name
 * @param {(permission: string | null | undefined) => boolean} can
 */
export function tabsFor(name, can) {
  const tabs = TABS.filter((tab) => can(tab.permission));
  const asked = TABS.find((tab) => tab.tab === (name ?? ''));
  const current = asked && tabs.includes(asked) ? asked : null;
  const fallback = name ? null : (tabs.find((tab) => tab.tab === 'details') ?? null);
  return { tabs, current: current ?? fallback, exists: asked !== undefined };
}

/** @param {string} id @param {string} tab */
export function tabPath(id, tab) {
  return `/p/${encodeURIComponent(id)}${tab ? `/${tab}` : ''}`;
}

/**
 * The neighbour of a tab, not round the end.
 * @param {Tab[]} tabs @param {Tab | null} current @param {1 | -1} step
 */
export function neighbour(tabs, current, step) {
  if (!current) return tabs[0] ?? null;
  return tabs[tabs.indexOf(current) + step] ?? null;
}
