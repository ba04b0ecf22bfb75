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
import { named } from '../../clinical/emergency.js';
import { announce } from '../../lib/announce.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { fixedRows } from '../../lib/paged-rows.js';
import { isSimilar, patientSearch, phoneEnd, similarNames } from '../../lib/patient-search.js';
import { navigate, place, preload } from '../../lib/router.js';
import { can } from '../../lib/session.js';
import { Changes } from '../../ui/changes.js';
import { Grid, moveInGrid } from '../../ui/grid.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Failed, Loading } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Letters, placeOfKey, useEverybody } from './everybody.js';
import { useFindNews } from './find-news.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */

export const meta = { title: 'find.title', permission: 'patients.read', area: 'patients' };

const LIMIT = 50;

/** Where one was before, for Back only. It lives no longer than the page. */
const kept = { q: '', active: 0, top: 0, total: 0 };

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ given }) {
  const start = useMemo(
    () => (place.peek().back ? { ...kept } : { q: startText(given), active: 0, top: 0, total: 0 }),
    [],
  );
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

  const all = q.trim() === '';
  const everybody = useEverybody(all, start.total);
  const found = search.found.value;
  const searched = useMemo(() => fixedRows(found.rows), [found.rows]);
  const rows = all ? everybody : searched;
  const total = everybody.done ? everybody.count : 0;
  useEffect(() => Object.assign(kept, { q, active, total }) && undefined, [q, active, total]);
  const news = useFindNews({ all, active, search, everybody });
  const alike = useMemo(() => similarNames(found.rows), [found.rows]);
  useEffect(() => {
    if (found.state === 'ready') announce(t('find.count', { count: found.rows.length }));
  }, [found]);

  const open = (/** @type {Patient} */ row) => {
    named.value = row.restricted ? row : null;
    navigate(`/p/${row.id}`);
  };
  const register = () => navigate('/patients/new', { given: { q } });
  /** @param {Patient | null} row */
  const visit = (row) => {
    // As with Enter: the row under the mark must be the answer to what was typed.
    if (row?.restricted) open(row);
    else if (row && (all || found.state === 'ready')) {
      navigate(`/p/${row.id}/visits`, { given: { act: 'visit' } });
    }
  };
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
    ...(can('encounters.write')
      ? [{ keys: 'F8', label: t('find.key_visit'), run: () => visit(rows.row(active)) }]
      : []),
    { keys: 'Escape', label: t('find.key_clear'), run: clear },
  ]);
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Enter') {
      // Never open what the last keys have not been searched for yet.
      const row = found.state === 'waiting' ? null : rows.row(active);
      if (row) open(row);
    } else if (event.key === 'Escape') clear();
    else if (!moveInGrid(event, { active, count: rows.count, onActive: setActive, ends: all })) {
      return;
    }
    event.preventDefault();
  };

  return html`<div class="screen fixed find" ...${news.box}>
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
    <div class="find-line">
      <p id="find-hint">${h(CountLine, { q, found, rows })}</p>
      ${h(Changes, { count: news.waiting, show: news.show })}
    </div>
    ${h(Results, {
      ...{ q, found, rows, search, alike, active, setActive, open, register },
      top: start.q === q ? start.top : 0,
    })}
    <p class="key-line small quiet">${t('find.keys')}</p>
  </div>`;
}

/** Text that another screen handed over. @param {unknown} given */
function startText(given) {
  const text = /** @type {{ q?: unknown } | null} */ (given)?.q;
  return typeof text === 'string' ? text : '';
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
 *   register: () => void, top: number }} props
 */
function Results({ q, found, rows, search, alike, active, setActive, open, register, top }) {
  const all = q.trim() === '';
  const cells = useMemo(
    () =>
      columns((row, i) =>
        all
          ? [i - 1, i + 1].some((beside) => isSimilar(row, rows.row(beside)))
          : alike.has(row.id),
      ),
    [all, rows, alike],
  );
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
  return html`${h(Grid, {
      id: 'find-grid',
      label: what,
      columns: cells,
      rows,
      active,
      onActive: setActive,
      onOpen: open,
      dim: isDead,
      top,
      onTop: keepTop,
      onLetter: all ? placeOfKey : undefined,
    })}
    ${all && h(Letters, { count: rows.count, active, onJump: setActive })}`;
}

/** @param {Patient} row */
const isDead = (row) => row.deceased;

/** @param {number} top */
function keepTop(top) {
  kept.top = top;
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

/**
 * @param {(row: Patient, index: number) => boolean} similar whether a name is easily taken for
 *   that of another row
 * @returns {import('../../ui/grid.js').Column[]}
 */
function columns(similar) {
  return [
    {
      key: 'name',
      label: t('find.col_name'),
      width: 'minmax(220px, 2.2fr)',
      cell: (/** @type {Patient} */ of, i) =>
        html`${h(NameCell, { of })} ${similar(of, i) && h(SimilarMark, {})}`,
    },
    {
      key: 'born',
      label: t('find.col_born'),
      width: 'minmax(180px, 1.5fr)',
      cell: (of) => h(BornCell, { of }),
    },
    { key: 'sex', label: t('find.col_sex'), width: '108px', cell: (of) => h(SexCell, { of }) },
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
      width: 'minmax(140px, 0.9fr)',
      cell: (of) => html`${h(DiedCell, { of })} ${h(OutOfReach, { of })} ${h(Why, { of })}`,
    },
  ];
}

/** @param {{ of: Patient }} props */
function OutOfReach({ of }) {
  if (!of.restricted) return null;
  return h(Tag, { tone: 'neutral', icon: 'lock', children: t('find.restricted') });
}

/** Why a row was found, when the name does not show it. @param {{ of: Patient }} props */
function Why({ of }) {
  const reasons = (of.matched ?? []).filter((one) => one !== 'name');
  if (reasons.length === 0) return null;
  return html`<span class="small quiet">
    ${reasons.map((one) => t(`find.matched_${one}`)).join(', ')}
  </span>`;
}
