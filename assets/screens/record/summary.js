// The summary: what one must know at a glance, then the story.

import { h, html, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { latestRows } from '../../clinical/latest.js';
import { ObservationName, namesOf } from '../../clinical/observation-name.js';
import { DateText, MedLine } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Status, groupOf, isError } from '../../clinical/status.js';
import { Timeline } from '../../clinical/timeline.js';
import { openAdd, openVitals } from './forms/open.js';
import { IMMUNIZATION } from './forms/event-specs.js';
import { CONDITION, MEDICATION } from './forms/specs.js';
import { isCurrent, newestMedicines } from './medicines.js';
import { sortedProblems } from './problems.js';
import { AddButton } from './row-actions.js';
import { newestFirst } from './shared.js';
import { SeriesValue } from './series-value.js';
import { tabPath } from './tabs.js';

/** @typedef {import('../../types/record.js').Condition} Condition */

/** Rows that a card shows at first; it says how many more there are. */
const SHOWN = { problems: 5, medicines: 6, immunizations: 2 };

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  return html`<div class="summary">
    <div class="summary-cards">
      <div class="stack">
        ${h(Problems, { patientId })} ${h(Immunizations, { patientId })}
      </div>
      ${h(Latest, { patientId })} ${h(Medicines, { patientId })}
    </div>
    ${h(Timeline, { patientId })}
  </div>`;
}

