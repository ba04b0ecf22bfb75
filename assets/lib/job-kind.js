// What kinds of job are called.

import { t } from './i18n.js';

/** A kind that another program has left has no words here. @param {string} kind */
export function kindText(kind) {
  const text = t(`jobs.kind_${kind}`);
  return text === `jobs.kind_${kind}` ? kind : text;
}
