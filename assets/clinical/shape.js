// Shapes of state and of chart markers. Filled, so that they differ without colour; a word
// always stands beside them.

import { html } from '../lib/ui.js';

const PATHS = {
  dot: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z',
  ring: 'M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zm0 2a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z',
  up: 'M8 3l6 10H2z',
  down: 'M8 13L2 3h12z',
  up2: 'M8 1l6 7H2zM8 8l6 7H2z',
  down2: 'M8 15L2 8h12zM8 8L2 1h12z',
  square: 'M3 3h10v10H3z',
  frame: 'M3 3h10v10H3zm2 2v6h6V5z',
  diamond: 'M8 1.5L14.5 8 8 14.5 1.5 8z',
  cross: 'M6 2h4v4h4v4h-4v4H6v-4H2V6h4z',
  x: 'M4.2 2L8 5.8 11.8 2 14 4.2 10.2 8 14 11.8 11.8 14 8 10.2 4.2 14 2 11.8 5.8 8 2 4.2z',
  bar: 'M2 6h12v4H2z',
};

/** @typedef {keyof typeof PATHS} ShapeName */

/** @param {{ name: ShapeName, class?: string }} props */
export function Shape({ name, class: extra }) {
  return html`<svg
    class=${`shape ${extra ?? ''}`}
    viewBox="0 0 16 16"
    aria-hidden="true"
    focusable="false"
  >
    <path fill-rule="evenodd" d=${PATHS[name]} />
  </svg>`;
}
