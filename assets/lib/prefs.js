// How this workstation looks: theme and density. Nothing else is kept in the browser.

import { signal } from './ui.js';

/** @typedef {'system' | 'light' | 'dark'} Theme */
/** @typedef {'comfortable' | 'compact'} Density */

/** @type {import('./ui.js').Signal<Theme>} */
export const theme = signal(/** @type {Theme} */ ('system'));
/** @type {import('./ui.js').Signal<Density>} */
export const density = signal(/** @type {Density} */ ('comfortable'));
/** Whether the page is drawn dark now; charts redraw when it changes. */
export const dark = signal(false);

/** Reads the preferences and follows the system from now on. */
export function startPrefs() {
  const kept = read('theme');
  if (kept === 'light' || kept === 'dark') theme.value = kept;
  if (read('density') === 'compact') density.value = 'compact';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    dark.value = theme.value === 'dark' || (theme.value === 'system' && system.matches);
    document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
    document.documentElement.dataset.density = density.value;
  };
  system.addEventListener('change', apply);
  theme.subscribe(apply);
  density.subscribe(apply);
}

/** @param {Theme} value */
export function setTheme(value) {
  theme.value = value;
  write('theme', value);
}

/** @param {Density} value */
export function setDensity(value) {
  density.value = value;
  write('density', value);
}

/** @param {string} name */
function read(name) {
  try {
    return localStorage.getItem(`healthflow.${name}`);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} value */
function write(name, value) {
  try {
    localStorage.setItem(`healthflow.${name}`, value);
  } catch {
    // A browser that forbids storage shows the system's theme.
  }
}

/** What else belongs to the workstation is kept beside; see `lib/workstation.js`. */
export { read as kept, write as keep };
