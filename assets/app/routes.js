// Every address of the product and the screen behind it. The build reads the paths of this
// table too: the server answers others with its own "not found" page.

import { loadWords } from '../lib/i18n.js';

/** @typedef {import('../lib/router.js').Route} Route */

/**
 * A screen of those who look after the system, with the words that only they need.
 * @param {Route['load']} load
 * @param {string[]} more catalogues that this one alone needs
 * @returns {Route['load']}
 */
const admin =
  (load, ...more) =>
  async () => {
    const [screen] = await Promise.all([load(), loadWords('.admin', '.notify', ...more)]);
    return screen;
  };
const system = admin(() => import('../screens/admin/system.js'), '.system');

/** @type {Route[]} */
export const ROUTES = [
  { path: '/', load: () => import('../screens/today/today.js') },
  { path: '/setup', load: () => import('../screens/door/setup.js') },
  { path: '/sign-in', load: () => import('../screens/door/sign-in.js') },
  { path: '/new-password', load: () => import('../screens/door/new-password.js') },
  { path: '/second-factor', load: () => import('../screens/door/second-factor.js') },
  { path: '/patients', load: () => import('../screens/patients/find.js') },
  { path: '/patients/new', load: () => import('../screens/patients/register.js') },
  { path: '/p/:id', load: () => import('../screens/record/record.js') },
  { path: '/p/:id/edit', load: () => import('../screens/patients/edit.js') },
  { path: '/p/:id/:tab', load: () => import('../screens/record/record.js') },
  { path: '/print/patient-summary/:id', load: () => import('../screens/record/print.js') },
  { path: '/print/who-looked/:id', load: () => import('../screens/admin/who-looked-print.js') },
  { path: '/imports', load: () => import('../screens/imports/imports.js') },
  { path: '/imports/:id', load: () => import('../screens/imports/run.js') },
  { path: '/admin/users', load: admin(() => import('../screens/admin/users.js')) },
  { path: '/admin/break-glass', load: admin(() => import('../screens/admin/break-glass.js')) },
  { path: '/admin/tokens', load: admin(() => import('../screens/admin/tokens.js')) },
  { path: '/admin/roles', load: admin(() => import('../screens/admin/roles.js')) },
  { path: '/admin/audit', load: admin(() => import('../screens/admin/audit.js')) },
  { path: '/admin/audit/patient/:id', load: admin(() => import('../screens/admin/who-looked.js')) },
  { path: '/admin/jobs', load: admin(() => import('../screens/admin/jobs.js')) },
  { path: '/admin/backups', load: admin(() => import('../screens/admin/backups.js')) },
  { path: '/admin/messages', load: admin(() => import('../screens/admin/messages.js')) },
  { path: '/admin/system', load: system },
  { path: '/admin/system/:view', load: system },
  { path: '/admin/doctor', load: admin(() => import('../screens/admin/doctor.js')) },
  { path: '/admin/settings', load: admin(() => import('../screens/admin/settings.js')) },
  { path: '/admin/sign-in', load: admin(() => import('../screens/admin/sign-in-ways.js')) },
  { path: '/me', load: () => import('../screens/me/me.js') },
  { path: '/trust', load: () => import('../screens/door/trust.js') },
  { path: '/about', load: () => import('../screens/about/about.js') },
];

/**
 * The rail: only what the role may open is shown.
 * @type {{ area: string, path: string, label: string, permission?: string,
 *   icon: import('../ui/icon.js').IconName }[]}
 */
export const AREAS = [
  { area: 'today', path: '/', label: 'rail.today', icon: 'today' },
  {
    area: 'patients',
    path: '/patients',
    label: 'rail.patients',
    icon: 'patients',
    permission: 'patients.read',
  },
  {
    area: 'imports',
    path: '/imports',
    label: 'rail.imports',
    icon: 'imports',
    permission: 'imports.run',
  },
  {
    area: 'users',
    path: '/admin/users',
    label: 'rail.users',
    icon: 'users',
    permission: 'users.read',
  },
  {
    area: 'break_glass',
    path: '/admin/break-glass',
    label: 'rail.break_glass',
    icon: 'warn',
    permission: 'break_glass.review',
  },
  {
    area: 'tokens',
    path: '/admin/tokens',
    label: 'rail.tokens',
    icon: 'key',
    permission: 'tokens.read',
  },
  {
    area: 'roles',
    path: '/admin/roles',
    label: 'rail.roles',
    icon: 'roles',
    permission: 'roles.read',
  },
  {
    area: 'audit',
    path: '/admin/audit',
    label: 'rail.audit',
    icon: 'eye',
    permission: 'audit.read',
  },
  {
    area: 'jobs',
    path: '/admin/jobs',
    label: 'rail.jobs',
    icon: 'pulse',
    permission: 'system.read',
  },
  {
    area: 'backups',
    path: '/admin/backups',
    label: 'rail.backups',
    icon: 'backup',
    permission: 'system.read',
  },
  {
    area: 'system',
    path: '/admin/system',
    label: 'rail.system',
    icon: 'gauge',
    permission: 'system.read',
  },
  {
    area: 'messages',
    path: '/admin/messages',
    label: 'rail.messages',
    icon: 'bell',
    permission: 'system.read',
  },
  {
    area: 'settings',
    path: '/admin/settings',
    label: 'rail.settings',
    icon: 'settings',
    permission: 'system.read',
  },
  { area: 'about', path: '/about', label: 'rail.about', icon: 'about' },
];
