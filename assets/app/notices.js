// What concerns the whole page, between header and screen: it is about to lock, it stands alone,
// or the server has a newer one.

import { Fragment, classes, h, html } from '../lib/ui.js';
import { timeText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { active, locksIn } from '../lib/idle.js';
import { link } from '../lib/link.js';
import { outdated } from '../lib/live.js';
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
