// What a change of a role does to those who hold it, told before it is made.

import { t } from '../../lib/i18n.js';
import { difference, permissionText } from '../../lib/roles.js';
import { session } from '../../lib/session.js';
import { ask } from '../../ui/dialog.js';
import { holdersOf } from './role-matrix.js';

/** @typedef {import('../../types/ui.js').Role} Role */
/** @typedef {import('../../types/ui.js').User} User */

/** So many names are told of those who hold a role. */
export const NAMED_MAX = 12;

/**
 * Says whom a change concerns and what it gives and takes, and asks.
 * @param {Role} role @param {{ reach: string, permissions: string[] }} draft
 * @param {User[]} users
 */
export async function confirmed(role, draft, users) {
  const holders = holdersOf(users, role);
  const { gains, loses } = difference(role.permissions, draft.permissions);
  const reach = draft.reach !== role.reach;
  if (holders.length === 0 || (gains.length === 0 && loses.length === 0 && !reach)) return true;
  const names = holders.slice(0, NAMED_MAX).map((user) => user.display_name);
  if (holders.length > NAMED_MAX) {
    names.push(t('roles.holders_more', { count: holders.length - NAMED_MAX }));
  }
  const list = (/** @type {string[]} */ codes) => codes.map(permissionText).join('; ');
  const mine = holders.some((user) => user.id === session.value?.user.id);
  const told = [
    t('roles.affects', { names: names.join(', ') }),
    gains.length > 0 && t('roles.gains', { list: list(gains) }),
    loses.length > 0 && t('roles.loses', { list: list(loses) }),
    reach && t('roles.new_reach', { reach: t(`reach.${draft.reach}`) }),
    mine && loses.length > 0 && t('roles.lost_for_you'),
  ];
  return ask({
    title: t('roles.affects_title', { count: holders.length }),
    text: told.filter(Boolean).join('\n'),
    yes: t('roles.change_do'),
    no: t('roles.change_no'),
    danger: loses.length > 0,
  });
}
