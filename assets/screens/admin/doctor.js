// The checklist that somebody would walk who is called because it does not work: what is wrong
// first, with what to do about it, then what is as it should be.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Instant } from '../../ui/instant.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { Bundle } from './bundle.js';

/**
 * @typedef {{ name: string, state: 'ok' | 'warn' | 'fail', detail: string, mend: string | null }}
 *   Finding
 * @typedef {{ ok: boolean, checked_at: string, checks: Finding[] }} Told
 */

export const meta = { title: 'doctor.title', permission: 'system.read', area: 'settings' };

/** @type {Record<Finding['state'], 'ok' | 'warn' | 'crit'>} */
const TONES = { ok: 'ok', warn: 'warn', fail: 'crit' };
/** @type {Finding['state'][]} */
const GRAVEST_FIRST = ['fail', 'warn', 'ok'];

/** A check of a newer server has no words here. @param {string} name */
function nameText(name) {
  const key = `doctor.name_${name.replaceAll(/[ -]/g, '_')}`;
  const text = t(key);
  return text === key ? name : text;
}

export function Screen() {
  const [turn, setTurn] = useState(0);
  const told = useResource(`doctor ${turn}`, async (signal) => {
    return /** @type {Told} */ ((await api.get('/system/doctor', {}, { signal })).data);
  });
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('doctor.title')}</h1>
      <div class="end">
        <button class="button" type="button" onClick=${() => setTurn(turn + 1)}>
          ${t('doctor.again')}
        </button>
      </div>
    </div>
    <p class="quiet">${t('doctor.hint')}</p>
    <section class="card">
      <div class="card-head"><h2>${t('doctor.found')}</h2></div>
      ${h(Shown, {
        of: told.value,
        what: t('doctor.what'),
        retry: told.reload,
        children: () => told.value.data && h(Found, { told: told.value.data }),
      })}
    </section>
    ${h(Bundle, {})}
  </div>`;
}

/** @param {{ told: Told }} props */
function Found({ told }) {
  const count = (/** @type {Finding['state']} */ state) =>
    told.checks.filter((check) => check.state === state).length;
  const [fails, warns] = [count('fail'), count('warn')];
  const word = fails > 0 ? 'fail' : warns > 0 ? 'warn' : 'ok';
  const sorted = GRAVEST_FIRST.flatMap((state) =>
    told.checks.filter((check) => check.state === state),
  );
  return html`<div class="card-body stack">
    <p role="status">
      ${h(Tag, {
        tone: TONES[word],
        children: t(`doctor.all_${word}`, { count: fails > 0 ? fails : warns }),
      })}${' '}
      <span class="small quiet">${h(Instant, { at: told.checked_at })}</span>
    </p>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('doctor.found')}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${t('doctor.col_state')}</th>
            <th scope="col">${t('doctor.col_name')}</th>
            <th scope="col">${t('doctor.col_detail')}</th>
          </tr>
        </thead>
        <tbody>
          ${sorted.map((check) => h(Row, { key: check.name, check }))}
        </tbody>
      </table>
    </div>
  </div>`;
}

/** @param {{ check: Finding }} props */
function Row({ check }) {
  return html`<tr>
    <td>${h(Tag, { tone: TONES[check.state], children: t(`doctor.${check.state}`) })}</td>
    <th scope="row">${nameText(check.name)}</th>
    <td lang="en" dir="ltr">
      <span>${check.detail}</span>
      ${check.mend && html`<p><strong>${check.mend}</strong></p>`}
    </td>
  </tr>`;
}
