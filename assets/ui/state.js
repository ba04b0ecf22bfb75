// The states of anything that is loaded. Each is another sentence: loading, failed, not
// allowed, not found, and truly none.

import { classes, h, html, useEffect, useState } from '../lib/ui.js';
import { timeText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Problem } from '../lib/problem.js';
import { Icon } from './icon.js';

/** @typedef {import('../lib/ui.js').Children} Children */

const QUIET_MS = 150;
const LONG_MS = 8000;

/**
 * Nothing for 150 ms, then what is loading; after 8 s a sentence and a way to try again.
 * @param {{ what: string, lines?: number, retry?: () => void }} props
 */
export function Loading({ what, lines = 3, retry }) {
  const [age, setAge] = useState(0);
  useEffect(() => {
    const shown = setTimeout(() => setAge(1), QUIET_MS);
    const long = setTimeout(() => setAge(2), LONG_MS);
    return () => {
      clearTimeout(shown);
      clearTimeout(long);
    };
  }, []);
  return html`<div class="loading" role="status">
    <span class=${age === 0 ? 'spoken' : 'quiet'}>${t('state.loading', { what })}</span>
    ${age > 0 &&
    Array.from({ length: lines }, (_, i) => html`<div key=${i} class="skeleton"></div>`)}
    ${age === 2 &&
    html`<p>
      ${t('state.long')}
      ${retry && html` <button class="link" onClick=${retry}>${t('state.retry')}</button>`}
    </p>`}
  </div>`;
}

/**
 * @param {{ title: string, children?: Children, icon?: import('./icon.js').IconName }} props
 */
export function Empty({ title, children, icon }) {
  return html`<div class="state">
    ${h(Icon, { name: icon ?? 'info' })}
    <div>
      <p class="state-title">${title}</p>
      ${children && html`<div class="quiet">${children}</div>`}
    </div>
  </div>`;
}

/** @param {{ what?: string, children?: Children }} props */
export function NotAllowed({ what }) {
  return html`<div class="state warn">
    ${h(Icon, { name: 'lock' })}
    <div>
      <p class="state-title">${t('state.forbidden', { what: what ?? t('state.this_page') })}</p>
      <p class="quiet">${t('state.forbidden_hint')}</p>
    </div>
  </div>`;
}

/**
 * @param {{ problem: Problem | null, what: string, retry?: () => void }} props
 */
export function Failed({ problem, what, retry }) {
  return html`<div class="state crit" role="alert">
    ${h(Icon, { name: 'cross' })}
    <div>
      <p class="state-title">${t('state.failed', { what })}</p>
      <p>${explain(problem)}</p>
      ${problem?.requestId &&
      html`<p class="small">${t('state.code', { code: problem.code, id: problem.requestId })}</p>`}
      ${retry &&
      html`<p>
        <button class="button" type="button" onClick=${retry}>${t('state.retry')}</button>
      </p>`}
    </div>
  </div>`;
}

/**
 * Shows the right state of a resource, and the content only when there is some.
 * @param {{ of: import('../lib/resource.js').Loaded<any> & { reload?: () => void },
 *   what: string, lines?: number, retry?: () => void, class?: string,
 *   children: () => Children }} props
 */
export function Shown({ of, what, lines, retry, children, class: name }) {
  if (of.state === 'loading' && of.data === null) return h(Loading, { what, lines, retry });
  if (of.state === 'forbidden') return h(NotAllowed, { what });
  if (of.state === 'missing') return h(Empty, { title: t('state.missing', { what }) });
  if (of.state === 'failed' && of.data === null) {
    return h(Failed, { problem: of.problem, what, retry });
  }
  return html`<div class=${classes('shown', name)}>
    ${of.state === 'failed' && h(AsOf, { at: of.at, retry })} ${children()}
  </div>`;
}

/**
 * Above what could not be renewed: it is as it was then.
 * @param {{ at?: number, retry?: () => void }} props
 */
function AsOf({ at, retry }) {
  return html`<p class="as-of" role="status">
    ${h(Icon, { name: 'clock' })}
    ${at ? t('state.as_of', { time: timeText(at) }) : t('state.not_renewed')}
    ${retry &&
    html` <button class="link" type="button" onClick=${retry}>${t('state.retry')}</button>`}
  </p>`;
}

/**
 * What happened and what to do, for people.
 * @param {Problem | null} problem
 */
export function explain(problem) {
  if (!problem) return t('problem.unknown');
  if (problem.status === 0) return t('problem.no_answer');
  if (problem.status === 503) return problem.detail || t('problem.busy');
  if (problem.status === 413) return problem.detail || t('problem.too_large');
  if (problem.status >= 500) return t('problem.server');
  return problem.detail || problem.title || t('problem.unknown');
}
