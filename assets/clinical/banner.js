// The patient banner: on every screen about one patient, always the same, never covered. Its
// order is fixed: FAMILY, Given (Title) · Born · Sex · Record number.

import { classes, h, html } from '../lib/ui.js';
import { recordedText } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { can } from '../lib/session.js';
import { Icon } from '../ui/icon.js';
import { Tag } from '../ui/tag.js';
import { allergyState } from './allergy-state.js';
import { Age, DateText, Id, PatientName, Written } from './primitives.js';
import { UserName } from './people.js';
import { useRecord } from './record-store.js';

/** @typedef {import('../types/ui.js').Patient} Patient */
/** @typedef {import('../types/record.js').Allergy} Allergy */
/** @typedef {import('./allergy-state.js').AllergyState} AllergyState */

/** @param {{ patientId: string }} props */
export function PatientBanner({ patientId }) {
  const loaded = useRecord(patientId, 'patient');
  const patient = loaded.data;
  if (!patient) {
    const failed = loaded.state !== 'loading';
    return html`<section class="banner blank" aria-label=${t('banner.label')}>
      <p class=${failed ? 'crit-text' : 'quiet'} role=${failed ? 'alert' : 'status'}>
        ${failed ? t(`banner.${loaded.state}`) : t('banner.loading')}
      </p>
      ${
        loaded.state === 'failed' &&
        html`<button class="button" type="button" onClick=${loaded.reload}>
        ${t('state.retry')}
      </button>`
      }
    </section>`;
  }
  return h(Shown, { patient });
}

/** @param {{ patient: Patient }} props */
function Shown({ patient }) {
  const preferred = patient.names?.find((name) => name.name_use === 'nickname');
  return html`<section
    class=${classes('banner', patient.deceased && 'deceased')}
    aria-label=${t('banner.label')}
  >
    <p class="banner-name">
      ${h(PatientName, patient)}
      ${
        patient.confidential &&
        h(Tag, {
          tone: 'crit',
          icon: 'lock',
          children: t(`confidential.${patient.confidential}`),
        })
      }
    </p>
    <dl class="banner-facts">
      ${
        preferred &&
        h(Fact, {
          label: t('banner.preferred'),
          children: h(PatientName, { given: preferred.given }),
        })
      }
      ${h(Fact, { label: t('banner.born'), children: h(Born, { patient }) })}
      ${patient.deceased && h(Fact, { label: t('banner.died'), children: h(Died, { patient }) })}
      ${h(Fact, { label: t('banner.sex'), children: t(`sex.${patient.sex}`) })}
      ${
        patient.gender &&
        h(Fact, { label: t('banner.gender'), children: h(Written, { text: patient.gender }) })
      }
      ${h(Fact, {
        label: t('banner.record_no'),
        children: h(Id, { value: patient.mrn, copy: true }),
      })}
    </dl>
    ${can('records.read') && h(Allergies, { patient })}
  </section>`;
}

/** @param {{ label: string, children: import('../lib/ui.js').Children }} props */
function Fact({ label, children }) {
  return html`<div><dt>${label}</dt><dd>${children}</dd></div>`;
}

/** @param {{ patient: Patient }} props */
function Born({ patient }) {
  const { birth_date: born, birth_date_estimated: about } = patient;
  if (!born) return t('value.not_recorded');
  const age = h(Age, { born, estimated: about });
  return html`${h(DateText, { recorded: born, about })}${
    !patient.deceased && html`${' '}<span class="nowrap">(${age})</span>`
  }`;
}

/** @param {{ patient: Patient }} props */
function Died({ patient }) {
  const on = patient.deceased_recorded ?? patient.deceased_at;
  if (!on) return t('banner.died_unknown');
  const age = h(Age, { born: patient.birth_date, estimated: patient.birth_date_estimated, on });
  return html`${h(DateText, { recorded: on, dateOnly: true })}${
    patient.birth_date && html` <bdi class="nowrap">(${t('banner.at_age')} ${age})</bdi>`
  }`;
}

/** @param {{ patient: Patient }} props */
function Allergies({ patient }) {
  const loaded = useRecord(patient.id, 'allergies');
  const found = allergyState(loaded, patient);
  if (found.state === 'hidden') return null;
  return html`<div class=${`banner-allergies ${found.state}`}>
    ${h(AllergyLine, { found, retry: loaded.reload })}
  </div>`;
}

/** @param {{ found: AllergyState, retry: () => void }} props */
function AllergyLine({ found, retry }) {
  switch (found.state) {
    case 'loading':
      return html`<p role="status">${t('allergies.loading')}</p>`;
    case 'known':
      return html`${h(Icon, { name: 'warn' })}
        <p><strong>${t('allergies.known')}</strong></p>
        <ul>
          ${found.allergies.map(
            (one) => html`<li key=${one.id}>${h(Agent, { allergy: one })}</li>`,
          )}
          ${!found.complete && html`<li><strong>${t('allergies.more')}</strong></li>`}
        </ul>`;
    case 'none_known':
      return html`${h(Icon, { name: 'check' })}
        <p>
          <strong>${t('allergies.none_known')}</strong>${' '}
          <span class="who">${t('allergies.reviewed')} ${h(DateText, { at: found.at })}</span>
          ${found.by && html` · <span class="who">${h(UserName, { id: found.by })}</span>`}
        </p>`;
    case 'not_recorded':
      return html`${h(Icon, { name: 'help' })}
        <p><strong>${t('allergies.not_recorded')}</strong> ${t('allergies.not_recorded_hint')}</p>`;
    default:
      return html`${h(Icon, { name: 'cross' })}
        <p role="alert">
          <strong>${t('allergies.unavailable')}</strong> ${t('allergies.unavailable_hint')}${' '}
          <button class="link" type="button" onClick=${retry}>${t('state.retry')}</button>
        </p>`;
  }
}

/** Agent, reaction and severity. @param {{ allergy: Allergy }} props */
export function Agent({ allergy }) {
  const facts = [
    allergy.reaction_text,
    allergy.severity && t(`severity.${allergy.severity}`),
    allergy.criticality === 'high' && t('criticality.high'),
    allergy.verification === 'unconfirmed' && t('allergies.unconfirmed'),
  ].filter(Boolean);
  return html`<b dir="auto">${allergy.code_text}</b>${
    facts.length > 0 &&
    html` <span
      >(${facts.map(
        (fact, i) => html`${i > 0 && `${t('list.comma')} `}<bdi dir="auto">${fact}</bdi>`,
      )})</span
    >`
  }`;
}

/**
 * The patient in one line, for buttons and the side panel.
 * @param {Patient} patient
 */
export function shortIdentity(patient) {
  const born = recordedText(patient.birth_date) ?? t('value.not_recorded');
  return { born, sex: t(`sex.${patient.sex}`), mrn: patient.mrn };
}
