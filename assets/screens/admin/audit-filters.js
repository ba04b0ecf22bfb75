// What the list of the audit is narrowed to.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { CLASSES } from '../../lib/audit-words.js';
import { readDate } from '../../lib/date-input.js';
import { today } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { DateField } from '../../ui/date-field.js';
import { SelectField, TextField } from '../../ui/field.js';

/**
 * @typedef {object} Chosen
 * @property {string} from as it was typed
 * @property {string} to as it was typed
 * @property {string} actor
 * @property {string} patient
 * @property {string} class
 * @property {string} act
 * @property {string} outcome
 * @property {string} address
 */

/** @type {Chosen} */
export const NO_FILTERS = {
  from: '',
  to: '',
  actor: '',
  patient: '',
  class: '',
  act: '',
  outcome: '',
  address: '',
};

/** An address that is whole: while one types, the list stays. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i;

/** What is understood of it, for the API. @param {Chosen} chosen */
export function paramsOf(chosen) {
  /** @type {Record<string, string>} */
  const params = {};
  for (const name of /** @type {const} */ (['from', 'to'])) {
    const typed = readDate(chosen[name], { today: today() });
    if (typed.kind === 'date' && typed.iso.length === 10) params[name] = typed.iso;
  }
  for (const name of /** @type {const} */ (['actor', 'patient', 'class', 'act', 'outcome'])) {
    if (chosen[name]) params[name] = chosen[name];
  }
  const address = chosen.address.trim();
  if (ADDRESS.test(address)) params.address = address;
  return params;
}

/** @param {{ chosen: Chosen, onChange: (change: Partial<Chosen>) => void }} props */
export function Filters({ chosen, onChange }) {
  const people = usePeople();
  const known = people.some((one) => one.value === chosen.actor);
  const some = Object.values(chosen).some(Boolean);
  return html`<form
    class="audit-filters"
    role="search"
    aria-label=${t('audit.filters')}
    onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}
  >
    ${h(DateField, {
      id: 'audit-from',
      label: t('audit.from'),
      value: chosen.from,
      size: 11,
      onInput: (from) => onChange({ from }),
    })}
    ${h(DateField, {
      id: 'audit-to',
      label: t('audit.to'),
      value: chosen.to,
      size: 11,
      onInput: (to) => onChange({ to }),
    })}
    ${people.length > 0 &&
    h(SelectField, {
      id: 'audit-person',
      label: t('audit.person'),
      value: chosen.actor,
      onChange: (actor) => onChange({ actor }),
      options: [
        { value: '', label: t('audit.anybody') },
        ...(chosen.actor && !known ? [{ value: chosen.actor, label: t('audit.chosen') }] : []),
        ...people,
      ],
    })}
    ${h(SelectField, {
      id: 'audit-class',
      label: t('audit.class'),
      value: chosen.class,
      onChange: (value) => onChange({ class: value }),
      options: [
        { value: '', label: t('audit.anything') },
        ...CLASSES.map((value) => ({ value, label: t(`audit_class.${value}`) })),
      ],
    })}
    ${h(SelectField, {
      id: 'audit-outcome',
      label: t('audit.outcome'),
      value: chosen.outcome,
      onChange: (outcome) => onChange({ outcome }),
      options: [
        { value: '', label: t('audit.either') },
        { value: 'done', label: t('audit.done') },
        { value: 'refused', label: t('audit.refused') },
      ],
    })}
    ${h(TextField, {
      id: 'audit-address',
      label: t('audit.address'),
      value: chosen.address,
      dir: 'ltr',
      size: 13,
      onInput: (address) => onChange({ address }),
    })}
    ${some &&
    html`<button class="button" type="button" onClick=${() => onChange(NO_FILTERS)}>
      ${t('audit.clear')}
    </button>`}
    ${(chosen.patient || chosen.act) &&
    html`<p class="audit-also small quiet">
      ${chosen.patient && t('audit.of_one_patient')} ${chosen.act && t('audit.of_one_act')}
    </p>`}
  </form>`;
}

/** Everybody with an account, for those who may see them. */
function usePeople() {
  const [people, setPeople] = useState(
    /** @type {{ value: string, label: string }[]} */ ([]),
  );
  useEffect(() => {
    if (!can('users.read')) return;
    const stop = new AbortController();
    all(stop.signal).then(setPeople, () => {
      // Without the list one narrows by a click on a row.
    });
    return () => stop.abort();
  }, []);
  return people;
}

/** @param {AbortSignal} signal */
async function all(signal) {
  const found = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {import('../../lib/api.js').Answer} */
    const page = await api.get('/users', { limit: 200, cursor }, { signal });
    for (const one of page.data) found.push({ value: one.id, label: one.display_name });
    cursor = page.meta.cursor?.next ?? null;
  } while (cursor);
  return found.sort((a, b) => a.label.localeCompare(b.label));
}
