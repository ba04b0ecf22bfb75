// What the server does in the background: the jobs with their attempts, live, and when which
// comes by the clock.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { kindText } from '../../lib/job-kind.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useAct } from '../../ui/act.js';
import { SelectField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';
import { ProgressBar } from '../../ui/progress.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Schedules } from './schedules.js';

/** @typedef {import('../../types/ui.js').Job} Job */
/** @typedef {import('../../types/ui.js').Attempt} Attempt */
/** @typedef {import('../../ui/act.js').Run} Run */

export const meta = { title: 'jobs.title', permission: 'system.read', area: 'jobs' };

const LIMIT = 50;
const TOPICS = ['jobs'];
const STATES = ['waiting', 'running', 'done', 'dead', 'cancelled'];
/** @type {Record<string, 'ok' | 'warn' | 'crit' | 'note' | 'neutral'>} */
const TONES = {
  waiting: 'neutral',
  running: 'note',
  done: 'ok',
  dead: 'crit',
  cancelled: 'neutral',
  failed: 'warn',
  timed_out: 'warn',
  interrupted: 'neutral',
};

export function Screen() {
  const [state, setState] = useState('');
  const list = useResource(
    `jobs ${state}`,
    async (signal) => {
      const params = { limit: LIMIT, include: 'attempts', state: state || undefined };
      const { data, meta: more } = await api.get('/jobs', params, { signal });
      return { rows: /** @type {Job[]} */ (data), more: Boolean(more.cursor?.next) };
    },
    { topics: TOPICS },
  );
  const { problem, run } = useAct(list.reload);
  const { rows = [], more = false } = list.value.data ?? {};
  const options = ['', ...STATES].map((value) => ({ value, label: t(`jobs.${value || 'all'}`) }));
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('jobs.title')}</h1>
    </div>
    <p class="quiet">${t('jobs.hint')}</p>
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${h(Schedules, { run })}
    <section class="card">
      <div class="card-head">
        <h2>${t('jobs.list')}</h2>
        <div class="end">
          ${h(SelectField, {
            id: 'jobs-state',
            label: t('jobs.state'),
            value: state,
            onChange: setState,
            options,
          })}
        </div>
      </div>
      ${h(Shown, {
        of: list.value,
        what: t('jobs.what'),
        retry: list.reload,
        children: () =>
          rows.length === 0
            ? h(Empty, { title: t('jobs.none'), icon: 'check' })
            : h(Table, { rows, more, run }),
      })}
    </section>
  </div>`;
}

/** @param {{ rows: Job[], more: boolean, run: Run }} props */
function Table({ rows, more, run }) {
  const heads = ['kind', 'state', 'when', 'told'];
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${t('jobs.list')}>
    <table class="table jobs">
      <thead>
        <tr>
          ${heads.map((name) => html`<th key=${name} scope="col">${t(`jobs.col_${name}`)}</th>`)}
          <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((job) => h(Row, { key: job.id, job, run }))}
      </tbody>
    </table>
    ${more && html`<p class="partial">${t('jobs.more', { count: rows.length })}</p>`}
  </div>`;
}

/** @param {{ job: Job, run: Run }} props */
function Row({ job, run }) {
  const name = kindText(job.kind);
  return html`<tr>
    <th scope="row">
      ${name}
      ${job.attempts.length > 0 &&
      html`<details class="small">
        <summary>${t('jobs.attempts', { count: job.attempts.length })}</summary>
        <ol>
          ${job.attempts.map((one, at) => h(Tried, { key: at, one }))}
        </ol>
      </details>`}
    </th>
    <td>${h(State, { state: job.state, cancelling: job.cancelling })}</td>
    <td>${h(Instant, { at: job.ended_at ?? job.started_at ?? job.run_at })}</td>
    <td>${h(Told, { job })}</td>
    <td class="end">${can('system.write') && h(Act, { job, name, run })}</td>
  </tr>`;
}

/** @param {{ state: string, cancelling?: boolean }} props */
function State({ state, cancelling = false }) {
  const word = cancelling && state === 'running' ? 'cancelling' : state;
  return h(Tag, { tone: TONES[state] ?? 'neutral', children: t(`jobs.${word}`) });
}

/** @param {{ one: Attempt }} props */
function Tried({ one }) {
  return html`<li>
    ${h(Instant, { at: one.started_at })}${' '}
    ${one.outcome ? t(`jobs.${one.outcome}`) : t('jobs.running')}
    ${one.error_detail && html`<span class="quiet" lang="en">${one.error_detail}</span>`}
  </li>`;
}

/**
 * What it tells of itself: how far it is, what came of it, or why not.
 * @param {{ job: Job }} props
 */
function Told({ job }) {
  if (job.state === 'running' && job.progress_total) {
    return h(ProgressBar, {
      done: job.progress_done ?? 0,
      total: job.progress_total,
      label: kindText(job.kind),
    });
  }
  if (job.error_detail) {
    return html`<span lang="en">${h(Icon, { name: 'warn' })} ${job.error_detail}</span>
      ${job.state === 'waiting' &&
      html`<p class="small quiet">
        ${t('jobs.tries', { tries: job.tries, most: job.tries_max })}
      </p>`}`;
  }
  return job.result ? html`<span lang="en">${job.result}</span>` : null;
}

/** @param {{ job: Job, name: string, run: Run }} props */
function Act({ job, name, run }) {
  const again = () => run(() => api.post(`/jobs/${job.id}/retry`, {}), t('jobs.retried'));
  const cancel = () => run(() => api.post(`/jobs/${job.id}/cancel`, {}), t('jobs.cancel_done'));
  const isOver = job.state === 'dead' || job.state === 'cancelled';
  const isOpen = (job.state === 'waiting' || job.state === 'running') && !job.cancelling;
  if (!isOver && !isOpen) return null;
  const act = isOver ? 'retry' : 'cancel';
  return html`<button
    class="link"
    type="button"
    aria-label=${t(`jobs.${act}_of`, { name })}
    onClick=${isOver ? again : cancel}
  >
    ${t(`jobs.${act}`)}
  </button>`;
}
