// One import: how far it is, what became of every kind of resource, and what was not taken,
// with file, line and reason.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { api, connection } from '../../lib/api.js';
import { timeText } from '../../lib/format.js';
import { number, t } from '../../lib/i18n.js';
import { link } from '../../lib/link.js';
import { useResource } from '../../lib/resource.js';
import { ask } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { StatusTag, leftOutOf, sizeText } from '../../ui/import-status.js';
import { Instant } from '../../ui/instant.js';
import { ProgressBar } from '../../ui/progress.js';
import { Empty, Failed, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../types/ui.js').ImportRun} ImportRun */
/** @typedef {import('../../types/ui.js').ImportReject} ImportReject */

export const meta = { title: 'run.title', permission: 'imports.run', area: 'imports' };

const POLL_MS = 1000;
const REJECTS = 100;
/** Places that the server tells of each list. */
const PLACES_MAX = 50;

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ params }) {
  const id = params.id ?? '';
  const run = useResource(
    id,
    async (signal) => {
      return /** @type {ImportRun} */ ((await api.get('/imports/{id}', { id }, { signal })).data);
    },
    { topics: ['imports'] },
  );
  const data = run.value.data;
  const running = data?.status === 'running';
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) run.reload();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [running]);
  return html`<div class="screen">
    <p><a href="/imports">${t('run.back')}</a></p>
    <div class="screen-head">
      <h1><bdi>${data?.label || t('run.title')}</bdi></h1>
      ${data && (cutOff(data) ? h(CutOff, {}) : h(StatusTag, { run: data }))}
    </div>
    ${h(Shown, {
      of: run.value,
      what: t('run.what'),
      retry: run.reload,
      class: 'stack',
      children: () => data && h(Run, { run: data, reload: run.reload }),
    })}
  </div>`;
}

/** Whether nobody knows how it stands now. @param {ImportRun} run */
function cutOff({ status }) {
  return status === 'running' && connection.value.state === 'lost';
}

function CutOff() {
  const text = t('run.cut_off', { time: timeText(link.value.since) });
  return h(Tag, { tone: 'warn', icon: 'warn', children: text });
}

/** @param {{ run: ImportRun, reload: () => void }} props */
function Run({ run, reload }) {
  const summary = run.summary ?? {};
  const rate = summary.resources_per_second;
  return html`<div class="stack">
    <section class="card">
      <div class="card-body stack">
        ${run.status === 'running' &&
        run.bytes_total === 0 &&
        html`<p>${h(Icon, { name: 'wait' })} ${t('run.waiting')}</p>`}
        ${run.status === 'running' &&
        run.bytes_total > 0 &&
        h(ProgressBar, {
          done: run.bytes_done,
          total: run.bytes_total,
          moving: !cutOff(run),
          label: t('run.progress'),
          text: t('run.read', { done: sizeText(run.bytes_done), total: sizeText(run.bytes_total) }),
        })}
        <dl class="facts">
          <div>
            <dt>${t('run.started')}</dt>
            <dd>${h(Instant, { at: run.started_at })}</dd>
          </div>
          ${run.ended_at &&
          html`<div>
            <dt>${t('run.ended')}</dt>
            <dd>${h(Instant, { at: run.ended_at })}</dd>
          </div>`}
          ${rate !== undefined &&
          rate > 0 &&
          html`<div>
            <dt>${t('run.rate')}</dt>
            <dd class="nums">${t('run.per_second', { count: Math.round(rate) })}</dd>
          </div>`}
          <div>
            <dt>${t('run.rejected')}</dt>
            <dd class="nums">${number(summary.rejected ?? 0)}</dd>
          </div>
          <div>
            <dt>${t('run.left_out')}</dt>
            <dd class="nums">${number(leftOutOf(run))}</dd>
          </div>
        </dl>
        ${(summary.dates ?? []).map(
          (one) => html`<p key=${`${one.file} ${one.column} ${one.mark}`} class="small">
            ${h(Icon, { name: 'info' })} ${datesText(one)}
          </p>`,
        )}
        ${summary.before &&
        html`<p>
          ${h(Icon, { name: 'warn' })}
          ${t('run.resumed', { count: summary.before.stored + summary.before.updated })}
        </p>`}
        ${run.error &&
        html`<p class="error">${h(Icon, { name: 'cross' })} <bdi>${run.error}</bdi></p>`}
        ${run.status === 'running' && h(Cancel, { run, reload })}
      </div>
    </section>
    ${h(Summary, { run })} ${h(Rejects, { run })}
  </div>`;
}

/**
 * How dates that can mean two days were read, and why.
 * @param {import('../../types/ui.js').DateOrder} one
 */
function datesText({ file, column, mark, day_first, line }) {
  const like = `03${mark}04${mark}2020`;
  return t(day_first ? 'run.dates_day' : 'run.dates_month', { file, column, like, line });
}

/** @param {{ run: ImportRun, reload: () => void }} props */
function Cancel({ run, reload }) {
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const cancel = async () => {
    const yes = await ask({
      title: t('run.cancel_title'),
      text: t('run.cancel_text'),
      yes: t('run.cancel_yes'),
      no: t('run.cancel_no'),
      danger: true,
    });
    if (!yes) return;
    try {
      await api.post(`/imports/${run.id}/cancel`, {});
    } catch (error) {
      setProblem(error);
    }
    reload();
  };
  return html`<div>
    <button class="button danger" type="button" disabled=${cutOff(run)} onClick=${cancel}>
      ${t('run.cancel')}
    </button>
    ${problem && html`<p class="error">${explain(problem)}</p>`}
  </div>`;
}

