// The recovery point: until when everything that was written is at the target, live.

import { h, html, useEffect } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../types/ui.js').BackupPlan} BackupPlan */

const ASK_EVERY_MS = 2_000;
/** Seconds within which what is written is at the target when all goes well. */
const SOON_S = 10;

export function LogState() {
  const loaded = useResource('backup log', async (signal) => {
    return /** @type {BackupPlan} */ ((await api.get('/backup', {}, { signal })).data);
  });
  useEffect(() => {
    const timer = setInterval(() => document.hidden || loaded.reload(), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [loaded]);
  const { data } = loaded.value;
  if (!data?.log?.is_on) return html`<span class="quiet">${t('backups.log_off')}</span>`;
  const { lag_ms, trouble } = data.log;
  if (trouble) {
    return html`${h(Tag, { tone: 'crit', children: t('backups.log_trouble') })}
      <p lang="en">${trouble}</p>`;
  }
  if (lag_ms === null) return html`<span class="quiet">${t('backups.log_begins')}</span>`;
  const seconds = Math.round(lag_ms / 1000);
  return h(Tag, {
    tone: seconds <= SOON_S ? 'ok' : 'warn',
    children: t('backups.log_seconds', { count: seconds }),
  });
}
