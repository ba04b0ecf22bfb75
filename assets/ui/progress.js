// How far something is, in a bar and in words.

import { classes, html } from '../lib/ui.js';

/**
 * @param {{ done: number, total: number, label: string, text?: string, moving?: boolean }} props
 */
export function ProgressBar({ done, total, label, text, moving }) {
  const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
  return html`<div class="progress">
    <div
      class=${classes('bar', moving && 'moving')}
      role="progressbar"
      aria-label=${label}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent}
    >
      <span style=${{ inlineSize: `${percent}%` }}></span>
    </div>
    <p class="small nums">
      <b>${percent} %</b>${text && html` <span class="quiet">${text}</span>`}
    </p>
  </div>`;
}
