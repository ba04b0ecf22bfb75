// "Does Mary see this record, and why?": the answer for whoever reads the audit.

import { classes, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { Icon } from '../../ui/icon.js';
import { Shown } from '../../ui/state.js';
import { ColleagueSearch } from './colleague-search.js';

/** @typedef {import('../../types/ui.js').Sees} Sees */

/** @param {{ patientId: string }} props */
export function WhoSees({ patientId }) {
  const [asked, setAsked] = useState(/** @type {string | null} */ (null));
  return html`<div class="who-sees stack">
    ${h(ColleagueSearch, {
      id: 'who-sees',
      label: t('sees.ask'),
      hint: t('sees.hint'),
      icon: 'search',
      onPick: (person) => setAsked(person.id),
    })}
    ${asked && h(Answer, { key: asked, patientId, userId: asked })}
  </div>`;
}

/** @param {{ patientId: string, userId: string }} props */
function Answer({ patientId, userId }) {
  const loaded = useResource(`sees ${patientId} ${userId}`, async (signal) => {
    const params = { id: patientId, user_id: userId };
    const { data } = await api.get('/patients/{id}/access', params, { signal });
    return /** @type {Sees} */ (data);
  });
  const { data } = loaded.value;
  return html`<div role="status">
    ${h(Shown, {
      of: loaded.value,
      what: t('sees.what'),
      retry: loaded.reload,
      children: () => data && h(Reasons, { of: data }),
    })}
  </div>`;
}

/** @param {{ of: Sees }} props */
function Reasons({ of }) {
  const sees = of.sees === 'record' || of.sees === 'emergency';
  return html`<div class="stack">
    <p class=${classes('verdict', sees ? 'ok' : 'crit')}>
      ${h(Icon, { name: sees ? 'check' : 'cross' })}
      <b>${t(`sees.${of.sees}`, { name: of.display_name })}</b>
    </p>
    <ul class="steps">
      ${of.steps
        .filter((one) => !['active', 'in_use', 'held'].includes(one.code))
        .map(
          (one) => html`<li key=${one.step} class=${one.passes ? '' : 'stops'}>
            ${t(`sees.${one.step}_${one.code}`)}
          </li>`,
        )}
    </ul>
  </div>`;
}
