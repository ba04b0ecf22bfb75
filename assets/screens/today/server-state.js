// How the server is, for whoever looks after it: real numbers, and what could not be read says
// so.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { number, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { sizeText } from '../../ui/import-status.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/**
 * @typedef {{ version: string, requests_in_flight: number,
 *   jobs: { waiting: number, running: number, failing: number },
 *   backup: { state: string },
 *   store: { queue_people: number, queue_bulk: number, commits: number, wal_bytes: number,
 *     missing: { known: number, found: number } | null } }} System
 */
/** @typedef {{ status: string, services: Record<string, string | number> }} Health */

export function ServerState() {
  const state = useResource('server', async (signal) => {
    const [system, health] = await Promise.all([
      api.get('/system', {}, { signal }),
      // Says "unhealthy" with 503, which is an answer too; then the numbers fail as well.
      api.get('/api/health', {}, { signal }),
    ]);
    return {
      system: /** @type {System} */ (system.data),
      health: /** @type {Health} */ (health.body),
    };
  });
  const { data } = state.value;
  return html`<section class="card" aria-labelledby="server-title">
    <div class="card-head">
      <h2 id="server-title">${t('today.server')}</h2>
      <span class="end">
        <button class="button" type="button" disabled=${state.value.busy} onClick=${state.reload}>
          ${t('today.server_again')}
        </button>
      </span>
    </div>
    ${h(Shown, {
      of: state.value,
      what: t('today.server_what'),
      retry: state.reload,
      children: () => data && h(Facts, data),
    })}
  </section>`;
}

/** @param {{ system: System, health: Health }} props */
function Facts({ system, health }) {
  const { store } = system;
  const facts = [
    [t('today.server_database'), h(Service, { state: health.services?.database })],
    [t('today.server_queue'), h(Service, { state: health.services?.queue })],
    [t('today.server_audit'), h(Service, { state: health.services?.audit })],
    [t('today.server_search'), h(Service, { state: health.services?.search })],
    [t('rail.jobs'), h(Jobs, { failing: system.jobs.failing })],
    [t('rail.backups'), h(Backups, { state: system.backup.state })],
    [t('about.version'), system.version],
    [t('about.requests_in_flight'), number(system.requests_in_flight)],
    [t('about.queue_people'), number(store.queue_people)],
    [t('about.queue_bulk'), number(store.queue_bulk)],
    [t('about.commits'), number(store.commits)],
    [t('about.wal_bytes'), sizeText(store.wal_bytes)],
  ];
  const { missing } = store;
  return html`<div class="card-body stack">
    ${missing &&
    html`<p role="alert">
      ${h(Tag, { tone: 'crit', children: t('today.server_missing') })}${' '}
      ${t('today.server_missing_help', { known: missing.known, found: missing.found })}
    </p>`}
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div key=${name}><dt>${name}</dt><dd class="nums">${value}</dd></div>`,
      )}
    </dl>
    <p class="small quiet">
      <a href="/admin/system">${t('rail.system')}</a> ·${' '}
      <a href="/admin/settings">${t('today.server_settings')}</a> ·${' '}
      <a href="/about">${t('today.server_machine')}</a>
    </p>
  </div>`;
}

/** Whether what the server does by itself comes to something. @param {{ failing: number }} props */
function Jobs({ failing }) {
  if (failing === 0) return h(Service, { state: 'ok' });
  return html`<a href="/admin/jobs"
    >${h(Tag, { tone: 'crit', children: t('today.jobs_failing', { count: failing }) })}</a
  >`;
}

/** Whether the worst day is provided for. @param {{ state: string }} props */
function Backups({ state }) {
  if (state === 'ok') return h(Service, { state });
  const tone = state === 'late' || state === 'broken' ? 'crit' : 'warn';
  return html`<a href="/admin/backups"
    >${h(Tag, { tone, children: t(`today.backup_${state}`) })}</a
  >`;
}

/** What a service may say of itself; whatever else it says is a failure. */
const STATES = new Map([
  ['ok', 'ok'],
  ['busy', 'warn'],
  ['waiting', 'warn'],
  ['rebuilding', 'warn'],
  ['disk_full', 'crit'],
  ['read_only', 'crit'],
  ['superseded', 'crit'],
  ['refusing', 'crit'],
]);

/** @param {{ state: unknown }} props */
function Service({ state }) {
  const known = STATES.has(String(state)) ? String(state) : 'failed';
  const tone = /** @type {'ok' | 'warn' | 'crit'} */ (STATES.get(known) ?? 'crit');
  const icon = tone === 'warn' ? 'wait' : undefined;
  return h(Tag, { tone, icon, children: t(`today.service_${known}`) });
}
