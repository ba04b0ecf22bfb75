// Where somebody is signed in: since when, from where, when it was used last, and the way to
// end it.

import { h, html, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { instantText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Problem } from '../lib/problem.js';
import { useResource } from '../lib/resource.js';
import { Icon } from './icon.js';
import { Instant } from './instant.js';
import { Shown, explain } from './state.js';
import { Tag } from './tag.js';
import { toast } from './toast.js';

/**
 * @typedef {{ id: string, created_at: string, last_used_at: string, expires_at: string,
 *   user_agent: string | null, address: string | null, current: boolean, factor: string,
 *   locked: boolean, here: boolean }} SessionLine
 */

/** Browsers by what only they say of themselves; the order matters. */
const BROWSERS = [
  ['Edge', /\bEdg\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\bFirefox\//],
  ['Chrome', /Chrom(?:e|ium)\//],
  ['Safari', /\bSafari\//],
];
const SYSTEMS = [
  ['Windows', /Windows/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux|X11/],
];

/**
 * `Chrome, Windows`; the whole text of a program that is not a known browser.
 * @param {string | null} agent
 */
export function browserOf(agent) {
  if (!agent) return '';
  const name = (/** @type {any[]} */ table) => table.find(([, says]) => says.test(agent))?.[0];
  const browser = name(BROWSERS);
  if (!browser) return agent.slice(0, 60);
  return [browser, name(SYSTEMS)].filter(Boolean).join(', ');
}

/** @param {{ userId: string, own: boolean }} props */
export function SessionsCard({ userId, own }) {
  const sessions = useResource(`sessions ${userId}`, async (signal) => {
    const { data } = await api.get('/sessions', own ? {} : { user_id: userId }, { signal });
    return /** @type {SessionLine[]} */ (data);
  });
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  /** @param {() => Promise<unknown>} act @param {string} done */
  const run = async (act, done) => {
    setProblem(null);
    try {
      await act();
      toast(done);
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 }));
    }
    sessions.reload();
  };
  const rows = sessions.value.data ?? [];
  const others = rows.filter((row) => !row.current);
  const endAll = () =>
    run(() => api.del(`/sessions?user_id=${encodeURIComponent(userId)}`), t('sessions.all_ended'));
  return html`<section class="card" aria-labelledby="sessions-title">
    <div class="card-head">
      <h2 id="sessions-title">${t('sessions.title')}</h2>
      ${others.length > 0 &&
      html`<button class="button end" type="button" onClick=${endAll}>
        ${t(own ? 'sessions.end_others' : 'sessions.end_all')}
      </button>`}
    </div>
    ${problem &&
    html`<p class="error card-body">${h(Icon, { name: 'warn' })} ${explain(problem)}</p>`}
    ${h(Shown, {
      of: sessions.value,
      what: t('sessions.what'),
      retry: sessions.reload,
      children: () =>
        rows.length === 0
          ? html`<p class="card-body quiet">${t('sessions.none')}</p>`
          : html`<ul class="session-list">
              ${rows.map((row) =>
                h(Line, {
                  key: row.id,
                  row,
                  end: () =>
                    run(() => api.del(`/sessions/${row.id}`), t('sessions.ended')),
                }),
              )}
            </ul>`,
    })}
  </section>`;
}

/** @param {{ row: SessionLine, end: () => void }} props */
function Line({ row, end }) {
  const browser = browserOf(row.user_agent);
  const when = (/** @type {string} */ at) =>
    h(Instant, { at });
  return html`<li>
    <div class="grow">
      <p>
        <b>${browser || t('sessions.unknown')}</b>${' '}
        ${row.address && html`<bdi dir="ltr" class="quiet nums">${row.address}</bdi>`}${' '}
        ${row.current && h(Tag, { tone: 'ok', children: t('sessions.current') })}${' '}
        ${row.here && !row.current && h(Tag, { tone: 'info', children: t('sessions.here') })}${' '}
        ${row.locked && h(Tag, { tone: 'info', children: t('sessions.locked') })}
      </p>
      <p class="small quiet">
        ${t(`factor.${row.factor}`)} · ${t('sessions.since')} ${when(row.created_at)} ·${' '}
        ${t('sessions.used')}${' '}
        ${when(row.last_used_at)} · ${t('sessions.until')} ${when(row.expires_at)}
      </p>
    </div>
    ${!row.current &&
    html`<button
      class="button"
      type="button"
      aria-label=${t('sessions.end_of', { name: browser, when: instantText(row.created_at) })}
      onClick=${end}
    >
      ${t('sessions.end')}
    </button>`}
  </li>`;
}
