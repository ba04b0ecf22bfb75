// Toasts: only for what succeeded, for six seconds. Errors stay where they happened.

import { h, html, signal } from '../lib/ui.js';
import { Icon } from './icon.js';

const SHOWN_MS = 6000;

/** @type {import('../lib/ui.js').Signal<{ id: number, text: string }[]>} */
const toasts = signal([]);
let count = 0;

/** @param {string} text */
export function toast(text) {
  count += 1;
  const id = count;
  toasts.value = [...toasts.value, { id, text }];
  setTimeout(() => {
    toasts.value = toasts.value.filter((one) => one.id !== id);
  }, SHOWN_MS);
}

/** Mounted once by the shell. */
export function Toasts() {
  return html`<div class="toasts" role="status">
    ${toasts.value.map(
      (one) => html`<p key=${one.id} class="toast">${h(Icon, { name: 'check' })} ${one.text}</p>`,
    )}
  </div>`;
}
