// Backups: how they stand in words, where they go, the recovery sheet, and each that is kept.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useAct } from '../../ui/act.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { placeOf, wayBack } from './backup-bucket.js';
import { LogState } from './backup-log.js';
import { PlanCard } from './backup-plan.js';
import { RestoreCard } from './backup-restore.js';
import { SheetCard } from './backup-sheet.js';

/** @typedef {import('../../types/ui.js').Backup} Backup */
/** @typedef {import('../../types/ui.js').BackupPlan} BackupPlan */
/** @typedef {import('../../types/ui.js').Schedule} Schedule */
/** @typedef {import('../../ui/act.js').Run} Run */

export const meta = { title: 'backups.title', permission: 'system.read', area: 'backups' };

const TOPICS = ['backups'];
const LIMIT = 100;
/** A night without a backup is told of: a day, and six hours for one that takes long. */
const LATE_MS = 30 * 3_600_000;

export function Screen() {
  const loaded = useResource(
    'backups',
    async (signal) => {
      const [plan, list] = await Promise.all([
        api.get('/backup', {}, { signal }),
        api.get('/backups', { limit: LIMIT }, { signal }),
      ]);
      const rows = /** @type {Backup[]} */ (list.data).filter(({ state }) => state !== 'gone');
      return { plan: /** @type {BackupPlan} */ (plan.data), rows };
    },
    { topics: TOPICS },
  );
  const { problem, run } = useAct(loaded.reload);
  const { data } = loaded.value;
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('backups.title')}</h1></div>
    <p class="quiet">${t('backups.hint')}</p>
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${h(Shown, {
      of: loaded.value,
      what: t('backups.what'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="stack">
          ${h(Standing, { plan: data.plan, run })}
          ${can('system.write') &&
          h(PlanCard, { key: data.plan.version, plan: data.plan, onSaved: loaded.reload })}
          ${can('system.write') && h(SheetCard, { plan: data.plan, onChanged: loaded.reload })}
          ${h(List, { rows: data.rows })}
          ${can('system.write') && placeOf(data.plan) && h(RestoreCard, {})}
          ${h(Way, { plan: data.plan })}
        </div>`,
    })}
  </div>`;
}

/** @param {{ plan: BackupPlan, run: Run }} props */
function Standing({ plan, run }) {
  const { newest, drilled } = plan;
  const isLate = newest && LATE_MS < Date.now() - Date.parse(newest.made_at);
  return html`<section class="card" aria-labelledby="standing-title">
    <div class="card-head"><h2 id="standing-title">${t('backups.standing')}</h2></div>
    <div class="card-body stack">
      ${plan.not_ready &&
      html`<div class="alert warn" role="alert">
        <div>
          <p class="alert-title">${t('backups.none_made')}</p>
          <p>${t(placeOf(plan) ? 'backups.needs_sheet' : 'backups.needs_folder')}</p>
        </div>
      </div>`}
      ${plan.same_volume &&
      html`<div class="alert warn"><div>${t('backups.same_volume')}</div></div>`}
      <dl class="facts">
        <div>
          <dt>${t('backups.newest')}</dt>
          <dd>
            ${newest
              ? html`${h(Tag, {
                  tone: isLate ? 'crit' : 'ok',
                  children: t(isLate ? 'backups.late' : 'backups.verified'),
                })}${' '}${h(Instant, { at: newest.made_at })}`
              : html`<span class="quiet">${t('backups.no_newest')}</span>`}
          </dd>
        </div>
        <div>
          <dt>${t('backups.proven')}</dt>
          <dd>
            ${drilled
              ? html`${h(Tag, {
                  tone: drilled.outcome === 'passed' ? 'ok' : 'crit',
                  children: t(`backups.${drilled.outcome}`),
                })}${' '}${h(Instant, { at: drilled.drilled_at })}
                ${drilled.detail && html`<p lang="en">${drilled.detail}</p>`}`
              : html`<span class="quiet">${t('backups.not_proven')}</span>`}
          </dd>
        </div>
        <div>
          <dt>${t('backups.log')}</dt>
          <dd>${h(LogState, {})}</dd>
        </div>
      </dl>
      ${can('system.write') &&
      !plan.not_ready &&
      html`<div class="buttons">
        <button class="button primary" type="button" onClick=${() => order(run, 'backup')}>
          ${t('backups.now')}
        </button>
        ${newest &&
        html`<button class="button" type="button" onClick=${() => order(run, 'backup_drill')}>
          ${t('backups.prove_now')}
        </button>`}
        <a class="button" href="/admin/jobs">${t('backups.jobs')}</a>
      </div>`}
    </div>
  </section>`;
}

/** @param {Run} run @param {string} kind */
function order(run, kind) {
  return run(async () => {
    const { data } = await api.get('/schedules', { limit: LIMIT });
    const one = /** @type {Schedule[]} */ (data).find((schedule) => schedule.kind === kind);
    if (one) await api.post(`/schedules/${one.id}/run`, {});
  }, t('schedules.run_done'));
}

/** @param {{ rows: Backup[] }} props */
function List({ rows }) {
  const heads = ['made', 'state', 'size', 'patients', 'proven'];
  return html`<section class="card">
    <div class="card-head"><h2>${t('backups.list')}</h2></div>
    ${rows.length === 0
      ? h(Empty, { title: t('backups.no_rows'), icon: 'backup' })
      : html`<div class="table-box" tabindex="0" role="region" aria-label=${t('backups.list')}>
          <table class="table">
            <thead>
              <tr>
                ${heads.map(
                  (name) => html`<th key=${name} scope="col">${t(`backups.col_${name}`)}</th>`,
                )}
              </tr>
            </thead>
            <tbody>
              ${rows.map((one) => h(Row, { key: one.id, one }))}
            </tbody>
          </table>
        </div>`}
  </section>`;
}

/** @param {{ one: Backup }} props */
function Row({ one }) {
  return html`<tr>
    <th scope="row">
      ${h(Instant, { at: one.made_at })}
      <p class="small quiet" dir="ltr">${one.name}</p>
    </th>
    <td>
      ${h(Tag, {
        tone: one.state === 'verified' ? 'ok' : 'crit',
        children: t(`backups.${one.state}`),
      })}
    </td>
    <td>${t('backups.mib', { mib: Math.max(1, Math.round(one.stored_bytes / 2 ** 20)) })}</td>
    <td>${one.patients}</td>
    <td>
      ${one.drilled_at
        ? html`${t(`backups.${one.drill_outcome}`)} ${h(Instant, { at: one.drilled_at })}
            ${one.drill_detail && html`<p class="small" lang="en">${one.drill_detail}</p>`}`
        : html`<span class="quiet">${t('backups.not_proven')}</span>`}
    </td>
  </tr>`;
}

/** @param {{ plan: BackupPlan }} props */
function Way({ plan }) {
  if (!placeOf(plan)) return null;
  return html`<section class="card" aria-labelledby="way-title">
    <div class="card-head"><h2 id="way-title">${t('backups.way')}</h2></div>
    <div class="card-body stack">
      <p>${t('backups.way_lead')}</p>
      <p><code dir="ltr">${wayBack(plan)}</code></p>
      ${plan.bucket && html`<p>${t('backups.way_secret')}</p>`}
      <p>${t('backups.way_at')}</p>
      <p><code dir="ltr">${wayBack(plan)} --at 2026-03-01T14:05:00Z</code></p>
      <p class="quiet">${t('backups.way_more')}</p>
    </div>
  </section>`;
}
