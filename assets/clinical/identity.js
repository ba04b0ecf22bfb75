// Who a row is about: name, birth, sex, number. At least two of them stand together wherever
// a person is chosen.

import { Fragment, h, html } from '../lib/ui.js';
import {
  civilText,
  dateDirection,
  givenText,
  parseCivil,
  recordedText,
  upperFamily,
} from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { Icon } from '../ui/icon.js';
import { Age } from './primitives.js';

/** @typedef {import('../types/ui.js').Patient} Patient */

/**
 * FAMILY, Given: never cut, any script. Somebody found by another name has it beside.
 * @param {{ of: Pick<Patient, 'family' | 'given' | 'matched_name'> }} props
 */
export function NameCell({ of }) {
  const { matched_name: other } = of;
  const sameGiven = other && givenText(other.given) === givenText(of.given);
  return html`${h(OneName, { of })}${other &&
  html` <span class="other-name"
    >${t(`find.other_${other.name_use ?? 'alias'}`)} ${h(OneName, {
      of: sameGiven && other.family ? { ...other, given: [] } : other,
    })}</span
  >`}`;
}

/** @param {{ of: Pick<Patient, 'family' | 'given'> }} props */
function OneName({ of }) {
  const given = givenText(of.given);
  return html`<bdi class="name">
    ${of.family && html`<b>${upperFamily(of.family)}</b>`}${of.family && given && ', '}${given}
  </bdi>`;
}

/** `10-May-1963 (63y)`, `about 1963`, or that it is not recorded. @param {{ of: Patient }} props */
export function BornCell({ of }) {
  const civil = parseCivil(of.birth_date);
  if (!civil) return html`<span class="quiet">${t('born.none')}</span>`;
  const date = of.birth_date_estimated
    ? t('born.about', { date: civilText(civil) })
    : civilText(civil);
  return html`<bdi dir=${dateDirection()} class="nums">
    <span class="nowrap">${date}</span>${
      !of.deceased &&
      html` <span class="quiet nowrap"
        >(${h(Age, { born: of.birth_date, estimated: of.birth_date_estimated })})</span
      >`
    }
  </bdi>`;
}

/** @param {{ of: Patient }} props */
export function SexCell({ of }) {
  return html`<span>${t(`sex.${of.sex}`)}</span>`;
}

/** @param {{ of: Patient }} props */
export function NumberCell({ of }) {
  return html`<bdi dir="ltr" class="nums nowrap">${of.mrn}</bdi>`;
}

/** `Died 04-Mar-2026`, or nothing for the living. @param {{ of: Patient }} props */
export function DiedCell({ of }) {
  if (!of.deceased) return null;
  const when = recordedText(of.deceased_recorded, of.deceased_at);
  return html`<span class="died">${when ? t('died.on', { date: when }) : t('died.unknown')}</span>`;
}

/** The warning that another row has a name like this one. */
export function SimilarMark() {
  return html`<span class="similar" title=${t('find.similar_title')}>
    ${h(Icon, { name: 'similar' })} ${t('find.similar')}
  </span>`;
}

/** One line for lists that are not tables. @param {{ of: Patient, similar?: boolean }} props */
export function PatientLine({ of, similar }) {
  return html`<${Fragment}>
    <span class="line-name">${h(NameCell, { of })} ${similar && h(SimilarMark, {})}</span>
    <span class="line-facts">
      ${h(BornCell, { of })} <span>${t(`sex.${of.sex}`)}</span> ${h(NumberCell, { of })}
      ${h(DiedCell, { of })}
    </span>
  <//>`;
}
