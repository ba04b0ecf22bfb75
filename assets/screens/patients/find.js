// Find a patient: the list shrinks as one types; without text it is everybody, by name.

import {
  h,
  html,
  onText,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from '../../lib/ui.js';
import {
  BornCell,
  DiedCell,
  NameCell,
  NumberCell,
  SexCell,
  SimilarMark,
} from '../../clinical/identity.js';
import { announce } from '../../lib/announce.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { fixedRows, pagedRows } from '../../lib/paged-rows.js';
import { patientSearch, phoneEnd, similarNames } from '../../lib/patient-search.js';
import { navigate, place, preload } from '../../lib/router.js';
import { can } from '../../lib/session.js';
import { Grid, moveInGrid } from '../../ui/grid.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Failed, Loading } from '../../ui/state.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */

export const meta = { title: 'find.title', permission: 'patients.read', area: 'patients' };

const LIMIT = 50;
const PAGE = 100;

/** What was searched before, for Back only. It lives no longer than the page. */
const kept = { q: '', active: 0 };

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ given }) {
  const start = place.peek().back ? kept : { q: startText(given), active: 0 };
  const [q, setQ] = useState(start.q);
  const [active, setActive] = useState(start.active);
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const search = useMemo(() => patientSearch({ limit: LIMIT }), []);
  useLayoutEffect(() => {
    field.current?.focus();
    if (start.q) search.search(start.q, { now: true });
    preload('/p/x');
    return () => search.stop();
  }, []);
  useEffect(() => Object.assign(kept, { q, active }) && undefined, [q, active]);

  const everybody = useEverybody(q.trim() === '');
  const found = search.found.value;
  const searched = useMemo(() => fixedRows(found.rows), [found.rows]);
  const rows = q.trim() === '' ? everybody : searched;
  const alike = useMemo(() => similarNames(found.rows), [found.rows]);
  useEffect(() => {
    if (found.state === 'ready') announce(t('find.count', { count: found.rows.length }));
  }, [found]);

  const open = (/** @type {Patient} */ row) => navigate(`/p/${row.id}`);
  const register = () => navigate('/patients/new', { given: { q } });
  const clear = () => {
    setQ('');
    setActive(0);
    search.search('');
    field.current?.focus();
  };
  useKeys([
    ...(can('patients.write')
      ? [{ keys: 'F4', label: t('find.key_register'), run: register }]
      : []),
    { keys: 'Escape', label: t('find.key_clear'), run: clear },
  ]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter') {
      // Never open what the last keys have not been searched for yet.
      const row = found.state === 'waiting' ? null : rows.row(active);
      if (row) open(row);
    } else if (event.key === 'Escape') clear();
    else if (!moveInGrid(event, { active, count: rows.count, onActive: setActive })) return;
    event.preventDefault();
  };

  return html`<div class="screen fixed find">
    <div class="screen-head">
      <h1>${t('find.title')}</h1>
      <div class="find-box">
        ${h(Icon, { name: 'search' })}
        <input
          id="find-q"
          ref=${field}
          class="input"
          type="text"
          role="combobox"
          aria-label=${t('find.title')}
          aria-describedby="find-hint"
          aria-expanded=${rows.count > 0 ? 'true' : 'false'}
          aria-controls="find-grid"
          aria-haspopup="grid"
          aria-activedescendant=${active < rows.count ? `find-grid-${active}` : undefined}
          autocomplete="off"
          spellcheck=${false}
          maxlength="120"
          value=${q}
          onInput=${onText((text) => {
            setQ(text);
            setActive(0);
            search.search(text);
          })}
          onKeyDown=${onKey}
        />
      </div>
      ${can('patients.write') &&
      html`<button class="button" type="button" onClick=${register}>
        ${h(Icon, { name: 'add' })} ${t('find.register')} <kbd>F4</kbd>
      </button>`}
    </div>
    <p class="find-line" id="find-hint">${h(CountLine, { q, found, rows })}</p>
    ${h(Results, { q, found, rows, search, alike, active, setActive, open, register })}
    <p class="key-line small quiet">${t('find.keys')}</p>
  </div>`;
}

/** Text that another screen handed over. @param {unknown} given */
function startText(given) {
  const text = /** @type {{ q?: unknown } | null} */ (given)?.q;
  return typeof text === 'string' ? text : '';
}

/** All patients by name, page by page. @param {boolean} wanted */
function useEverybody(wanted) {
  const rows = useMemo(
    () =>
      pagedRows(async (cursor, signal) => {
        const params = { limit: PAGE, cursor };
        const { data, meta: answer } = await api.get('/patients', params, { signal });
        return { rows: /** @type {Patient[]} */ (data), next: answer.cursor?.next ?? null };
      }, PAGE),
    [],
  );
  useEffect(() => {
    if (wanted) rows.need(0, 0);
  }, [wanted]);
  useEffect(() => () => rows.stop(), []);
  rows.changed.value;
  return rows;
}

