// The story of a patient, newest first, in pages. One shape and one word per kind; a filter by
// kind; rows stand under their visit.

import { classes, h, html, useEffect, useRef, useState } from '../lib/ui.js';
import { dateDirection } from '../lib/format.js';
import { api } from '../lib/api.js';
import { announce } from '../lib/announce.js';
import { t } from '../lib/i18n.js';
import { Problem, Superseded } from '../lib/problem.js';
import { Failed, Loading, NotAllowed } from '../ui/state.js';
import { ObservationName, namesOf } from './observation-name.js';
import { DateText } from './primitives.js';
import { changes } from './record-store.js';
import { Card, None } from './section.js';
import { Shape } from './shape.js';
import { isError } from './status.js';
import { detailText, groupTimeline, titleOf } from './timeline-groups.js';

/** @typedef {import('../types/record.js').TimelineItem} TimelineItem */
/** @typedef {import('./timeline-groups.js').Group} Group */
/** @typedef {import('./timeline-groups.js').Row} Row */
/** @typedef {import('./shape.js').ShapeName} ShapeName */

const PAGE = 50;

/** @type {Record<string, ShapeName>} */
export const KINDS = {
  encounter: 'frame',
  condition: 'diamond',
  allergy: 'up',
  observation: 'ring',
  medication_request: 'square',
  immunization: 'cross',
  procedure: 'dot',
};

/** @param {{ patientId: string }} props */
export function Timeline({ patientId }) {
  const [kind, setKind] = useState('');
  const pages = usePages(patientId, kind);
  return h(Card, {
    title: t('timeline.title'),
    class: 'timeline',
    actions: html`<label class="inline-field">
        <span>${t('timeline.show')}</span>
        <select
          class="input slim"
          value=${kind}
          onChange=${(/** @type {Event} */ event) =>
            setKind(/** @type {HTMLSelectElement} */ (event.currentTarget).value)}
        >
          <option value="">${t('timeline.all')}</option>
          ${Object.keys(KINDS).map(
            (one) => html`<option key=${one} value=${one}>${t(`kinds.${one}`)}</option>`,
          )}
        </select>
      </label>
      <span class="quiet small">${t('timeline.newest_first')}</span>`,
    children: h(Content, { pages, kind }),
  });
}

/**
 * @typedef {object} Pages
 * @property {TimelineItem[]} items
 * @property {string | null} next
 * @property {'loading' | 'ready' | 'failed' | 'forbidden'} state
 * @property {Problem | null} problem
 * @property {() => void} more
 */

/** @param {string} patientId @param {string} kind @returns {Pages} */
function usePages(patientId, kind) {
  const key = `${patientId} ${kind} ${changes.value}`;
  const blank = { key, items: [], next: null, state: 'loading', problem: null };
  const [page, setPage] = useState(/** @type {any} */ (blank));
  const current = useRef(key);
  current.current = key;
  const stop = useRef(new AbortController());

  const load = async (
    /** @type {TimelineItem[]} */ before,
    /** @type {string | null} */ cursor,
  ) => {
    stop.current.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const params = { id: patientId, limit: PAGE, kinds: kind, cursor };
    setPage((/** @type {any} */ old) => ({ ...old, state: 'loading', problem: null }));
    try {
      const { data, meta } = await api.get('/patients/{id}/timeline', params, { signal });
      if (current.current !== key) return;
      const next = meta.cursor?.next ?? null;
      setPage({ key, items: [...before, ...data], next, state: 'ready', problem: null });
      if (before.length > 0) announce(t('timeline.more_loaded', { count: data.length }));
    } catch (error) {
      if (error instanceof Superseded || current.current !== key) return;
      const problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
      const state = problem.status === 403 ? 'forbidden' : 'failed';
      setPage((/** @type {any} */ old) => ({ ...old, key, next: cursor, state, problem }));
    }
  };
  useEffect(() => {
    load([], null);
    return () => stop.current.abort();
  }, [key]);
  // After a change of the record the old rows stay until the new ones come; with another kind
  // or patient they go at once.
  const same = page.key.split(' ').slice(0, 2).join(' ') === `${patientId} ${kind}`;
  const shown = same ? page : blank;
  return { ...shown, more: () => load(shown.items, shown.next) };
}

