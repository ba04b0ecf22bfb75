// Observations: curves stacked above one time axis, in groups; then what was recorded in words.

import { classes, h, html, onCheck, useMemo, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { serverNow } from '../../lib/time.js';
import { groupSeries, sharedSpan } from '../../clinical/chart-groups.js';
import { fullNames, namesOf } from '../../clinical/observation-name.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { openVitals } from './forms/open.js';
import { ChartFigure } from './chart-figure.js';
import { ObservationTable } from './observation-table.js';
import { AddButton } from './row-actions.js';

/** @typedef {import('../../types/record.js').Series} Series */

const DAY = 86_400_000;
/** @type {{ key: string, ms: number | null }[]} */
const SPANS = [
  { key: 'all', ms: null },
  { key: 'ten_years', ms: 3652 * DAY },
  { key: 'two_years', ms: 731 * DAY },
  { key: 'six_months', ms: 183 * DAY },
  { key: 'month', ms: 31 * DAY },
  { key: 'two_days', ms: 2 * DAY },
];

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'series');
  const [span, setSpan] = useState('all');
  const [view, setView] = useState(/** @type {'charts' | 'table'} */ ('charts'));
  const what = t('tab.observations');
  return html`<div class="stack">
    <div class="toolbar">
      ${h(Segments, {
        label: t('obs.view'),
        value: view,
        set: (value) => setView(value === 'table' ? 'table' : 'charts'),
        options: [
          { value: 'charts', label: t('obs.charts') },
          { value: 'table', label: t('obs.table') },
        ],
      })}
      ${
        view === 'charts' &&
        h(Segments, {
          label: t('obs.span'),
          value: span,
          set: setSpan,
          options: SPANS.map(({ key }) => ({ value: key, label: t(`span.${key}`) })),
        })
      }
      <label class="choice">
        <input
          type="checkbox"
          checked=${fullNames.value}
          onChange=${onCheck((on) => (fullNames.value = on))}
        />
        ${t('obs.full_names')}
      </label>
      <span class="end">
        ${h(AddButton, {
          kind: 'observations',
          label: t('vitals.add'),
          primary: true,
          onClick: () => openVitals(patientId),
        })}
      </span>
    </div>
    ${
      view === 'charts'
        ? h(Loaded, {
            of: loaded,
            what,
            lines: 8,
            children: () => h(Groups, { all: loaded.data ?? [], span, patientId }),
          })
        : h(ObservationTable, { patientId, title: t('obs.all'), filter: null })
    }
    ${
      view === 'charts' &&
      h(ObservationTable, { patientId, title: t('obs.words'), filter: 'words' })
    }
  </div>`;
}

/** @param {{ all: Series[], span: string, patientId: string }} props */
function Groups({ all, span, patientId }) {
  const groups = useMemo(() => groupSeries(all), [all]);
  const ms = SPANS.find((one) => one.key === span)?.ms ?? null;
  const shared = useMemo(() => sharedSpan(all, ms, serverNow()), [all, ms]);
  const name = namesOf(all.map((one) => one.title));
  if (groups.length === 0) return h(None, { text: t('obs.none') });
  return html`${groups.map((group) =>
    h(Card, {
      key: group.key,
      title: t(`group.${group.key}`),
      class: 'charts',
      children: group.charts.map((chart) =>
        h(ChartFigure, { key: chart.key, chart, span: shared, patientId, name }),
      ),
    }),
  )}`;
}

/**
 * A few choices side by side, as radio buttons.
 * @param {{ label: string, value: string, set: (value: string) => void,
 *   options: { value: string, label: string }[] }} props
 */
function Segments({ label, value, set, options }) {
  const name = label.replace(/\W+/g, '-');
  return html`<fieldset class="segments">
    <legend class="spoken">${label}</legend>
    ${options.map(
      (one) => html`<label key=${one.value} class=${classes(one.value === value && 'on')}>
        <input
          type="radio"
          name=${name}
          value=${one.value}
          checked=${one.value === value}
          onChange=${() => set(one.value)}
        />
        ${one.label}
      </label>`,
    )}
  </fieldset>`;
}
