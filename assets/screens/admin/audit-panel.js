// One row of the audit in full, with the ways on from it.

import { h, html, useLayoutEffect, useRef } from '../../lib/ui.js';
import { actText, roleText, whyText } from '../../lib/audit-words.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { PatientName } from '../../clinical/primitives.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';

/** @typedef {import('../../lib/audit-words.js').AuditEntry} AuditEntry */
/** @typedef {import('./audit-filters.js').Chosen} Chosen */

/** Whose record it was, as far as the reader may know. @param {{ entry: AuditEntry }} props */
export function PatientOf({ entry }) {
  const { patient } = entry;
  if (patient) {
    return html`${h(PatientName, { family: patient.family, given: patient.given })}${' '}
      <bdi dir="ltr" class="small quiet nowrap">${patient.mrn}</bdi>`;
  }
  if (!entry.patient_id) return null;
  return html`<bdi dir="ltr" class="small">${entry.patient_id}</bdi>`;
}

/**
 * @param {{ entry: AuditEntry, narrow: (change: Partial<Chosen>) => void,
 *   onClose: () => void }} props
 */
export function EntryPanel({ entry, narrow, onClose }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useKeys([{ keys: 'Escape', label: t('panel.close'), run: onClose }]);
  useLayoutEffect(() => {
    box.current?.querySelector('h2')?.focus({ preventScroll: true });
  }, []);
  const { patient_id: patient, actor_id: actor } = entry;
  return html`<aside class="card panel" ref=${box} aria-labelledby="entry-title">
    <div class="card-head">
      <h2 id="entry-title" tabindex="-1">${t('audit.row', { row: entry.id })}</h2>
      <button
        class="panel-close end"
        type="button"
        aria-label=${t('panel.close')}
        onClick=${onClose}
      >
        ${h(Icon, { name: 'close' })}
      </button>
    </div>
    <div class="card-body stack">
      ${h(Facts, { entry })}
      <div class="buttons">
        ${patient &&
        html`<a class="button" href=${`/admin/audit/patient/${patient}`}>
          ${h(Icon, { name: 'eye' })} ${t('who.title')}
        </a>`}
        ${actor &&
        html`<button class="button" type="button" onClick=${() => narrow({ actor })}>
          ${t('audit.only_person')}
        </button>`}
        ${entry.address &&
        html`<button
          class="button"
          type="button"
          onClick=${() => narrow({ address: entry.address ?? '' })}
        >
          ${t('audit.only_address')}
        </button>`}
        <button class="button" type="button" onClick=${() => narrow({ act: entry.act })}>
          ${t('audit.only_act')}
        </button>
      </div>
    </div>
  </aside>`;
}

/** @param {{ entry: AuditEntry }} props */
function Facts({ entry }) {
  const technical = (/** @type {string | null} */ text) =>
    text && html`<bdi dir="ltr" class="code">${text}</bdi>`;
  /** @type {[string, import('../../lib/ui.js').Children][]} */
  const facts = [
    ['at', h(Instant, { at: entry.at })],
    ['last_at', entry.last_at && h(Instant, { at: entry.last_at })],
    ['count', entry.count > 1 && String(entry.count)],
    ['person', html`<bdi>${entry.actor_name}</bdi>`],
    ['role', entry.role && roleText(entry.role)],
    ['address', technical(entry.address)],
    ['act', html`${actText(entry.act, entry.detail)} ${technical(entry.act)}`],
    ['outcome', t(`audit.${entry.outcome}`)],
    ['patient', entry.patient_id && h(PatientOf, { entry })],
    ['reason', whyText(entry) && html`<bdi dir="auto">${whyText(entry)}</bdi>`],
    ['subject_name', entry.subject_name && html`<bdi dir="auto">${entry.subject_name}</bdi>`],
    ['subject', technical(entry.subject_id)],
    ['detail', technical(entry.detail)],
    ['request', technical(entry.request_id)],
  ];
  const told = facts.filter(([, value]) => value);
  return html`<dl class="audit-facts">
    ${told.map(
      ([name, value]) => html`<div key=${name}>
        <dt>${t(`audit.${name}`)}</dt>
        <dd>${value}</dd>
      </div>`,
    )}
  </dl>`;
}
