// For the privacy officer: a name, and who looked at that patient. One click into the field, one
// on the name.

import { h, html, onText, useEffect, useMemo, useState } from '../../lib/ui.js';
import { PatientLine } from '../../clinical/identity.js';
import { t } from '../../lib/i18n.js';
import { patientSearch, similarNames } from '../../lib/patient-search.js';
import { Icon } from '../../ui/icon.js';
import { explain } from '../../ui/state.js';

const LIMIT = 8;

export function WhoLookedAt() {
  const [q, setQ] = useState('');
  const search = useMemo(() => patientSearch({ limit: LIMIT }), []);
  useEffect(() => () => search.stop(), []);
  const found = search.found.value;
  const rows = q.trim() ? found.rows : [];
  const alike = similarNames(rows);
  return html`<section class="card" aria-labelledby="who-title">
    <div class="card-head"><h2 id="who-title">${t('who.of_whom')}</h2></div>
    <div class="card-body stack">
      <input
        id="who-q"
        class="input"
        type="search"
        aria-labelledby="who-title"
        autocomplete="off"
        spellcheck=${false}
        maxlength="120"
        placeholder=${t('who.search')}
        value=${q}
        onInput=${onText((text) => {
          setQ(text);
          search.search(text);
        })}
      />
      <p role="status" class="small quiet">${q.trim() && said(found)}</p>
    </div>
    ${rows.length > 0 &&
    html`<ul class="person-list">
      ${rows.map(
        (of) => html`<li key=${of.id}>
          <a href=${`/admin/audit/patient/${of.id}`}>
            ${h(PatientLine, { of, similar: alike.has(of.id) })}
            <span class="small">${h(Icon, { name: 'eye' })} ${t('who.title')}</span>
          </a>
        </li>`,
      )}
    </ul>`}
  </section>`;
}

/** @param {import('../../lib/patient-search.js').Found} found */
function said({ state, rows, problem }) {
  if (state === 'failed') return explain(problem);
  if (state !== 'ready') return t('find.searching');
  return rows.length === 0 ? t('find.none') : t('find.count', { count: rows.length });
}
