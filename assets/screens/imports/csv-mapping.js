// Which column of a table is what. Guessed from the headings, shown with the first rows, and
// nothing is sent before a person has seen it.

import { Fragment, h, html, useEffect, useState } from '../../lib/ui.js';
import { TARGETS, guessMapping, readHead } from '../../lib/csv-head.js';
import { t } from '../../lib/i18n.js';
import { SelectField } from '../../ui/field.js';
import { ErrorSummary } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { Loading } from '../../ui/state.js';

const HEAD_BYTES = 65_536;
/** How the file writes dates that could be read two ways; the server refuses those otherwise. */
const DATE_ORDERS = ['', 'dd/mm/yyyy', 'mm/dd/yyyy'];

/** @typedef {Record<string, string>} Mapping heading of the file by what it is */
/**
 * @param {{ file: File, onDone: (mapping: Mapping) => void, onCancel: () => void }} props
 */
export function CsvMapping({ file, onDone, onCancel }) {
  const [head, setHead] = useState(/** @type {ReturnType<typeof readHead> | null} */ (null));
  const [mapping, setMapping] = useState(/** @type {Mapping} */ ({}));
  const [round, setRound] = useState(0);
  useEffect(() => {
    const part = file.slice(0, HEAD_BYTES);
    part.text().then((text) => {
      const found = readHead(text, file.size <= HEAD_BYTES);
      setHead(found);
      setMapping(guessMapping(found.headings));
    });
  }, [file]);
  if (!head) return h(Loading, { what: t('csv.what') });
  const named = mapping.family || mapping.given || mapping.name;
  /** @type {Record<string, string>} */
  const errors = round > 0 && !named ? { 'map-family': t('csv.error_name') } : {};
  return html`<form
    class="card"
    novalidate
    aria-labelledby="csv-title"
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      setRound(round + 1);
      if (named) onDone(used(mapping));
    }}
  >
    <div class="card-head">
      <h2 id="csv-title">${t('csv.title', { name: file.name })}</h2>
    </div>
    <div class="card-body csv">
      ${h(ErrorSummary, { errors, round })}
      <p class="quiet">${t('csv.hint')}</p>
      <div class="csv-fields">
        ${TARGETS.map((target) =>
          h(SelectField, {
            key: target,
            id: `map-${target}`,
            label: labelOf(target),
            value: mapping[target] ?? '',
            onChange: (heading) => setMapping({ ...mapping, [target]: heading }),
            options: [
              { value: '', label: t('csv.not_there') },
              ...head.headings.map((one) => ({ value: one, label: one })),
            ],
            error: errors[`map-${target}`],
          }),
        )}
        ${h(SelectField, {
          id: 'map-date_format',
          label: t('csv.date_format'),
          value: mapping.date_format ?? '',
          onChange: (order) => setMapping({ ...mapping, date_format: order }),
          options: DATE_ORDERS.map((value) => ({ value, label: value || t('csv.date_auto') })),
        })}
      </div>
      ${h(Sample, { head, mapping })}
      <div class="buttons">
        <button class="button primary" type="submit">${t('csv.do')}</button>
        <button class="button" type="button" onClick=${onCancel}>${t('imports.give_up')}</button>
      </div>
    </div>
  </form>`;
}

/** @param {Mapping} mapping @returns {Mapping} */
function used(mapping) {
  return Object.fromEntries(Object.entries(mapping).filter(([, heading]) => heading !== ''));
}

/** @param {string} target */
function labelOf(target) {
  return t(`csv.${target.replace('.', '_')}`);
}

/**
 * The first rows as they would be read.
 * @param {{ head: ReturnType<typeof readHead>, mapping: Mapping }} props
 */
function Sample({ head, mapping }) {
  const targets = TARGETS.filter((target) => mapping[target]);
  const left = head.headings.filter((one) => !Object.values(mapping).includes(one));
  return html`<${Fragment}>
    <h3>${t('csv.sample')}</h3>
    <div class="wide-table" tabindex="0" role="region" aria-label=${t('csv.sample')}>
      <table class="table">
        <thead>
          <tr>
            ${targets.map((one) => html`<th key=${one} scope="col">${labelOf(one)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${head.rows.map(
            (row, i) =>
              html`<tr key=${i}>
                ${targets.map((one) => {
                  const cell = row[head.headings.indexOf(mapping[one] ?? '')] ?? '';
                  return html`<td key=${one}><bdi>${cell}</bdi></td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${left.length > 0 &&
    html`<p class="small quiet">
      ${h(Icon, { name: 'info' })} ${t('csv.left', { count: left.length, names: left.join(', ') })}
    </p>`}
  <//>`;
}
