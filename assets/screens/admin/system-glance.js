// One sentence for each system, for somebody who is no engineer, and what fills up first.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { Instant } from '../../ui/instant.js';
import { Empty } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { figureText, seriesText, soonText, unitOf } from './system-words.js';

/** @typedef {import('../../types/ui.js').Watch} Watch */
/** @typedef {import('../../types/ui.js').SystemLook} SystemLook */
/** @typedef {import('../../types/ui.js').Fill} Fill */

/** @type {Record<SystemLook['state'], 'ok' | 'warn' | 'crit' | 'neutral'>} */
export const TONES = { ok: 'ok', warning: 'warn', critical: 'crit', unknown: 'neutral' };

/** Where one looks further. @type {Record<string, string>} */
const FURTHER = {
  answers: '/admin/system/slow',
  jobs: '/admin/jobs',
  backups: '/admin/backups',
};

/** What a look says. @param {SystemLook} look */
function sentence(look) {
  const value = figureText(look.value, unitOf(look.because));
  if (look.state === 'unknown') return t(`watch.unknown_${look.system}`);
  if (look.state === 'ok') {
    if (look.value === null) return t(`watch.quiet_${look.system}`);
    return t(`watch.ok_${look.system}`, { value });
  }
  if (!look.is_now) return t('watch.calming', { name: seriesText(look.because), value });
  return t(`watch.bad_${look.because}`, { value });
}

/** @param {{ watch: Watch }} props */
export function Glance({ watch }) {
  return html`<section class="card" aria-labelledby="glance-title">
    <div class="card-head">
      <h2 id="glance-title">${t('watch.glance')}</h2>
      <span class="end small quiet">
        ${watch.measured_at &&
        html`${t('watch.measured')} ${h(Instant, { at: watch.measured_at })}`}
      </span>
    </div>
    <div class="card-body stack">
      ${watch.measured_at === null && html`<p role="status">${t('watch.not_yet')}</p>`}
      ${watch.silent && html`<p class="alert warn">${t('watch.silent_now')}</p>`}
      <ul class="looks">
        ${watch.systems.map((look) => h(Look, { key: look.system, look }))}
      </ul>
      <p>
        <a href="/admin/system/alerts"
          >${watch.open_alerts === 0
            ? t('watch.no_open_alert')
            : t('watch.open_alerts', { count: watch.open_alerts })}</a
        >
      </p>
    </div>
  </section>`;
}

/** @param {{ look: SystemLook }} props */
function Look({ look }) {
  const further = FURTHER[look.system];
  const name = t(`watch.system_${look.system}`);
  return html`<li>
    ${h(Tag, { tone: TONES[look.state], children: t(`watch.state_${look.state}`) })}
    <div>
      <strong>${further ? html`<a href=${further}>${name}</a>` : name}</strong>
      <p>${sentence(look)}</p>
    </div>
  </li>`;
}

/** @param {{ fills: Fill[] }} props */
export function Capacity({ fills }) {
  return html`<section class="card" aria-labelledby="capacity-title">
    <div class="card-head"><h2 id="capacity-title">${t('watch.capacity')}</h2></div>
    ${fills.length === 0
      ? h(Empty, { title: t('watch.not_yet'), icon: 'clock' })
      : html`<div class="card-body stack">
          <ul class="fills">
            ${fills.map((fill) => h(Full, { key: fill.what, fill }))}
          </ul>
          <p class="small quiet">${t('watch.capacity_hint')}</p>
        </div>`}
  </section>`;
}

/** @param {{ fill: Fill }} props */
function Full({ fill }) {
  const share = Math.min(100, Math.round((fill.used / fill.limit) * 100));
  const name = t(`watch.fill_${fill.what}`);
  const unit = fill.what === 'memory' ? 'percent' : 'bytes';
  const words =
    fill.outlook === 'full' && fill.days !== null
      ? t(`watch.full_${fill.what}`, { when: soonText(fill.days) })
      : t(`watch.outlook_${fill.outlook}`);
  return html`<li>
    <div class="fill-head">
      <strong>${name}</strong>
      <span class="nums quiet small"
        >${t('watch.used_of', {
          used: figureText(fill.used, unit),
          limit: figureText(fill.limit, unit),
        })}</span
      >
    </div>
    <meter min="0" max="100" high="85" optimum="0" value=${share} aria-label=${name}>
      ${share} %
    </meter>
    <p class="small">${words}</p>
  </li>`;
}
