// Alerts: what is wrong now and who knows of it, from where on something is wrong, times in which
// nobody is told, and what was.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { useAct } from '../../ui/act.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Rules } from './system-rules.js';
import { Silences } from './system-silences.js';
import { figureText, ruleText, unitOf } from './system-words.js';

/** @typedef {import('../../types/ui.js').Alert} Alert */
/** @typedef {import('../../types/ui.js').AlertRule} AlertRule */
/** @typedef {import('../../types/ui.js').Silence} Silence */
/** @typedef {import('../../ui/act.js').Run} Run */

const TOPICS = ['alerts', 'alert-rules', 'alert-silences'];
const LIMIT = 100;

export function AlertsView() {
  const loaded = useResource(
    'alerts',
    async (signal) => {
      const [alerts, rules, silences] = await Promise.all([
        api.get('/alerts', { limit: LIMIT }, { signal }),
        api.get('/alert-rules', { limit: LIMIT }, { signal }),
        api.get('/alert-silences', { limit: LIMIT }, { signal }),
      ]);
      return {
        alerts: /** @type {Alert[]} */ (alerts.data),
        rules: /** @type {AlertRule[]} */ (rules.data),
        silences: /** @type {Silence[]} */ (silences.data),
      };
    },
    { topics: TOPICS },
  );
  const { problem, run } = useAct(loaded.reload);
  const { data } = loaded.value;
  return html`<div class="stack">
    <p class="quiet">${t('watch.alerts_hint')}</p>
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${h(Shown, {
      of: loaded.value,
      what: t('watch.view_alerts'),
      retry: loaded.reload,
      children: () => data && h(All, { ...data, run, reload: loaded.reload }),
    })}
  </div>`;
}

/**
 * @param {{ alerts: Alert[], rules: AlertRule[], silences: Silence[], run: Run,
 *   reload: () => void }} props
 */
function All({ alerts, rules, silences, run, reload }) {
  const open = alerts.filter((alert) => !alert.recovered_at);
  const over = alerts.filter((alert) => alert.recovered_at);
  return html`<div class="stack">
    <section class="card">
      <div class="card-head"><h2>${t('watch.open')}</h2></div>
      ${open.length === 0
        ? h(Empty, { title: t('watch.none_open'), icon: 'check' })
        : h(Table, { title: t('watch.open'), rows: open, run })}
    </section>
    ${h(Silences, { silences, rules, run, reload })} ${h(Rules, { rules, run, reload })}
    <section class="card">
      <div class="card-head"><h2>${t('watch.history')}</h2></div>
      ${over.length === 0
        ? h(Empty, { title: t('watch.no_history'), icon: 'clock' })
        : h(Table, { title: t('watch.history'), rows: over, run })}
    </section>
  </div>`;
}

/** @param {{ title: string, rows: Alert[], run: Run }} props */
function Table({ title, rows, run }) {
  const heads = ['level', 'what', 'value', 'since', 'until'];
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${title}>
    <table class="table">
      <thead>
        <tr>
          ${heads.map((name) => html`<th key=${name} scope="col">${t(`watch.col_${name}`)}</th>`)}
          <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((alert) => h(Row, { key: alert.id, alert, run }))}
      </tbody>
    </table>
  </div>`;
}

/** @param {{ alert: Alert, run: Run }} props */
function Row({ alert, run }) {
  const name = ruleText(alert.series);
  const unit = unitOf(alert.series);
  const known = () =>
    run(() => api.post(`/alerts/${alert.id}/acknowledge`, {}), t('watch.known_done'));
  const figure = (/** @type {string | null} */ text) => figureText(Number(text), unit);
  return html`<tr>
    <td>${h(Level, { alert })}</td>
    <th scope="row">${name}</th>
    <td class="nums">
      ${alert.value !== null &&
      alert.threshold !== null &&
      t('watch.beyond', { value: figure(alert.value), threshold: figure(alert.threshold) })}
    </td>
    <td>
      ${h(Instant, { at: alert.raised_at })}
      ${!alert.told_at && html`<p class="small quiet">${t('watch.not_told')}</p>`}
    </td>
    <td>
      ${alert.recovered_at && !alert.is_test && h(Instant, { at: alert.recovered_at })}
      ${alert.acknowledged_at &&
      html`<p class="small quiet">
        ${t('watch.known', { name: alert.acknowledged_name ?? '' })}${' '}
        ${h(Instant, { at: alert.acknowledged_at })}
      </p>`}
    </td>
    <td class="end">
      ${can('system.write') &&
      !alert.acknowledged_at &&
      !alert.recovered_at &&
      html`<button
        class="link"
        type="button"
        aria-label=${t('watch.know_of', { name })}
        onClick=${known}
      >
        ${t('watch.know')}
      </button>`}
    </td>
  </tr>`;
}

/** @param {{ alert: Alert }} props */
function Level({ alert }) {
  if (alert.is_test) return h(Tag, { tone: 'note', children: t('watch.test') });
  const tone = alert.level === 'critical' ? 'crit' : 'warn';
  return h(Tag, { tone, children: t(`watch.col_${alert.level}`) });
}
