// Keyboard: screens name their keys, the newest layer wins, and F1 lists what is active.

import { signal, useEffect, useRef } from './ui.js';
import { shortcuts } from './workstation.js';

/**
 * @typedef {object} Key
 * @property {string} keys like `F2`, `Ctrl+K`, `Ctrl+Shift+L`, `Alt+1`, `A`
 * @property {string} label what it does, for the help
 * @property {(event: KeyboardEvent) => void} run
 * @property {boolean} [always] works over an open dialog too
 * @property {boolean} [quiet] not listed in the help
 */

/** @type {{ current: Key[] }[]} */
const layers = [];

/** Counts changes of the layers, so that the help follows. */
export const layersChanged = signal(0);

/** @param {KeyboardEvent} event */
export function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const ctrl = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  const alt = event.altKey ? 'Alt+' : '';
  // Shift is part of a printed character already; it only names letters and function keys.
  const shift = event.shiftKey && (ctrl || event.key.length > 1) ? 'Shift+' : '';
  return ctrl + alt + shift + key;
}

/**
 * Keys for as long as the component lives.
 * @param {Key[]} keys
 */
export function useKeys(keys) {
  const layer = useRef(keys);
  layer.current = keys;
  useEffect(() => {
    layers.push(layer);
    layersChanged.value += 1;
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      layersChanged.value += 1;
    };
  }, []);
}

/** Every key that works now, the newest layer first, for the help. */
export function activeKeys() {
  layersChanged.value;
  /** @type {Map<string, Key>} */
  const found = new Map();
  for (const layer of [...layers].reverse()) {
    for (const key of layer.current) if (!found.has(key.keys)) found.set(key.keys, key);
  }
  const works = (/** @type {Key} */ key) => shortcuts.value || key.keys.length > 1;
  return [...found.values()].filter((key) => !key.quiet && works(key));
}

/** Listens once for the whole page. */
export function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const name = nameOf(event);
    const plain = name !== 'Escape' && !/^(F\d+|Ctrl\+|Alt\+)/.test(name);
    if (plain && (writesText(event.target) || (name.length === 1 && !shortcuts.value))) return;
    const rests = document.querySelector('dialog[open]') !== null;
    for (const layer of [...layers].reverse()) {
      const key = layer.current.find((one) => one.keys === name);
      if (!key) continue;
      // Esc is the dialog's; no other key may fall through to the browser, as Ctrl+S would.
      if (!rests || name !== 'Escape') event.preventDefault();
      if (!rests || key.always) key.run(event);
      return;
    }
  });
}

/** @param {EventTarget | null} target */
function writesText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
