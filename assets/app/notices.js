// What concerns the whole page, between header and screen: it is about to lock, it stands alone,
// the server has a newer one, its disk fills up, or a clock is wrong.

import { Fragment, classes, h, html, useEffect } from '../lib/ui.js';
import { timeText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { active, locksIn } from '../lib/idle.js';
import { link } from '../lib/link.js';
import { outdated } from '../lib/live.js';
import { machine, watchMachine } from '../lib/machine.js';
import { can } from '../lib/session.js';
import { wrongBy } from '../lib/time.js';
import { Icon } from '../ui/icon.js';

/** @typedef {import('../ui/icon.js').IconName} IconName */

export function Notices() {
  const { state, since } = link.value;
  const seconds = locksIn.value;
  return html`<${Fragment}>
    ${seconds !== null &&
    h(Notice, {
      icon: 'lock',
      tone: 'warn',
      text: t('idle.warning', { count: seconds }),
      spoken: t('idle.warning', { count: 30 }),
      act: t('idle.stay'),
      run: () => active(),
    })}
    ${state === 'lost' &&
    h(Notice, {
      icon: 'warn',
      tone: 'crit',
      text: t('live.stale', { time: timeText(since) }),
    })}
    ${outdated.value &&
    h(Notice, {
      icon: 'info',
      tone: 'info',
      text: t('shell.new_version'),
      act: t('shell.reload'),
      run: () => location.reload(),
    })}
    ${h(OfMachine, {})}
  <//>`;
}

/** What is the matter with the disk and the clocks, for those whose work it changes. */
function OfMachine() {
  useEffect(watchMachine, []);
  const { disk, clock } = machine.value;
  const minutes = wrongBy.value;
  const looksAfter = can('system.read');
  const charts = looksAfter || can('patients.read');
  const isGrave = disk === 'uploads_stopped' || disk === 'charting_only';
  const tone = isGrave ? 'crit' : 'warn';
  return html`<${Fragment}>
    ${disk !== 'ok' &&
    (isGrave || looksAfter || can('imports.run')) &&
    h(Notice, { icon: 'warn', tone, text: t(`room.${disk}`) })}
    ${clock === 'behind' &&
    charts &&
    h(Notice, { icon: 'clock', tone: 'crit', text: t('clock.behind') })}
    ${minutes !== 0 &&
    charts &&
    h(Notice, {
      icon: 'clock',
      tone: 'warn',
      text: t(minutes > 0 ? 'clock.fast' : 'clock.slow', { count: Math.abs(minutes) }),
    })}
  <//>`;
}

/**
 * @param {{ icon: IconName, tone: string, text: string, spoken?: string, act?: string,
 *   run?: () => void }} props `spoken` is read out once, where the text changes all the time
 */
function Notice({ icon, tone, text, spoken, act, run }) {
  return html`<div class=${classes('notice-bar', tone)}>
    ${h(Icon, { name: icon })}
    <span role=${spoken ? undefined : 'status'} aria-hidden=${spoken ? 'true' : undefined}
      >${text}</span
    >
    ${spoken && html`<span class="spoken" role="alert">${spoken}</span>`}
    ${act && html`<button class="button" type="button" onClick=${run}>${act}</button>`}
  </div>`;
}
