// What took long: requests by their route, statements by their text with how the engine does
// them, and what costs most together. No value of a patient is in any of it.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { number, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown } from '../../ui/state.js';
import { figureText } from './system-words.js';

/** @typedef {import('../../types/ui.js').Slow} Slow */

export function SlowView() {
  const loaded = useResource('slow', async (signal) => {
    return /** @type {Slow} */ ((await api.get('/system/slow', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<div class="stack">
    <p class="quiet">
      ${t('watch.slow_hint')}${' '}
      <button class="link" type="button" disabled=${loaded.value.busy} onClick=${loaded.reload}>
        ${t('watch.look_again')}
      </button>
    </p>
    ${h(Shown, {
      of: loaded.value,
      what: t('watch.view_slow'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="stack">
          ${h(Requests, { rows: data.requests })} ${h(Statements, { rows: data.statements })}
          ${h(Costliest, { rows: data.costliest })}
        </div>`,
    })}
  </div>`;
}

/** @param {number} ms */
const took = (ms) => figureText(ms, 'ms');

/**
 * @param {{ title: string, none: string, heads: string[], count: number,
 *   children?: import('../../lib/ui.js').Children }} props
 */
function Card({ title, none, heads, count, children }) {
  return html`<section class="card">
    <div class="card-head"><h2>${title}</h2></div>
    ${count === 0
      ? h(Empty, { title: none, icon: 'check' })
      : html`<div class="table-box" tabindex="0" role="region" aria-label=${title}>
          <table class="table slow">
            <thead>
              <tr>
                ${heads.map(
                  (head) => html`<th key=${head} scope="col">${t(`watch.col_${head}`)}</th>`,
                )}
              </tr>
            </thead>
            <tbody>
              ${children}
            </tbody>
          </table>
        </div>`}
  </section>`;
}

/** @param {{ rows: Slow['requests'] }} props */
function Requests({ rows }) {
  return h(Card, {
    title: t('watch.slow_requests'),
    none: t('watch.no_slow_requests'),
    heads: ['when', 'request', 'took', 'answer', 'request_id'],
    count: rows.length,
    children: rows.map(
      (row) =>
        html`<tr key=${row.request_id}>
          <td>${h(Instant, { at: row.ended_at })}</td>
          <th scope="row"><code dir="ltr">${row.method} ${row.route}</code></th>
          <td class="nums">${took(row.took_ms)}</td>
          <td class="nums">${row.status}</td>
          <td><code dir="ltr">${row.request_id}</code></td>
        </tr>`,
    ),
  });
}

/** @param {{ rows: Slow['statements'] }} props */
function Statements({ rows }) {
  return h(Card, {
    title: t('watch.slow_statements'),
    none: t('watch.no_slow_statements'),
    heads: ['when', 'statement', 'longest', 'times'],
    count: rows.length,
    children: rows.map(
      (row) =>
        html`<tr key=${row.statement}>
          <td>${h(Instant, { at: row.last_at })}</td>
          <td>
            <code class="sql" dir="ltr">${row.statement}</code>
            <details class="small">
              <summary>${t('watch.plan')}</summary>
              <ol class="plan" dir="ltr">
                ${row.plan.map((step, i) => html`<li key=${i}><code>${step}</code></li>`)}
              </ol>
            </details>
          </td>
          <td class="nums">${took(row.longest_ms)}</td>
          <td class="nums">${number(row.times)}</td>
        </tr>`,
    ),
  });
}

/** @param {{ rows: Slow['costliest'] }} props */
function Costliest({ rows }) {
  return h(Card, {
    title: t('watch.costliest'),
    none: t('watch.not_yet'),
    heads: ['statement', 'calls', 'total', 'mean', 'longest'],
    count: rows.length,
    children: rows.map(
      (row) =>
        html`<tr key=${row.statement}>
          <td><code class="sql" dir="ltr">${row.statement}</code></td>
          <td class="nums">${number(row.calls)}</td>
          <td class="nums">${took(row.total_ms)}</td>
          <td class="nums">${took(row.mean_ms)}</td>
          <td class="nums">${took(row.longest_ms)}</td>
        </tr>`,
    ),
  });
}
