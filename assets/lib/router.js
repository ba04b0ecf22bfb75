// Addresses and screens. History API, lazy screens, a guard for unsaved work, and the
// scroll place of each entry kept for Back.

import { signal } from './ui.js';

/** @typedef {import('../types/ui.js').ScreenModule} ScreenModule */
/** @typedef {{ path: string, load: () => Promise<ScreenModule> }} Route */
/**
 * @typedef {object} Place
 * @property {string} path the address without query
 * @property {string | null} pattern of the route, like `/p/:id`
 * @property {Record<string, string>} params
 * @property {ScreenModule | null} screen
 * @property {'loading' | 'ready' | 'missing' | 'failed'} state
 * @property {boolean} back reached by Back or Forward
 * @property {unknown} given what the screen before handed over; never in the address
 */

/** @type {import('./ui.js').Signal<Place>} */
export const place = signal({
  path: '',
  pattern: null,
  params: {},
  screen: null,
  state: /** @type {Place['state']} */ ('loading'),
  back: false,
  given: null,
});

/** @type {Route[]} */
let routes = [];
/** @type {(() => boolean) | null} */
let unsaved = null;
/** @type {() => Promise<boolean>} */
let confirmLeave = () => Promise.resolve(true);
let turn = 0;
let index = 0;
/** @type {Map<number, number>} */
const scrolls = new Map();

/**
 * @param {string} pattern like `/p/:id/edit`
 * @param {string} path
 * @returns {Record<string, string> | null} params, or null when it does not match
 */
export function match(pattern, path) {
  const want = pattern.split('/').filter(Boolean);
  const have = path.split('/').filter(Boolean);
  if (want.length !== have.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [i, part] of want.entries()) {
    const given = have[i] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(given);
    else if (part !== given) return null;
  }
  return params;
}

/**
 * Fills a pattern, for links.
 * @param {string} pattern
 * @param {Record<string, string>} params
 */
export function fill(pattern, params) {
  return pattern.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ''));
}

/**
 * @param {Route[]} table
 * @param {{ confirmLeave: () => Promise<boolean> }} hooks asked before unsaved work is left
 */
export function startRouter(table, hooks) {
  routes = table;
  confirmLeave = hooks.confirmLeave;
  history.scrollRestoration = 'manual';
  index = history.state?.index ?? 0;
  history.replaceState({ index }, '');
  window.addEventListener('popstate', onPop);
  document.addEventListener('click', onClick);
  window.addEventListener('beforeunload', (event) => {
    if (unsaved?.()) event.preventDefault();
  });
  return show(location.pathname, false, null);
}

/**
 * Goes to a screen. Asks first when there is unsaved work.
 * @param {string} path
 * @param {{ replace?: boolean, given?: unknown, force?: boolean }} [options]
 */
export async function navigate(path, options = {}) {
  if (!options.force && unsaved?.() && !(await confirmLeave())) return;
  unsaved = null;
  scrolls.set(index, scrollBox()?.scrollTop ?? 0);
  if (options.replace) {
    history.replaceState({ index }, '', path);
  } else {
    index += 1;
    history.pushState({ index }, '', path);
  }
  await show(path, false, options.given ?? null);
}

/** Goes back inside the product, or to `path` when the record was opened directly. */
export function back(path = '/') {
  if (index > 0) history.back();
  else navigate(path);
}

/**
 * Says how to find out whether there is unsaved work; null when there cannot be any.
 * @param {(() => boolean) | null} ask
 */
export function guardUnsaved(ask) {
  unsaved = ask;
}

/** Loads the code of a screen before it is opened. @param {string} path */
export function preload(path) {
  routes.find((route) => match(route.path, path))?.load().catch(() => {});
}

/** @param {PopStateEvent} event */
async function onPop(event) {
  const target = event.state?.index ?? 0;
  if (unsaved?.() && target !== index) {
    // The browser has already moved: step back to where we were while we ask.
    const path = location.pathname + location.search;
    history.go(index - target);
    await new Promise((done) => window.addEventListener('popstate', done, { once: true }));
    if (!(await confirmLeave())) return;
    unsaved = null;
    return navigate(path, { force: true });
  }
  scrolls.set(index, scrollBox()?.scrollTop ?? 0);
  index = target;
  await show(location.pathname, true, null);
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = /** @type {Element} */ (event.target).closest?.('a[href]');
  if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
  if (link.origin !== location.origin || link.pathname.startsWith('/api/')) return;
  if (link.getAttribute('href')?.startsWith('#')) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

/**
 * @param {string} address
 * @param {boolean} isBack
 * @param {unknown} given
 */
async function show(address, isBack, given) {
  const path = address.split(/[?#]/)[0] ?? '/';
  turn += 1;
  const mine = turn;
  for (const route of routes) {
    const params = match(route.path, path);
    if (!params) continue;
    const facts = { path, pattern: route.path, params, back: isBack, given };
    try {
      const screen = await route.load();
      if (mine === turn) place.value = { ...facts, screen, state: 'ready' };
    } catch (error) {
      // After an upgrade the old files are gone; the shell offers to reload.
      console.warn(error);
      if (mine === turn) place.value = { ...facts, screen: null, state: 'failed' };
    }
    if (mine === turn) restoreScroll(isBack);
    return;
  }
  const none = { pattern: null, params: {}, screen: null, back: isBack, given: null };
  place.value = { path, ...none, state: 'missing' };
}

/** @param {boolean} isBack */
function restoreScroll(isBack) {
  const top = isBack ? (scrolls.get(index) ?? 0) : 0;
  requestAnimationFrame(() => scrollBox()?.scrollTo(0, top));
}

function scrollBox() {
  return document.getElementById('main');
}
