// How the server does: at a glance in sentences, then charts; alerts, what is slow, and the log
// have pages of their own beside it.

import { classes, h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Shown } from '../../ui/state.js';
import { AlertsView } from './system-alerts.js';
import { Charts } from './system-charts.js';
import { Capacity, Glance } from './system-glance.js';
import { LogView } from './system-log.js';
import { SlowView } from './system-slow.js';
import { useEvery } from './system-every.js';

/** @typedef {import('../../types/ui.js').Watch} Watch */

export const meta = { title: 'watch.title', permission: 'system.read', area: 'system' };

const VIEWS = ['', 'alerts', 'slow', 'log'];
/** The server measures every ten seconds. */
const EVERY_MS = 10_000;
const TOPICS = ['alerts', 'alert-rules', 'alert-silences'];

/** @param {{ params: Record<string, string | undefined> }} props */
export function Screen({ params }) {
  const view = VIEWS.includes(params.view ?? '') ? (params.view ?? '') : '';
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('watch.title')}</h1></div>
    <nav class="tabs watch-tabs" aria-label=${t('watch.views')}>
      ${VIEWS.map(
        (one) =>
          html`<a
            key=${one}
            class=${classes('tab', one === view && 'on')}
            href=${one ? `/admin/system/${one}` : '/admin/system'}
            aria-current=${one === view ? 'page' : undefined}
            >${t(`watch.view_${one || 'glance'}`)}</a
          >`,
      )}
    </nav>
    ${view === '' && h(Overview, {})} ${view === 'alerts' && h(AlertsView, {})}
    ${view === 'slow' && h(SlowView, {})} ${view === 'log' && h(LogView, {})}
  </div>`;
}

function Overview() {
  const loaded = useResource(
    'watch',
    async (signal) => /** @type {Watch} */ ((await api.get('/system/watch', {}, { signal })).data),
    { topics: TOPICS },
  );
  useEvery(EVERY_MS, loaded.reload);
  const { data } = loaded.value;
  return html`<div class="stack">
    ${h(Shown, {
      of: loaded.value,
      what: t('watch.what'),
      retry: loaded.reload,
      children: () =>
        data &&
        html`<div class="watch-top">
          ${h(Glance, { watch: data })} ${h(Capacity, { fills: data.capacity })}
        </div>`,
    })}
    ${h(Charts, {})}
  </div>`;
}