/** @param {{ pages: Pages, kind: string }} props */
function Content({ pages, kind }) {
  const { items, next, state, problem, more } = pages;
  const what = t('timeline.title');
  if (state === 'forbidden') return h(NotAllowed, { what });
  if (items.length === 0) {
    if (state === 'loading') return h(Loading, { what, lines: 6, retry: more });
    if (state === 'failed') return h(Failed, { problem, what, retry: more });
    return h(None, {
      text: kind ? t('timeline.none_of', { kind: t(`kinds.${kind}`) }) : t('timeline.none'),
    });
  }
  const tests = items.filter((item) => item.kind === 'observation');
  const name = namesOf(tests.map((item) => item.title));
  return html`<ol class="tl">
      ${groupTimeline(items).map((group) => h(GroupRows, { key: group.key, group, name }))}
    </ol>
    ${state === 'failed' && h(Failed, { problem, what: t('timeline.older'), retry: more })}
    ${
      state !== 'failed' &&
      next &&
      html`<p class="more">
      <button class="button" type="button" disabled=${state === 'loading'} onClick=${more}>
        ${state === 'loading' ? t('timeline.loading') : t('timeline.more')}
      </button>
      <span class="quiet">${t('timeline.partial', { count: items.length })}</span>
    </p>`
    }
    ${
      !next &&
      state === 'ready' &&
      html`<p class="quiet small end-mark">${t('timeline.end')}</p>`
    }`;
}

/** @typedef {(recorded: string | null | undefined) => string} Naming */

/** @param {{ group: Group, name: Naming }} props */
function GroupRows({ group, name }) {
  const { visit } = group;
  /** @type {Row[]} */
  const rows = visit ? [{ key: visit.id, kind: 'encounter', items: [visit] }] : [];
  const [first, ...rest] = [...rows, ...group.rows];
  return html`<li class=${classes('tl-group', visit && 'visit')}>
    <div class="tl-head">
      <span class="tl-date">
        ${
          visit
            ? h(DateText, { recorded: visit.recorded, at: visit.at })
            : html`<bdi dir=${dateDirection()}>${group.day || t('value.not_recorded')}</bdi>`
        }
      </span>
      ${first && h(Line, { row: first, name })}
    </div>
    ${
      rest.length > 0 &&
      html`<ul>
        ${rest.map((row) => html`<li key=${row.key}>${h(Line, { row, name })}</li>`)}
      </ul>`
    }
    ${
      !visit &&
      group.encounterId &&
      html`<p class="tl-during quiet small">${t('timeline.in_visit')}</p>`
    }
  </li>`;
}

/** Shape, kind in a word, what it was. @param {{ row: Row, name: Naming }} props */
function Line({ row, name }) {
  const [first] = row.items;
  if (!first) return null;
  const wrong = isError(first);
  return html`<div class=${classes('tl-row', row.kind, wrong && 'struck')}>
    <span class="tl-kind"
      >${h(Shape, { name: KINDS[row.kind] ?? 'dot' })} ${t(`kind.${row.kind}`)}</span
    >
    <span class="tl-what">
      ${row.items.map(
        (item) => html`<span key=${item.id} class="tl-item"
          >${item.kind === 'observation'
              ? h(ObservationName, { recorded: item.title, name })
              : html`<bdi dir="auto">${titleOf(item, t)}</bdi>`}${
            item.detail && html` <bdi dir="auto" class="tl-detail">${detailText(item)}</bdi>`
          }</span
        >`,
      )}
      ${tellsStatus(first) && html`<span class="tl-status">${t(`status.${first.status}`)}</span>`}
    </span>
  </div>`;
}

/** Ordinary outcomes need no word. @param {TimelineItem} item */
function tellsStatus({ status }) {
  return !['final', 'completed', 'finished', 'active', 'amended', 'corrected'].includes(status);
}
