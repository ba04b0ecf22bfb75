// What the hospital may change while the server runs, its facilities, and what the program was
// started with and where each value comes from.

import { h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Departments } from './departments.js';
import { Facilities } from './facilities.js';
import { HospitalForm } from './hospital-form.js';
import { LimitsForm } from './limits-form.js';
import { SignInRules } from './sign-in-rules.js';
import { TlsCard } from './tls-card.js';

export const meta = { title: 'settings.title', permission: 'system.read', area: 'settings' };

/**
 * @typedef {{ key: string, value: string | number, auto: boolean, default: string | null,
 *   origin: { kind: string, name?: string, path?: string, line?: number }, allowed: string,
 *   flag: string, env: string, help: string }} Setting
 */
/** @typedef {{ settings: Setting[], file: string | null, warnings: string[] }} Configuration */

export function Screen() {
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('settings.title')}</h1>
      <div class="end"><a class="button" href="/admin/doctor">${t('doctor.open')}</a></div>
    </div>
    ${h(HospitalForm, {})} ${h(Facilities, {})} ${h(Departments, {})}
    ${can('security.write') && h(SignInRules, {})} ${can('settings.write') && h(WaysCard, {})}
    ${can('security.write') && h(LimitsForm, {})} ${h(TlsCard, {})}
    ${h(ConfigurationCard, {})}
  </div>`;
}

/** Where it is set in which ways people sign in. */
function WaysCard() {
  return html`<section class="card" aria-labelledby="ways-title">
    <div class="card-head"><h2 id="ways-title">${t('ways.title')}</h2></div>
    <div class="card-body">
      <p><a href="/admin/sign-in">${t('ways.open')}</a></p>
    </div>
  </section>`;
}

function ConfigurationCard() {
  const loaded = useResource('configuration', async (signal) => {
    return /** @type {Configuration} */ (
      (await api.get('/system/settings', {}, { signal })).data
    );
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="configuration-title">
    <div class="card-head"><h2 id="configuration-title">${t('settings.configuration')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('settings.configuration_what'),
      retry: loaded.reload,
      children: () => data && h(Table, { of: data }),
    })}
  </section>`;
}

/** @param {{ of: Configuration }} props */
function Table({ of }) {
  return html`<div>
    <div class="card-body stack">
      <p class="quiet">${t('settings.configuration_hint')}</p>
      ${of.warnings.map(
        (warning) => html`<div key=${warning} class="alert warn"><div>${warning}</div></div>`,
      )}
    </div>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('settings.list')}>
      <table class="table settings">
        <thead>
          <tr>
            ${['name', 'value', 'origin', 'default', 'change'].map(
              (one) => html`<th key=${one} scope="col">${t(`settings.col_${one}`)}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${of.settings.map((one) => h(Row, { key: one.key, one }))}
        </tbody>
      </table>
    </div>
  </div>`;
}

/** @param {{ one: Setting }} props */
function Row({ one }) {
  const { kind } = one.origin;
  return html`<tr>
    <th scope="row">
      <bdi dir="ltr">${one.key}</bdi> <span class="setting-help" lang="en">${one.help}</span>
      ${one.key === 'time_zone' &&
      html`<span class="setting-help"><b>${t('settings.zone_at_setup')}</b></span>`}
    </th>
    <td class="value"><bdi dir="ltr">${String(one.value)}</bdi></td>
    <td>
      ${kind === 'default'
        ? html`<span class="quiet"
            >${t(one.auto ? 'settings.auto' : 'settings.from_default')}</span
          >`
        : h(Tag, { tone: 'info', children: t(`settings.from_${kind}`) })}
      ${kind === 'file' &&
      html`<span class="setting-help"
        ><bdi dir="ltr">${one.origin.path}:${one.origin.line}</bdi></span
      >`}
      ${one.origin.name &&
      html`<span class="setting-help"><bdi dir="ltr">${one.origin.name}</bdi></span>`}
    </td>
    <td class="quiet">
      ${one.default === null
        ? t('settings.by_platform')
        : html`<bdi dir="ltr">${one.default}</bdi>`}
    </td>
    <td class="small">
      <bdi dir="ltr" class="nowrap">${one.flag}</bdi>
      <span class="setting-help" lang="en">${one.allowed}</span>
    </td>
  </tr>`;
}
