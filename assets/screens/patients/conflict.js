// Two persons changed the same patient: field by field, what each of them wrote.

import { classes, h, html, useLayoutEffect, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { formOf } from '../../lib/patient-form.js';
import { Icon } from '../../ui/icon.js';

/** @typedef {import('../../lib/patient-form.js').PatientForm} PatientForm */

/**
 * @param {{ mine: PatientForm, started: PatientForm,
 *   stored: import('../../types/ui.js').Patient,
 *   onResolve: (form: PatientForm) => void }} props
 */
export function Conflict({ mine, started, stored, onResolve }) {
  const theirs = formOf(stored);
  const fields = differing(mine, theirs);
  const [keep, setKeep] = useState(() => startChoice(fields, mine, started));
  const resolve = () => {
    const chosen = fields.filter((field) => keep[field]);
    const form = { ...theirs, ...Object.fromEntries(chosen.map((field) => [field, mine[field]])) };
    onResolve(/** @type {PatientForm} */ (form));
  };
  useLayoutEffect(() => document.getElementById('conflict-title')?.focus(), []);
  return html`<section class="alert warn" role="alert" aria-labelledby="conflict-title">
    ${h(Icon, { name: 'warn' })}
    <div>
      <h2 id="conflict-title" tabindex="-1">${t('conflict.title')}</h2>
      <p>${t('conflict.text')}</p>
      <table class="table compare">
        <thead>
          <tr>
            <th scope="col">${t('conflict.field')}</th>
            <th scope="col">${t('conflict.mine')}</th>
            <th scope="col">${t('conflict.theirs')}</th>
          </tr>
        </thead>
        <tbody>
          ${fields.map(
            (field) =>
              html`<tr key=${field}>
                <th scope="row">${t(`patient.${field}`)}</th>
                ${[true, false].map(
                  (isMine) =>
                    html`<td key=${isMine} class=${classes(keep[field] === isMine && 'on')}>
                      <label class="choice">
                        <input
                          type="radio"
                          name=${`keep-${field}`}
                          checked=${keep[field] === isMine}
                          onChange=${() => setKeep({ ...keep, [field]: isMine })}
                        />
                        <span><bdi>${shown((isMine ? mine : theirs)[field])}</bdi></span>
                      </label>
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
      <p class="buttons">
        <button class="button primary" type="button" onClick=${resolve}>
          ${t('conflict.use')}
        </button>
        <span class="quiet small">${t('conflict.then')}</span>
      </p>
    </div>
  </section>`;
}

/** @param {PatientForm} mine @param {PatientForm} theirs */
function differing(mine, theirs) {
  const names = /** @type {(keyof PatientForm)[]} */ (Object.keys(mine));
  return names.filter((name) => JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]));
}

/**
 * My own where I changed something, the stored one elsewhere.
 * @param {(keyof PatientForm)[]} fields
 * @param {PatientForm} mine
 * @param {PatientForm} started
 */
function startChoice(fields, mine, started) {
  return Object.fromEntries(
    fields.map((name) => [name, JSON.stringify(mine[name]) !== JSON.stringify(started[name])]),
  );
}

/** @param {unknown} value */
function shown(value) {
  if (value === '' || value === null) return t('conflict.empty');
  if (typeof value === 'boolean') return t(value ? 'conflict.yes' : 'conflict.no');
  if (Array.isArray(value)) {
    if (value.length === 0) return t('conflict.empty');
    return value.map((one) => Object.values(one).filter(Boolean).join(' ')).join('; ');
  }
  return String(value);
}
