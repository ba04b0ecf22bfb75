// Details of the person: names, numbers, phones, addresses, contacts, and earlier versions.

import { h, html, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { DateText, Id, PatientName, Written } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';
import { Card, Loaded, None } from '../../clinical/section.js';
import { Icon } from '../../ui/icon.js';
import { CareTeam } from './care-team.js';
import { History } from './history.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {import('../../lib/ui.js').Children} Children */

/** @param {{ patientId: string }} props */
export function Tab({ patientId }) {
  const loaded = useRecord(patientId, 'patient');
  return h(Loaded, {
    of: loaded,
    what: t('tab.details'),
    children: () => loaded.data && h(Details, { patient: loaded.data }),
  });
}

/** @param {{ patient: Patient }} props */
function Details({ patient }) {
  const [history, setHistory] = useState(false);
  return html`<div class="stack">
    ${
      can('patients.write') &&
      html`<p class="toolbar">
      <a class="button" href=${`/p/${encodeURIComponent(patient.id)}/edit`}>
        ${h(Icon, { name: 'edit' })} ${t('details.edit')}
      </a>
      <button
        class="button"
        type="button"
        aria-expanded=${history}
        onClick=${() => setHistory(!history)}
      >
        ${h(Icon, { name: 'clock' })} ${t('details.history')}
      </button>
    </p>`
    }
    ${history && h(History, { patientId: patient.id })}
    <div class="details">
      ${h(Person, { patient })} ${h(Names, { patient })} ${h(Numbers, { patient })}
      ${h(Reach, { patient })} ${h(Addresses, { patient })} ${h(Contacts, { patient })}
      ${h(CareTeam, { patientId: patient.id })}
    </div>
  </div>`;
}

/** @typedef {{ label: string, value: Children }} Fact */

/** @param {{ rows: Fact[] }} props */
function Facts({ rows }) {
  return html`<dl class="rfacts">
    ${rows.map(
      ({ label, value }, i) => html`<div key=${i}>
        <dt>${label}</dt>
        <dd>${value}</dd>
      </div>`,
    )}
  </dl>`;
}

/** @param {{ patient: Patient }} props */
function Person({ patient }) {
  const born = h(DateText, { recorded: patient.birth_date, about: patient.birth_date_estimated });
  /** @type {Fact[]} */
  const rows = [
    { label: t('banner.born'), value: born },
    { label: t('banner.sex'), value: t(`sex.${patient.sex}`) },
    { label: t('banner.gender'), value: h(Written, { text: patient.gender }) },
    { label: t('details.marital'), value: h(Written, { text: patient.marital_status_text }) },
    { label: t('details.language'), value: h(Written, { text: patient.language_text }) },
  ];
  if (patient.multiple_birth) {
    rows.push({ label: t('details.multiple'), value: String(patient.multiple_birth) });
  }
  if (patient.deceased) {
    const { deceased_recorded: recorded, deceased_at: at } = patient;
    rows.push({ label: t('banner.died'), value: h(DateText, { recorded, at }) });
  }
  rows.push({ label: t('details.changed'), value: h(DateText, { at: patient.updated_at }) });
  return h(Card, { title: t('details.person'), children: h(Facts, { rows }) });
}

/** @param {{ patient: Patient }} props */
function Names({ patient }) {
  const names = patient.names ?? [];
  return h(Card, {
    title: t('details.names'),
    children:
      names.length === 0
        ? h(None, { text: t('details.none') })
        : h(Facts, {
            rows: names.map((name) => ({
              label: t(`name_use.${name.name_use ?? 'usual'}`),
              value: html`${h(PatientName, name)}${
                name.suffix && html` <bdi dir="auto">${name.suffix}</bdi>`
              }`,
            })),
          }),
  });
}

/** @param {{ patient: Patient }} props */
function Numbers({ patient }) {
  /** @type {Fact[]} */
  const rows = [{ label: t('banner.record_no'), value: h(Id, { value: patient.mrn, copy: true }) }];
  for (const one of patient.identifiers ?? []) {
    const label = one.type_text ?? one.type_code ?? t('details.number');
    rows.push({
      label,
      value: html`${h(Id, { value: one.value, copy: true })}<span class="row-note"
          ><bdi dir="ltr">${one.system}</bdi></span
        >`,
    });
  }
  return h(Card, { title: t('details.numbers'), children: h(Facts, { rows }) });
}

/** @param {{ patient: Patient }} props */
function Reach({ patient }) {
  const telecoms = patient.telecoms ?? [];
  return h(Card, {
    title: t('details.reach'),
    children:
      telecoms.length === 0
        ? h(None, { text: t('details.none') })
        : h(Facts, {
            rows: telecoms.map((one) => ({
              label: [t(`telecom.${one.system}`), one.telecom_use].filter(Boolean).join(', '),
              value: h(Id, { value: one.value, copy: true }),
            })),
          }),
  });
}

/** @param {{ patient: Patient }} props */
function Addresses({ patient }) {
  const addresses = patient.addresses ?? [];
  return h(Card, {
    title: t('details.addresses'),
    children:
      addresses.length === 0
        ? h(None, { text: t('details.none') })
        : h(Facts, {
            rows: addresses.map((one) => ({
              label: one.address_use ? t(`address_use.${one.address_use}`) : t('details.address'),
              value: html`<address dir="auto">
                ${[one.line, one.city, one.district, one.state, one.postal_code, one.country]
                  .filter(Boolean)
                  .map((line, i) => html`<span key=${i}>${line}</span>`)}
              </address>`,
            })),
          }),
  });
}

/** @param {{ patient: Patient }} props */
function Contacts({ patient }) {
  const contacts = patient.contacts ?? [];
  return h(Card, {
    title: t('details.contacts'),
    children:
      contacts.length === 0
        ? h(None, { text: t('details.none') })
        : h(Facts, {
            rows: contacts.map((one) => ({
              label: one.relationship ?? t('details.contact'),
              value: html`<bdi dir="auto">${one.name}</bdi>${
                one.phone && html`<br />${h(Id, { value: one.phone, copy: true })}`
              }`,
            })),
          }),
  });
}
