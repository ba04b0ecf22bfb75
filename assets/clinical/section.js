// A card of the record: heading, what one can do, and the content in exactly one state.

import { classes, h, html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { Empty, Failed, Loading, NotAllowed, explain } from '../ui/state.js';
import { Icon } from '../ui/icon.js';

/** @typedef {import('../lib/ui.js').Children} Children */

let ids = 0;

/**
 * @param {{ title: string, count?: number | null, actions?: Children, children: Children,
 *   class?: string }} props
 */
export function Card({ title, count, actions, children, class: name }) {
  const id = `card-${title.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()}`;
  return html`<section class=${classes('rcard', name)} aria-labelledby=${id}>
    <header>
      <h2 id=${id}>
        ${title}${typeof count === 'number' && html` <span class="count">${count}</span>`}
      </h2>
      ${actions && html`<div class="rcard-actions">${actions}</div>`}
    </header>
    ${children}
  </section>`;
}

/**
 * Loading, not allowed, failed or the content. What was loaded before stays readable when its
 * renewal fails, and says so.
 * @param {{ of: import('../lib/resource.js').Loaded<any> & { reload: () => void },
 *   what: string, lines?: number, children: () => Children }} props
 */
export function Loaded({ of, what, lines, children }) {
  if (of.state === 'forbidden') return h(NotAllowed, { what });
  if (of.state === 'missing') return h(Empty, { title: t('state.missing', { what }) });
  if (of.data === null) {
    if (of.state === 'loading') return h(Loading, { what, lines, retry: of.reload });
    return h(Failed, { problem: of.problem, what, retry: of.reload });
  }
  return html`${
    of.state === 'failed' &&
    html`<p class="partial" role="alert">
      ${h(Icon, { name: 'warn' })} ${t('record.not_renewed', { what })} ${explain(of.problem)}${' '}
      <button class="link" type="button" onClick=${of.reload}>${t('state.retry')}</button>
    </p>`
  }
  ${of.data.complete === false && h(Partial, { count: of.data.items.length })} ${children()}
  ${of.data.complete === false && h(Partial, { count: of.data.items.length })}`;
}

/** Above and below a list that is not whole. @param {{ count: number }} props */
function Partial({ count }) {
  return html`<p class="partial">
    ${h(Icon, { name: 'warn' })} ${t('record.partial', { count })}
  </p>`;
}

/**
 * Truly nothing: a sentence, and the act that would change it.
 * @param {{ text: string, act?: Children }} props
 */
export function None({ text, act }) {
  return html`<p class="none">${text}${act && html` ${act}`}</p>`;
}

/** An id for a part of the page. @param {string} prefix */
export function freshId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}
