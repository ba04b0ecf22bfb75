// The audit: who did and looked at what, from where and why. Filters above, the newest first,
// one row in full beside the list, and whether all of it is proven.

import { h, html, useEffect, useMemo, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { actText, whyText } from '../../lib/audit-words.js';
import { t } from '../../lib/i18n.js';
import { pagedRows } from '../../lib/paged-rows.js';
import { can } from '../../lib/session.js';
import { Grid } from '../../ui/grid.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Failed, Loading } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Custody } from './audit-custody.js';
import { Filters, NO_FILTERS, paramsOf } from './audit-filters.js';
import { EntryPanel, PatientOf } from './audit-panel.js';

/** @typedef {import('../../lib/audit-words.js').AuditEntry} AuditEntry */
/** @typedef {import('./audit-filters.js').Chosen} Chosen */

export const meta = { title: 'audit.title', permission: 'audit.read', area: 'audit' };

const PAGE = 50;

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ given }) {
  const handed = /** @type {Partial<Chosen> | null} */ (given);
  const [chosen, setChosen] = useState({ ...NO_FILTERS, ...handed });
  const [round, setRound] = useState(0);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(/** @type {AuditEntry | null} */ (null));
  const params = paramsOf(chosen);
  const key = JSON.stringify(params);
  const rows = useRows(`${key} ${round}`, params);
  useEffect(() => {
    setActive(0);
    setOpen(null);
  }, [key]);
  const narrow = (/** @type {Partial<Chosen>} */ change) =>
    setChosen((old) => ({ ...old, ...change }));
  const again = () => setRound((number) => number + 1);
  return html`<div class="screen fixed audit">
    <div class="screen-head">
      <h1>${t('audit.title')}</h1>
      <div class="actions">
        <button class="button" type="button" onClick=${again}>
          ${h(Icon, { name: 'clock' })} ${t('audit.renew')}
        </button>
        ${can('audit.export') && h(TakeAlong, { params })}
      </div>
    </div>
    ${h(Custody, {})} ${h(Filters, { chosen, onChange: narrow })}
    <div class=${open ? 'with-panel open audit-list' : 'with-panel audit-list'}>
      ${h(List, { rows, active, onActive: setActive, onOpen: setOpen, open })}
      ${open &&
      h(EntryPanel, { key: open.id, entry: open, narrow, onClose: () => setOpen(null) })}
    </div>
  </div>`;
}

/** The file of what is listed. @param {{ params: Record<string, string> }} props */
function TakeAlong({ params }) {
  const query = new URLSearchParams({ format: 'csv', ...params });
  // The browser fetches it, so that a file of any size goes straight to the disk.
  return html`<a class="button" href=${`/api/v1/audit/export?${query}`} download="audit.csv">
    ${h(Icon, { name: 'file' })} ${t('audit.export')}
  </a>`;
}

/** @param {string} key @param {Record<string, string>} params */
function useRows(key, params) {
  const rows = useMemo(
    () =>
      pagedRows(async ({ cursor }, stop) => {
        const query = { limit: PAGE, ...params, cursor };
        const { data, meta: answer } = await api.get('/audit', query, { signal: stop });
        const found = /** @type {AuditEntry[]} */ (data);
        return { rows: found, next: answer.cursor?.next ?? null };
      }, PAGE),
    [key],
  );
  useEffect(() => {
    rows.need(0, 0);
    return () => rows.stop();
  }, [rows]);
  rows.changed.value;
  return rows;
}

/**
 * @param {{ rows: ReturnType<typeof useRows>, active: number, open: AuditEntry | null,
 *   onActive: (index: number) => void, onOpen: (row: AuditEntry) => void }} props
 */
function List({ rows, active, onActive, onOpen, open }) {
  const columns = useMemo(() => cells(open !== null), [open !== null]);
  const begun = useRef(false);
  begun.current ||= rows.count > 0 || rows.done;
  const what = t('audit.what');
  if (rows.count === 0 && rows.problem) {
    return h(Failed, { problem: rows.problem, what, retry: rows.retry });
  }
  if (rows.count === 0 && !rows.done) return h(Loading, { what, lines: 8 });
  if (rows.count === 0) {
    return h(Empty, { title: t('audit.none'), icon: 'eye', children: t('audit.none_hint') });
  }
  return h(Grid, {
    id: 'audit-grid',
    label: what,
    ...{ columns, rows, active, onActive, onOpen },
  });
}

/** @param {boolean} narrow beside an open panel there is room for what matters only */
function cells(narrow) {
  /** @type {import('../../ui/grid.js').Column[]} */
  const all = [
    {
      key: 'at',
      label: t('audit.at'),
      width: '150px',
      cell: (row) => h(Instant, { at: row.at }),
    },
    {
      key: 'who',
      label: t('audit.person'),
      width: 'minmax(120px, 1fr)',
      cell: (row) => html`<bdi>${row.actor_name}</bdi>`,
    },
    {
      key: 'act',
      label: t('audit.act'),
      width: 'minmax(150px, 1.4fr)',
      cell: (row) => h(Act, { row }),
    },
    {
      key: 'patient',
      label: t('audit.patient'),
      width: 'minmax(120px, 1.2fr)',
      cell: (row) => h(PatientOf, { entry: row }),
    },
    {
      key: 'reason',
      label: t('audit.reason'),
      width: 'minmax(90px, 1fr)',
      cell: (row) => whyText(row) && html`<bdi dir="auto">${whyText(row)}</bdi>`,
    },
    {
      key: 'address',
      label: t('audit.address'),
      width: '120px',
      cell: (row) => row.address && html`<bdi dir="ltr" class="nums">${row.address}</bdi>`,
    },
  ];
  return narrow ? all.slice(0, 4) : all;
}

/** @param {{ row: AuditEntry }} props */
function Act({ row }) {
  return html`<span
    >${actText(row.act, row.detail)}${
      row.count > 1 && html` <b class="nowrap">${t('audit.times', { count: row.count })}</b>`
    }</span
  >
  ${row.outcome === 'refused' && ' '}
  ${row.outcome === 'refused' &&
  h(Tag, { tone: 'warn', icon: 'blocked', children: t('audit.refused') })}`;
}
