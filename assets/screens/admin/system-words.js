// Figures of the server in words: each unit as people write it.

import { direction, number, t } from '../../lib/i18n.js';
import { sizeText } from '../../ui/import-status.js';

/** @type {Record<string, string>} the unit of each series, as the server has it */
const UNITS = {
  requests_per_second: 'per_second',
  errors_percent: 'percent',
  errors_per_minute: 'count',
  duration_p50_ms: 'ms',
  duration_p95_ms: 'ms',
  duration_p99_ms: 'ms',
  duration_mean_ms: 'ms',
  connections_percent: 'percent',
  commits_per_second: 'per_second',
  commit_longest_ms: 'ms',
  statement_mean_ms: 'ms',
  wal_bytes: 'bytes',
  wal_waiting_bytes: 'bytes',
  snapshot_oldest_seconds: 'seconds',
  database_bytes: 'bytes',
  database_up: 'yes',
  cache_hit_percent: 'percent',
  jobs_oldest_seconds: 'seconds',
  backup_lag_seconds: 'seconds',
  backup_behind_bytes: 'bytes',
  backup_age_hours: 'hours',
  backup_good: 'yes',
  process_cpu_percent: 'percent',
  process_memory_bytes: 'bytes',
  machine_cpu_percent: 'percent',
  machine_memory_percent: 'percent',
  disk_busy_percent: 'percent',
  disk_free_percent: 'percent',
  disk_free_bytes: 'bytes',
  network_received_bytes_per_second: 'bytes_per_second',
  network_sent_bytes_per_second: 'bytes_per_second',
};

/** @param {string} series */
export function unitOf(series) {
  return UNITS[series] ?? 'count';
}

/** @param {string} series */
export function seriesText(series) {
  return t(`watch.s_${series}`);
}

/** A series of a newer server has no words here. @param {string} series */
export function ruleText(series) {
  const text = seriesText(series);
  return text === `watch.s_${series}` ? series : text;
}

/** A size stays in one piece where lines run from the right. @param {number} bytes */
function size(bytes) {
  const text = sizeText(bytes);
  return direction() === 'rtl' ? `\u2066${text}\u2069` : text;
}

/** @param {number} seconds two minutes or more */
function longText(seconds) {
  return seconds < 7_200
    ? t('watch.u_minutes', { value: short(seconds / 60) })
    : t('watch.u_hours', { value: short(seconds / 3_600) });
}

/** Three digits say what there is to say. @param {number} value */
function short(value) {
  const size = Math.abs(value);
  const places = size < 1 ? 2 : size < 10 ? 1 : 0;
  return number(Number(value.toFixed(places)));
}

/** `34 ms`, `1.2 GB`. @param {number | null | undefined} value @param {string} unit */
export function figureText(value, unit) {
  if (value === null || value === undefined) return t('watch.no_figure');
  if (unit === 'yes') return t(value < 1 ? 'watch.no' : 'watch.yes');
  if (unit === 'bytes') return size(value);
  if (unit === 'bytes_per_second') return t('watch.u_per_second', { value: size(value) });
  if (unit === 'ms' && 10_000 <= value) return t('watch.u_seconds', { value: short(value / 1000) });
  if (unit === 'seconds' && 120 <= value) return longText(value);
  if (unit === 'count') return short(value);
  return t(`watch.u_${unit}`, { value: short(value) });
}

/**
 * A figure at an axis, where the title has said what it is.
 * @param {number} value @param {string} unit
 */
export function axisText(value, unit) {
  if (unit === 'per_second') return short(value);
  return figureText(value, unit === 'bytes_per_second' ? 'bytes' : unit);
}

/** When something is full, in words. @param {number} days */
export function soonText(days) {
  if (days < 2) return t('watch.in_hours', { count: Math.max(1, Math.round(days * 24)) });
  if (days < 90) return t('watch.in_days', { count: Math.round(days) });
  return t('watch.in_months', { count: Math.round(days / 30.4) });
}
