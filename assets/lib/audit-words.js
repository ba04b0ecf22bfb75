// What rows of the audit mean, in words for people who know the hospital and not the program.

import { has, t } from './i18n.js';
import { permissionText } from './roles.js';

/** @typedef {import('../types/api.js').AuditEntry} AuditEntry */
/** @typedef {import('../types/api.js').AuditGroup} AuditGroup */
/** @typedef {AuditEntry['class']} AuditClass */

/** @type {AuditClass[]} */
export const CLASSES = ['reads', 'changes', 'access', 'administration'];

/**
 * `Opened: who the patient is`; an act that has no words yet shows itself. Some are told apart by
 * what came of them: a refusal by what was tried.
 * @param {string} act @param {string | null} [detail]
 */
export function actText(act, detail) {
  if (detail && has(`act.${act}.${detail}`)) return t(`act.${act}.${detail}`);
  if (act === 'access.refused' && detail && has(`permission.${detail.replaceAll('.', '_')}`)) {
    return t('act.access.refused_what', { what: permissionText(detail) });
  }
  if (has(`act.${act}`)) return t(`act.${act}`);
  const [area = '', ...rest] = act.split('.');
  const verb = rest.join('.');
  const [areaKey, verbKey] = [`act_area.${area.replaceAll('-', '_')}`, `act_verb.${verb}`];
  if (!has(areaKey) || !has(verbKey)) return act;
  return t('act.of', { verb: t(verbKey), area: t(areaKey) });
}

/**
 * Why somebody broke the glass: what they chose and what they typed.
 * @param {{ reason: string, text: string }} emergency
 */
export function emergencyText({ reason, text }) {
  return t('who.emergency', { reason: t(`emergency.reason_${reason}`), text });
}

/** Why it was done, in words. @param {AuditEntry} entry */
export function whyText({ reason, emergency }) {
  return emergency ? emergencyText(emergency) : (reason ?? '');
}

/** The role as the page calls it, else as the hospital does. @param {string | null} role */
export function roleText(role) {
  if (!role) return '';
  return has(`role.${role}`) ? t(`role.${role}`) : role;
}

/** `3 views, 1 change`. @param {AuditGroup} group */
export function countText(group) {
  /** @type {('views' | 'changes' | 'others' | 'refused')[]} */
  const kinds = ['views', 'changes', 'others', 'refused'];
  const told = kinds.filter((kind) => group[kind] > 0);
  return told.map((kind) => t(`who.${kind}`, { count: group[kind] })).join(`${t('list.comma')} `);
}
