// What somebody has to know, in words: the same as in the messages that leave the house.

import { t } from './i18n.js';
import { kindText } from './job-kind.js';

/** @typedef {import('../types/ui.js').Notification} Notification */

/** @param {Notification} one @param {'title' | 'text'} part */
export function saying(one, part) {
  const slots = { ...one.facts };
  if (typeof slots.kind === 'string') slots.kind = kindText(slots.kind);
  if (typeof slots.series === 'string') slots.series = t(`watch.s_${slots.series}`);
  return t(`notify.${one.words}_${part}`, slots);
}

/** @param {Notification} one @returns {{ tone: 'ok' | 'warn' | 'crit', word: string }} */
export function standing(one) {
  if (one.words === 'test') return { tone: 'ok', word: t('notify.is_test') };
  if (one.state === 'over') return { tone: 'ok', word: t('notify.is_over') };
  const tone = one.severity === 'critical' ? 'crit' : 'warn';
  return { tone, word: t(`notify.is_${one.severity}`) };
}
