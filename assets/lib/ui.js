// The one door to the vendored libraries. Everything else imports from here, so that a
// library can be replaced in one file.

import { Fragment, h, render } from '../vendor/preact.js';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from '../vendor/preact-hooks.js';
import htm from '../vendor/htm.js';
import {
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
} from '../vendor/signals.js';

/** @typedef {import('../vendor/preact.js').ComponentChildren} Children */
/** @typedef {import('../vendor/preact.js').VNode<any>} VNode */
/**
 * @template T
 * @typedef {import('../vendor/signals.js').Signal<T>} Signal
 */
/**
 * @template T
 * @typedef {import('../vendor/signals.js').ReadonlySignal<T>} ReadonlySignal
 */

/** What htm reads as: neither this tag nor those in it are to be kept. */
const MADE_ANEW = 3;

/**
 * Markup for plain tags. Components are called with `h(Component, props)`, so that the type
 * checker sees their props; it does not see inside this template.
 * @type {(strings: TemplateStringsArray, ...values: any[]) => VNode}
 */
const html = /** @type {any} */ (htm.bind(create));

/**
 * A tag without values would be made once and handed out again. Preact hangs it into the first
 * page that it stands in, and that page, with all that came after it, would stay in memory.
 * @this {any}
 * @param {Parameters<typeof h>} of
 */
function create(...of) {
  this[0] = MADE_ANEW;
  return h(...of);
}

/** Loads the chart library and its style sheet on first use. */
async function loadUplot() {
  const href = new URL('../vendor/uplot.css', import.meta.url).href;
  if (!document.querySelector(`link[href="${href}"]`)) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = href;
    document.head.append(link);
  }
  return (await import('../vendor/uplot.js')).default;
}

/** Where the text of a library's licence lies. @param {string} name of its file */
function licenceUrl(name) {
  return new URL(`../vendor/licences/${name}.txt`, import.meta.url).href;
}

/**
 * @param {(text: string) => void} run
 * @returns {(event: Event) => void}
 */
function onText(run) {
  return (event) => run(/** @type {HTMLInputElement} */ (event.currentTarget).value);
}

/**
 * @param {(checked: boolean) => void} run
 * @returns {(event: Event) => void}
 */
function onCheck(run) {
  return (event) => run(/** @type {HTMLInputElement} */ (event.currentTarget).checked);
}

/** @param {...(string | false | null | undefined)} names */
function classes(...names) {
  return names.filter(Boolean).join(' ');
}

export {
  Fragment,
  batch,
  classes,
  computed,
  effect,
  h,
  html,
  licenceUrl,
  loadUplot,
  onCheck,
  onText,
  render,
  signal,
  untracked,
  useCallback,
  useComputed,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSignal,
  useState,
};
