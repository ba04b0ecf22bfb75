// What one must know before a medicine is written: the allergies, and that nothing is checked.

import { h, html } from '../../../lib/ui.js';
import { t } from '../../../lib/i18n.js';
import { allergyState } from '../../../clinical/allergy-state.js';
import { Agent } from '../../../clinical/banner.js';
import { useRecord } from '../../../clinical/record-store.js';
import { Icon } from '../../../ui/icon.js';

/** @param {{ patientId: string }} props */
export function AllergyNotice({ patientId }) {
  const patient = useRecord(patientId, 'patient').data;
  const loaded = useRecord(patientId, 'allergies');
  if (!patient) return null;
  const found = allergyState(loaded, patient);
  const tone = found.state === 'known' || found.state === 'unavailable' ? 'crit' : 'warn';
  return html`<div class="notices">
    ${
      found.state !== 'none_known' &&
      html`<div class=${`alert ${tone}`}>
      ${h(Icon, { name: 'warn' })}
      <div>
        <p class="alert-title">${t(`allergies.${found.state}`)}</p>
        ${
          found.state === 'known' &&
          html`<ul>
          ${found.allergies.map(
            (one) => html`<li key=${one.id}>${h(Agent, { allergy: one })}</li>`,
          )}
        </ul>`
        }
        ${found.state === 'not_recorded' && html`<p>${t('allergies.ask')}</p>`}
      </div>
    </div>`
    }
    <div class="alert info">
      ${h(Icon, { name: 'info' })}
      <p>${t('medication.unchecked')}</p>
    </div>
  </div>`;
}
