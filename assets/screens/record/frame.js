// The frame of a record: banner, tabs, the open tab, and at most one side panel.

import { classes, h, html, signal, useEffect, useRef, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { navigate } from '../../lib/router.js';
import { can } from '../../lib/session.js';
import { PatientBanner } from '../../clinical/banner.js';
import { EmergencyMark } from '../../clinical/emergency.js';
import { useRecordNews } from '../../clinical/record-news.js';
import { useRecord } from '../../clinical/record-store.js';
import { Changes } from '../../ui/changes.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Loading, NotAllowed } from '../../ui/state.js';
import { EmergencyAccess } from './emergency-access.js';
import { neighbour, tabPath, tabsFor } from './tabs.js';
import { SidePanel } from './panel.js';

/** @typedef {import('./tabs.js').Tab} Tab */
/** @typedef {{ patientId: string }} TabProps */
/** @typedef {Awaited<ReturnType<Tab['load']>>['Tab']} Content */

/** Code of tabs that were opened, so that they show at once. @type {Map<string, Content>} */
const opened = new Map();
/** Where each tab of the open record was scrolled to. */
const scrolls = signal({ patientId: '', tops: new Map() });

/**
 * @param {{ patientId: string, tab: string | undefined, act: 'visit' | null }} props
 *   `act` is begun at once, as when a key of another screen asked for it
 */
export function RecordFrame({ patientId, tab, act }) {
  const { tabs, current, exists } = tabsFor(tab, can);
  const go = (/** @type {1 | -1} */ step) => {
    const next = neighbour(tabs, current, step);
    if (next && next !== current) navigate(tabPath(patientId, next.tab));
  };
  useKeys([
    { keys: '[', label: t('keys.previous_tab'), run: () => go(-1) },
    { keys: ']', label: t('keys.next_tab'), run: () => go(1) },
    ...(can('encounters.write')
      ? [{ keys: 'F8', label: t('encounter.add'), run: () => openVisit(patientId) }]
      : []),
    ...(can('records.read')
      ? [{ keys: 'F9', label: t('print.summary'), run: () => navigate(printPath(patientId)) }]
      : []),
  ]);
  useEffect(() => {
    if (act === 'visit' && can('encounters.write')) openVisit(patientId);
  }, [patientId, act]);
  useTitle(current);
  const { state, data, problem } = useRecord(patientId, 'patient');
  const news = useRecordNews(patientId, data !== null);
  if (problem?.code === 'access.out_of_reach') {
    return html`<div class="record">
      <div class="record-main">
        <div class="record-body">${h(EmergencyAccess, { key: patientId, patientId })}</div>
      </div>
    </div>`;
  }
  return html`<div class="record">
    <div class="record-head">
      ${h(EmergencyMark, { patientId })} ${h(PatientBanner, { key: patientId, patientId })}
      ${state !== 'missing' && h(TabRow, { tabs, current, patientId, news })}
    </div>
    <div class="record-main">
      ${h(Scroller, {
        patientId,
        name: current?.tab ?? 'none',
        box: news.box,
        children: h(Body, { patientId, current, exists }),
      })}
      ${h(SidePanel, { patientId })}
    </div>
  </div>`;
}

/** @param {string} patientId */
async function openVisit(patientId) {
  const [{ openAdd }, { ENCOUNTER }] = await Promise.all([
    import('./forms/open.js'),
    import('./forms/event-specs.js'),
  ]);
  openAdd(ENCOUNTER, patientId);
}

/** @param {string} patientId */
function printPath(patientId) {
  return `/print/patient-summary/${encodeURIComponent(patientId)}`;
}

/** The window title names the kind of page, never the patient. @param {Tab | null} current */
function useTitle(current) {
  useEffect(() => {
    // After the shell has set the title of the whole screen.
    const frame = requestAnimationFrame(() => {
      const title = t(current?.title ?? 'record.title');
      document.title = `${title} · ${t('record.title')} – HealthFlow`;
    });
    return () => cancelAnimationFrame(frame);
  }, [current]);
}

/**
 * @param {{ tabs: Tab[], current: Tab | null, patientId: string,
 *   news: { waiting: number, show: () => void } }} props
 */
function TabRow({ tabs, current, patientId, news }) {
  const row = useRef(/** @type {HTMLElement | null} */ (null));
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const links = [...(row.current?.querySelectorAll('a') ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    const next = links[target(event.key, at, links.length)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return html`<nav class="tabs" aria-label=${t('record.tabs')} ref=${row} onKeyDown=${onKey}>
    ${tabs.map((one) => {
      const here = one === current;
      return html`<a
        key=${one.tab}
        href=${tabPath(patientId, one.tab)}
        class=${classes('tab', here && 'on')}
        aria-current=${here ? 'page' : undefined}
        data-words=${t(one.title)}
        tabindex=${here || (!current && one === tabs[0]) ? 0 : -1}
        >${t(one.title)}</a
      >`;
    })}
    <span class="tabs-end">
      ${h(Changes, { count: news.waiting, show: news.show })}
      <span class="tabs-hint" aria-hidden="true"
        ><span><kbd>[</kbd> <kbd>]</kbd></span> <span>${t('record.tabs_hint')}</span></span
      >
      ${
        can('audit.read') &&
        html`<a
          class="button print-link who-looked-link"
          href=${`/admin/audit/patient/${patientId}`}
          aria-label=${t('who.title')}
          title=${t('who.title')}
          >${h(Icon, { name: 'eye' })} <span>${t('who.title')}</span></a
        >`
      }
      ${
        can('records.read') &&
        html`<a class="button print-link" href=${printPath(patientId)} aria-keyshortcuts="F9"
          >${h(Icon, { name: 'print' })} ${t('print.do')} <kbd aria-hidden="true">F9</kbd></a
        >`
      }
    </span>
  </nav>`;
}

/** @param {string} key @param {number} at @param {number} count */
function target(key, at, count) {
  if (at < 0) return -1;
  const forward = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const backward = document.dir === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
  if (key === forward) return Math.min(at + 1, count - 1);
  if (key === backward) return Math.max(at - 1, 0);
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  return -1;
}

/**
 * The part that scrolls. It remembers its place for each tab of the open record.
 * @param {{ patientId: string, name: string, box: import('../../lib/steady.js').Box,
 *   children: import('../../lib/ui.js').Children }} props
 */
function Scroller({ patientId, name, box: held, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (scrolls.value.patientId !== patientId) scrolls.value = { patientId, tops: new Map() };
    const frame = requestAnimationFrame(() => {
      box.current?.scrollTo(0, scrolls.peek().tops.get(name) ?? 0);
    });
    return () => cancelAnimationFrame(frame);
  }, [patientId, name]);
  const onScroll = () => scrolls.peek().tops.set(name, box.current?.scrollTop ?? 0);
  return html`<div
    class="record-body"
    ref=${box}
    tabindex="0"
    role="region"
    aria-label=${t('record.content')}
    onScroll=${onScroll}
    ...${held}
  >
    ${children}
  </div>`;
}

/** @param {{ patientId: string, current: Tab | null, exists: boolean }} props */
function Body({ patientId, current, exists }) {
  const content = useContent(current);
  const { state } = useRecord(patientId, 'patient');
  if (state === 'missing') {
    return html`<h1 class="spoken">${t('record.title')}</h1>
      <p><a href="/patients">${t('record.find')}</a></p>`;
  }
  if (!current) {
    return html`<h1 class="spoken">${t('record.title')}</h1>
      ${exists ? h(NotAllowed, {}) : h(Empty, { title: t('record.no_tab') })}`;
  }
  return html`<h1 class="spoken">${t(current.title)}</h1>
    ${content ? h(content, { patientId }) : h(Loading, { what: t(current.title) })}`;
}

/** @param {Tab | null} current @returns {Content | null} */
function useContent(current) {
  const [, again] = useState(0);
  useEffect(() => {
    if (!current || opened.has(current.tab)) return;
    current.load().then((module) => {
      opened.set(current.tab, module.Tab);
      again((count) => count + 1);
    });
  }, [current]);
  return (current && opened.get(current.tab)) ?? null;
}