/**
 * @param {{ q: string, found: import('../../lib/patient-search.js').Found,
 *   rows: import('../../lib/paged-rows.js').Rows<Patient> }} props
 */
function CountLine({ q, found, rows }) {
  if (q.trim() === '') {
    const text = rows.done ? t('find.all', { count: rows.count }) : t('find.all_by_name');
    return html`<span class="quiet">${text}</span> <span class="quiet">${t('find.hint')}</span>`;
  }
  if (found.state === 'waiting' || found.state === 'idle') {
    return html`<span class="quiet">${t('find.searching')}</span>`;
  }
  if (found.state === 'failed') return null;
  return html`<b>${t('find.count', { count: found.rows.length })}</b> ${found.more &&
    html` <span class="quiet">${t('find.more', { count: LIMIT })}</span>`}
    ${found.partial && html` <span class="tag warn">${t('find.partial')}</span>`}`;
}

/**
 * @param {{ q: string, found: import('../../lib/patient-search.js').Found,
 *   rows: import('../../lib/paged-rows.js').Rows<Patient>,
 *   search: ReturnType<typeof patientSearch>, alike: Set<string>, active: number,
 *   setActive: (index: number) => void, open: (row: Patient) => void,
 *   register: () => void }} props
 */
function Results({ q, found, rows, search, alike, active, setActive, open, register }) {
  const what = t('find.patients');
  if (q.trim() !== '' && found.state === 'failed') {
    return h(Failed, { problem: found.problem, what, retry: search.retry });
  }
  if (rows.count === 0 && rows.problem) {
    return h(Failed, { problem: rows.problem, what, retry: rows.retry });
  }
  if (rows.count === 0 && q.trim() === '' && !rows.done) return h(Loading, { what, lines: 8 });
  if (rows.count === 0 && q.trim() === '') return h(Nobody, { register });
  if (rows.count === 0 && found.state === 'ready') {
    return h(Empty, {
      title: t('find.none'),
      icon: 'search',
      children: html`<p>${t('find.none_hint')}</p>
        ${can('patients.write') &&
        html`<p>
          <button class="button" type="button" onClick=${register}>
            ${h(Icon, { name: 'add' })} ${t('find.register_typed')} <kbd>F4</kbd>
          </button>
        </p>`}`,
    });
  }
  return h(Grid, {
    id: 'find-grid',
    label: what,
    columns: columns(alike),
    rows,
    active,
    onActive: setActive,
    onOpen: open,
    dim: (row) => row.deceased,
  });
}

/** @param {{ register: () => void }} props */
function Nobody({ register }) {
  return h(Empty, {
    title: t('find.nobody'),
    icon: 'patients',
    children: html`<p>${t('find.nobody_hint')}</p>
      <p class="buttons">
        ${can('imports.run') &&
        html`<a class="button primary" href="/imports">
          ${h(Icon, { name: 'imports' })} ${t('find.import')}
        </a>`}
        ${can('patients.write') &&
        html`<button class="button" type="button" onClick=${register}>
          ${h(Icon, { name: 'add' })} ${t('find.register')}
        </button>`}
      </p>`,
  });
}

/** @param {Set<string>} alike @returns {import('../../ui/grid.js').Column[]} */
function columns(alike) {
  return [
    {
      key: 'name',
      label: t('find.col_name'),
      width: 'minmax(220px, 2.4fr)',
      cell: (/** @type {Patient} */ of) =>
        html`${h(NameCell, { of })} ${alike.has(of.id) && h(SimilarMark, {})}`,
    },
    {
      key: 'born',
      label: t('find.col_born'),
      width: 'minmax(170px, 1.2fr)',
      cell: (of) => h(BornCell, { of }),
    },
    { key: 'sex', label: t('find.col_sex'), width: '90px', cell: (of) => h(SexCell, { of }) },
    {
      key: 'mrn',
      label: t('find.col_number'),
      width: 'minmax(130px, 0.9fr)',
      cell: (of) => h(NumberCell, { of }),
    },
    {
      key: 'phone',
      label: t('find.col_phone'),
      width: '90px',
      cell: (of) => html`<bdi dir="ltr" class="nums">${phoneEnd(of.phone)}</bdi>`,
    },
    {
      key: 'state',
      label: t('find.col_state'),
      width: 'minmax(150px, 1.2fr)',
      cell: (of) => html`${h(DiedCell, { of })} ${h(Why, { of })}`,
    },
  ];
}

/** Why a row was found, when the name does not show it. @param {{ of: Patient }} props */
function Why({ of }) {
  const reasons = (of.matched ?? []).filter((one) => one !== 'name');
  if (reasons.length === 0) return null;
  return html`<span class="small quiet">
    ${reasons.map((one) => t(`find.matched_${one}`)).join(', ')}
  </span>`;
}