/** Every kind of resource and what became of it. @param {{ run: ImportRun }} props */
function Summary({ run }) {
  const { read = {}, stored = {}, updated = {}, unchanged = {}, left_out = {} } = run.summary ?? {};
  const parts = Object.entries(run.summary?.parts_left_out ?? {});
  const skipped = Object.keys(run.summary?.skipped ?? {});
  const kinds = [
    ...new Set([read, stored, updated, unchanged, left_out].flatMap((one) => Object.keys(one))),
  ].sort();
  if (kinds.length === 0) {
    const title = t(run.status === 'running' ? 'run.nothing_yet' : 'run.nothing');
    const hint = run.status === 'completed' ? t('run.nothing_hint') : undefined;
    return h(Empty, { title, icon: 'wait', children: hint });
  }
  const cell = (/** @type {Record<string, number>} */ counts, /** @type {string} */ kind) =>
    html`<td class="end nums">${counts[kind] ? number(counts[kind]) : '–'}</td>`;
  return html`<section class="card" aria-labelledby="summary-title">
    <div class="card-head"><h2 id="summary-title">${t('run.summary')}</h2></div>
    <table class="table tally">
      <thead>
        <tr>
          <th scope="col">${t('run.col_kind')}</th>
          ${['read', 'stored', 'updated', 'unchanged', 'left_out'].map(
            (one) => html`<th key=${one} scope="col" class="end">${t(`run.col_${one}`)}</th>`,
          )}
          <th scope="col">${t('run.col_reason')}</th>
        </tr>
      </thead>
      <tbody>
        ${kinds.map(
          (kind) =>
            html`<tr key=${kind}>
              <th scope="row"><bdi>${kind}</bdi></th>
              ${cell(read, kind)} ${cell(stored, kind)} ${cell(updated, kind)}
              ${cell(unchanged, kind)}
              <td class="end nums">${left_out[kind] ? number(left_out[kind].count) : '–'}</td>
              <td class="quiet">${left_out[kind]?.reason}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${parts.length > 0 &&
    html`<div class="card-body">
      <h3>${t('run.parts')}</h3>
      <ul class="parts">
        ${parts.map(
          ([name, count]) =>
            html`<li key=${name}>
              <bdi>${name}</bdi> <span class="nums quiet">${number(count)}</span>
            </li>`,
        )}
      </ul>
    </div>`}
    ${h(NumbersTaken, { taken: run.summary?.identifiers_taken })}
    ${skipped.length > 0 &&
    html`<div class="card-body">
      <h3>${t('run.skipped')}</h3>
      <ul class="parts">
        ${skipped.map((name) => html`<li key=${name}><bdi>${name}</bdi></li>`)}
      </ul>
    </div>`}
  </section>`;
}

/**
 * Record numbers that were left out because others have them, and where they stand.
 * @param {{ taken: import('../../types/ui.js').ImportSummary['identifiers_taken'] }} props
 */
function NumbersTaken({ taken }) {
  if (!taken || taken.count === 0) return null;
  return html`<div class="card-body">
    <h3>${t('run.taken', { count: taken.count })}</h3>
    <p class="quiet">${t('run.taken_hint')}</p>
    <ul class="parts">
      ${taken.places.map(
        ({ file, line, kind }, i) =>
          html`<li key=${i}><bdi>${t('run.taken_at', { file, line, kind })}</bdi></li>`,
      )}
      ${taken.places.length === PLACES_MAX && html`<li>…</li>`}
    </ul>
  </div>`;
}

/** @param {{ run: ImportRun }} props */
function Rejects({ run }) {
  const count = run.summary?.rejected ?? 0;
  const [rows, setRows] = useState(/** @type {ImportReject[]} */ ([]));
  const [next, setNext] = useState(/** @type {string | null} */ (null));
  const [problem, setProblem] = useState(/** @type {any} */ (null));
  const load = async (/** @type {string | null} */ cursor) => {
    try {
      setProblem(null);
      const params = { id: run.id, limit: REJECTS, cursor };
      const { data, meta: answer } = await api.get('/imports/{id}/rejects', params);
      setRows((old) => (cursor ? [...old, ...data] : data));
      setNext(answer.cursor?.next ?? null);
    } catch (error) {
      setProblem(error);
    }
  };
  useEffect(() => {
    if (count > 0) load(null);
  }, [run.status, count > 0]);
  if (count === 0) return null;
  return html`<section class="card" aria-labelledby="rejects-title">
    <div class="card-head">
      <h2 id="rejects-title">${t('run.rejects', { count })}</h2>
    </div>
    ${problem && h(Failed, { problem, what: t('run.rejects_what'), retry: () => load(null) })}
    <table class="table">
      <thead>
        <tr>
          <th scope="col">${t('run.col_file')}</th>
          <th scope="col" class="end">${t('run.col_line')}</th>
          <th scope="col">${t('run.col_resource')}</th>
          <th scope="col">${t('run.col_why')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, i) =>
            html`<tr key=${i}>
              <td><bdi>${row.file}</bdi></td>
              <td class="end nums">${row.line ?? ''}</td>
              <td><bdi>${row.resource}</bdi></td>
              <td><bdi>${row.reason}</bdi></td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${next &&
    html`<div class="card-body">
      <button class="button" type="button" onClick=${() => load(next)}>${t('run.more')}</button>
      <span class="quiet small">${t('run.shown', { count: rows.length, total: count })}</span>
    </div>`}
  </section>`;
}
