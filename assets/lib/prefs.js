// How this workstation looks: theme, density and language. Nothing else is kept in the browser.

import { signal } from './ui.js';
import { LANGUAGES } from './i18n.js';

/** @typedef {'system' | 'light' | 'dark'} Theme */
/** @typedef {'comfortable' | 'compact'} Density */

/** Ten years: the choice stays with the workstation. */
const LANGUAGE_MAX_AGE_S = 315_360_000;

/** @type {import('./ui.js').Signal<Theme>} */
export const theme = signal(/** @type {Theme} */ ('system'));
/** @type {import('./ui.js').Signal<Density>} */
export const density = signal(/** @type {Density} */ ('comfortable'));
/** The language of the page, which the server wrote into it: `en`, `fr` or `ar`. */
export const language = signal('en');
/** Whether the page is drawn dark now; charts redraw when it changes. */
export const dark = signal(false);

/** All preferences in one place, for the screen that changes them. */
export const prefs = { theme, density, language };

/** Reads the preferences and follows the system from now on. */
export function startPrefs() {
  const page = document.documentElement;
  if (LANGUAGES.some((one) => one.code === page.lang)) language.value = page.lang;
  const kept = read('theme');
  if (kept === 'light' || kept === 'dark') theme.value = kept;
  if (read('density') === 'compact') density.value = 'compact';
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    dark.value = theme.value === 'dark' || (theme.value === 'system' && system.matches);
    page.dataset.theme = dark.value ? 'dark' : 'light';
    page.dataset.density = density.value;
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

/**
 * Chooses the language of this workstation and loads the page again in it: the server writes
 * language and direction into the page, so that nothing turns round before one's eyes. The
 * caller has asked about unsaved work; the router asks too.
 * @param {string} code of one of `LANGUAGES`; anything else is ignored
 */
export function setLanguage(code) {
  if (!LANGUAGES.some((one) => one.code === code)) return;
  document.cookie = `hf_language=${code}; Path=/; Max-Age=${LANGUAGE_MAX_AGE_S}; SameSite=Lax`;
  location.reload();
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
