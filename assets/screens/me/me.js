// What a person sets for themselves and for this workstation, and where they are signed in.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { density, setDensity, setTheme, theme } from '../../lib/prefs.js';
import { roleName } from '../../lib/roles.js';
import { can, session } from '../../lib/session.js';
import {
  LOCK_CHOICES,
  LOCK_DEFAULTS,
  lockMinutes,
  lockMinutesMax,
  setLockMinutes,
  setShortcuts,
  setWorkplace,
  shortcuts,
  workplace,
} from '../../lib/workstation.js';
import { CheckField, RadioField, SelectField } from '../../ui/field.js';
import { LanguageChoice } from '../../ui/language-choice.js';
import { Security } from './security.js';
import { Told } from './told.js';
import { OwnPassword } from '../../ui/own-password.js';
import { SessionsCard } from '../../ui/sessions.js';

/** @typedef {import('../../lib/workstation.js').Workplace} Workplace */

export const meta = { title: 'me.title', area: 'me' };

export function Screen() {
  const user = session.value?.user;
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('me.title')}</h1>
      <p class="quiet">
        <bdi>${user?.display_name}</bdi> · <bdi>${user?.username}</bdi> ·${' '}
        ${user && roleName({ code: user.role, name: user.role_name })}
      </p>
    </div>
    <div class="me">
      <div class="stack">
        ${h(Look, {})} ${h(Workstation, {})} ${can('system.read') && h(Told, {})}
      </div>
      <div class="stack">
        ${h(Security, {})}
        ${user?.origin === 'local'
          ? h(OwnPassword, { onDone: null })
          : user && h(Elsewhere, { user })}
      </div>
      <div class="wide">${user && h(SessionsCard, { userId: user.id, own: true })}</div>
    </div>
  </div>`;
}

/** Where the password lies that cannot be changed here. */
function Elsewhere(/** @type {{ user: { origin: string } }} */ { user }) {
  return html`<section class="card" aria-labelledby="password-title">
    <div class="card-head"><h2 id="password-title">${t('sign_in.password')}</h2></div>
    <p class="card-body quiet">${t(`me.password_${user.origin}`)}</p>
  </section>`;
}

function Look() {
  return html`<section class="card" aria-labelledby="look-title">
    <div class="card-head"><h2 id="look-title">${t('me.look')}</h2></div>
    <div class="card-body stack">
      ${h(LanguageChoice, { class: 'field', labelClass: 'field-label' })}
      ${h(RadioField, {
        id: 'theme',
        label: t('menu.theme'),
        value: theme.value,
        onChange: (value) => setTheme(/** @type {import('../../lib/prefs.js').Theme} */ (value)),
        options: ['system', 'light', 'dark'].map((value) => ({
          value,
          label: t(`theme.${value}`),
        })),
      })}
      ${h(RadioField, {
        id: 'density',
        label: t('me.density'),
        value: density.value,
        onChange: (value) => setDensity(value === 'compact' ? 'compact' : 'comfortable'),
        options: ['comfortable', 'compact'].map((value) => ({
          value,
          label: t(`density.${value}`),
        })),
      })}
      <div>
        ${h(CheckField, {
          id: 'shortcuts',
          label: t('me.shortcuts'),
          checked: shortcuts.value,
          onChange: setShortcuts,
        })}
        <p class="hint">${t('me.shortcuts_hint')}</p>
      </div>
    </div>
  </section>`;
}

/** What may be chosen, and what holds now. */
function lockChoices() {
  const most = lockMinutesMax();
  const all = new Set([...LOCK_CHOICES.filter((count) => count <= most), lockMinutes()]);
  return [...all].sort((a, b) => a - b);
}

/** Kept in the browser of this PC, for everybody who works at it. */
function Workstation() {
  return html`<section class="card" aria-labelledby="station-title">
    <div class="card-head"><h2 id="station-title">${t('me.workstation')}</h2></div>
    <div class="card-body stack">
      <p class="quiet">${t('me.workstation_hint')}</p>
      ${h(RadioField, {
        id: 'workplace',
        label: t('me.workplace'),
        value: workplace(),
        onChange: (value) => setWorkplace(/** @type {Workplace} */ (value)),
        options: Object.entries(LOCK_DEFAULTS).map(([value, minutes]) => ({
          value,
          label: t(`workplace.${value}`),
          hint: t('me.locks_after', { count: minutes }),
        })),
      })}
      ${h(SelectField, {
        id: 'lock_minutes',
        label: t('me.lock'),
        hint: t('me.lock_hint'),
        value: String(lockMinutes()),
        onChange: (value) => setLockMinutes(Number(value)),
        options: lockChoices().map((count) => ({
          value: String(count),
          label: t('me.minutes', { count }),
        })),
      })}
    </div>
  </section>`;
}