/** @param {{ patientId: string }} props */
function Problems({ patientId }) {
  const loaded = useRecord(patientId, 'conditions');
  const [past, setPast] = useState(false);
  const [all, setAll] = useState(false);
  const rows = sortedProblems(loaded.data?.items ?? []).filter((row) => !isError(row));
  const active = rows.filter((row) => groupOf(row.status) !== 'past');
  const old = rows.filter((row) => groupOf(row.status) === 'past');
  const what = t('problems.title');
  return h(Card, {
    title: what,
    count: loaded.data ? active.length : null,
    actions: h(AddButton, {
      kind: 'conditions',
      label: t('row.add'),
      onClick: () => openAdd(CONDITION, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => html`${
        active.length === 0 &&
        h(None, { text: old.length > 0 ? t('problems.none_active') : t('problems.none') })
      }
        <ul class="lines">
          ${(all ? active : active.slice(0, SHOWN.problems)).map((row) =>
            h(ProblemLine, { key: row.id, row }),
          )}
        </ul>
        ${
          !all &&
          active.length > SHOWN.problems &&
          html`<button class="link fold-link strong" type="button" onClick=${() => setAll(true)}>
          ${t('problems.show_more', { count: active.length - SHOWN.problems })}
        </button>`
        }
        ${
          old.length > 0 &&
          html`<button
          class="link fold-link"
          type="button"
          aria-expanded=${past}
          onClick=${() => setPast(!past)}
        >
          ${t(past ? 'problems.hide_past' : 'problems.show_past', { count: old.length })}
        </button>`
        }
        ${
          past &&
          html`<ul class="lines past">
          ${old.map((row) => h(ProblemLine, { key: row.id, row }))}
        </ul>`
        }`,
    }),
  });
}

/** @param {{ row: Condition }} props */
function ProblemLine({ row }) {
  const plain = row.status === 'active';
  const doubt = row.verification !== 'confirmed' && row.verification !== 'unknown';
  const ended = row.abated_at || row.abated_recorded;
  return html`<li>
    <span class="line-main"><bdi dir="auto">${row.code_text}</bdi>${
      doubt && html` <span class="doubt">${t(`verification.${row.verification}`)}</span>`
    }</span>
    <span class="line-side">
      ${!plain && h(Status, { status: row.status })}${' '}
      ${
        row.onset_at || row.onset_recorded
          ? html`${t('condition.since_short')} ${h(DateText, {
              recorded: row.onset_recorded,
              at: row.onset_at,
              dateOnly: true,
            })}`
          : null
      }
      ${
        ended &&
        html` ${t('condition.until_short')} ${h(DateText, {
          recorded: row.abated_recorded,
          at: row.abated_at,
          dateOnly: true,
        })}`
      }
    </span>
  </li>`;
}

/** @param {{ patientId: string }} props */
function Latest({ patientId }) {
  const loaded = useRecord(patientId, 'series');
  const { rows, left } = latestRows(loaded.data ?? []);
  const name = namesOf(rows.flatMap((row) => row.series.map((one) => one.title)));
  const what = t('latest.title');
  return h(Card, {
    title: what,
    actions: h(AddButton, {
      kind: 'observations',
      label: t('row.add'),
      onClick: () => openVitals(patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      lines: 6,
      children: () => {
        if (rows.length === 0) return h(None, { text: t('latest.none') });
        return html`<ul class="lines">
            ${rows.map(
              (row) => html`<li key=${row.key}>
                <span class="line-main"
                  >${
                    row.title
                      ? t(row.title)
                      : h(ObservationName, { recorded: row.series[0]?.title, name })
                  }</span
                >
                <span class="line-side">${h(SeriesValue, { series: row.series })}</span>
              </li>`,
            )}
          </ul>
          <p class="card-foot">
            <a href=${tabPath(patientId, 'obs')}>
              ${left > 0 ? t('latest.more', { count: left }) : t('latest.charts')}</a
            >
          </p>`;
      },
    }),
  });
}

/** @param {{ patientId: string }} props */
function Medicines({ patientId }) {
  const loaded = useRecord(patientId, 'medication-requests');
  const [all, setAll] = useState(false);
  const rows = newestMedicines(loaded.data?.items ?? []).filter(isCurrent);
  const what = t('medicines.current');
  return h(Card, {
    title: what,
    count: loaded.data ? rows.length : null,
    actions: h(AddButton, {
      kind: 'medication-requests',
      label: t('row.add'),
      onClick: () => openAdd(MEDICATION, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        if (rows.length === 0) return h(None, { text: t('medicines.none_current') });
        return html`<ul class="lines">
          ${(all ? rows : rows.slice(0, SHOWN.medicines)).map(
            (row) => html`<li key=${row.id}>
              <span class="line-main">${h(MedLine, { med: row })}</span>
              <span class="line-side">
                ${row.status !== 'active' && h(Status, { status: row.status })}${' '}
                ${h(DateText, {
                  recorded: row.authored_recorded,
                  at: row.authored_at,
                  dateOnly: true,
                })}
              </span>
            </li>`,
          )}
        </ul>
        ${
          !all &&
          rows.length > SHOWN.medicines &&
          html`<button class="link fold-link strong" type="button" onClick=${() => setAll(true)}>
          ${t('medicines.show_more', { count: rows.length - SHOWN.medicines })}
        </button>`
        }`;
      },
    }),
  });
}

/** @param {{ patientId: string }} props */
function Immunizations({ patientId }) {
  const loaded = useRecord(patientId, 'immunizations');
  const rows = newestFirst(loaded.data?.items ?? [], (row) => row.given_at).filter(
    (row) => !isError(row),
  );
  const what = t('immunizations.title');
  return h(Card, {
    title: what,
    count: loaded.data ? rows.length : null,
    actions: h(AddButton, {
      kind: 'immunizations',
      label: t('row.add'),
      onClick: () => openAdd(IMMUNIZATION, patientId),
    }),
    children: h(Loaded, {
      of: loaded,
      what,
      children: () => {
        if (rows.length === 0) return h(None, { text: t('immunizations.none') });
        return html`<ul class="lines">
            ${rows.slice(0, SHOWN.immunizations).map(
              (row) => html`<li key=${row.id}>
                <span class="line-main"><bdi dir="auto">${row.code_text}</bdi>${
                  row.status === 'not_done' &&
                  html` <span class="doubt">${t('immunization_status.not_done')}</span>`
                }</span>
                <span class="line-side"
                  >${h(DateText, {
                    recorded: row.given_recorded,
                    at: row.given_at,
                    dateOnly: true,
                  })}</span
                >
              </li>`,
            )}
          </ul>
          ${
            rows.length > SHOWN.immunizations &&
            html`<p class="card-foot">
            <a href=${tabPath(patientId, 'immunizations')}>
              ${t('immunizations.more', { count: rows.length - SHOWN.immunizations })}</a
            >
          </p>`
          }`;
      },
    }),
  });
}
