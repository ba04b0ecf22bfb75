// A status: shape, word and colour together, never colour alone.

import { classes, h, html } from '../lib/ui.js';
import { Icon } from './icon.js';

/** @typedef {'crit' | 'warn' | 'ok' | 'info' | 'note' | 'neutral'} Tone */

/** @type {Record<Tone, import('./icon.js').IconName>} */
const SHAPES = {
  crit: 'cross',
  warn: 'warn',
  ok: 'check',
  info: 'info',
  note: 'info',
  neutral: 'info',
};

/**
 * @param {{ tone: Tone, icon?: import('./icon.js').IconName,
 *   children?: import('../lib/ui.js').Children }} props
 */
export function Tag({ tone, icon, children }) {
  return html`<span class=${classes('tag', tone)}>
    ${h(Icon, { name: icon ?? SHAPES[tone] })}<span>${children}</span>
  </span>`;
}
