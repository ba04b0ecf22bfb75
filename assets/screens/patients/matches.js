// Persons who may be the same, live beside the form: a record is only made when they were
// looked at.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { PatientLine } from '../../clinical/identity.js';
import { announce } from '../../lib/announce.js';
import { Problem, Superseded, api } from '../../lib/api.js';
import { has, t } from '../../lib/i18n.js';
import { birthOf } from '../../lib/patient-form.js';
import { CheckField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Empty, Failed, Loading } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/** @typedef {import('../../lib/patient-form.js').PatientForm} PatientForm */
/**
 * @typedef {object} Matches
 * @property {'idle' | 'waiting' | 'ready' | 'failed'} state
 * @property {Patient[]} rows
 * @property {Problem | null} problem
 * @property {() => void} retry
 * @property {() => Promise<Found>} settle looks at once when what is shown is not about what is
 *   typed now
 */
/** @typedef {Pick<Matches, 'state' | 'rows' | 'problem'>} Found */

const WAIT_MS = 300;
/** @type {Found} */
const NONE = { state: 'idle', rows: [], problem: null };
/** From this score on a match must be answered before the record is made. */
export const STRONG = 70;

/**
 * @param {PatientForm} form
 * @param {string} [but] id of the patient who is being changed
 * @returns {Matches}
 */
export function useMatches(form, but) {
  const [{ of, ...found }, setFound] = useState(
    /** @type {Found & { of: string }} */ ({ ...NONE, of: '' }),
  );
  const [round, setRound] = useState(0);
  const born = birthOf(form);
  const params = {
    family: form.family.trim(),
    given: form.given.trim(),
    birth_date: born.kind === 'date' ? born.iso : '',
    sex: form.sex,
    phone: form.phone.trim(),
  };
  const enough = !form.unknown && params.family.length + params.given.length >= 2;
  const key = JSON.stringify([enough, params, round]);
  useEffect(() => {
    if (!enough) {
      setFound({ ...NONE, of: key });
      return undefined;
    }
    const stop = new AbortController();
    setFound((old) => ({ ...old, state: 'waiting' }));
    const timer = setTimeout(() => {
      load(params, but, stop.signal).then(
        (got) => setFound({ ...got, of: key }),
        () => {},
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [key]);
  const settle = async () => {
    if (!enough) return NONE;
    if (of === key && (found.state === 'ready' || found.state === 'failed')) return found;
    const got = await load(params, but, new AbortController().signal);
    setFound({ ...got, of: key });
    return got;
  };
  return { ...found, settle, retry: () => setRound(round + 1) };
}

/**
 * @param {import('../../lib/api.js').Params} params
 * @param {string | undefined} but
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
async function load(params, but, signal) {
  try {
    const { data } = await api.ask('/patients/matches', params, { signal });
    const rows = /** @type {Patient[]} */ (data).filter((one) => one.id !== but);
    if (rows.length > 0) announce(t('matches.count', { count: rows.length }));
    return { state: 'ready', rows, problem: null };
  } catch (error) {
    if (error instanceof Superseded) throw error;
    const problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
    return { state: 'failed', rows: [], problem };
  }
}

/** @param {Found} matches */
export function strongOnes(matches) {
  return matches.rows.filter((one) => STRONG <= (one.score ?? 0));
}

/**
 * @param {{ matches: Matches, none: boolean, onNone: (none: boolean) => void,
 *   onPick: (patient: Patient) => void, error?: string }} props
 */
export function MatchPanel({ matches, none, onNone, onPick, error }) {
  const { rows, state } = matches;
  return html`<section class="card beside" aria-labelledby="matches-title">
    <div class="card-head">
      <h2 id="matches-title">${t('matches.title')}</h2>
      <span class="end">
        ${state === 'ready' &&
        h(Tag, {
          tone: strongOnes(matches).length > 0 ? 'warn' : 'neutral',
          children: t('matches.count', { count: rows.length }),
        })}
      </span>
    </div>
    <div class="matches">
      ${state === 'idle' && h(Empty, { title: t('matches.idle'), icon: 'search' })}
      ${state === 'waiting' &&
      rows.length === 0 &&
      h(Loading, { what: t('matches.what'), lines: 2 })}
      ${state === 'failed' &&
      h(Failed, { problem: matches.problem, what: t('matches.what'), retry: matches.retry })}
      ${state === 'ready' &&
      rows.length === 0 &&
      h(Empty, { title: t('matches.none'), icon: 'check' })}
      ${rows.map((one) => h(Match, { key: one.id, of: one, onPick }))}
      ${(rows.length > 0 || state === 'failed') &&
      html`<div class="match-none">
        ${error && html`<p class="error" id="none-error">${h(Icon, { name: 'warn' })} ${error}</p>`}
        ${h(CheckField, {
          id: 'none',
          label: t(state === 'failed' ? 'matches.unchecked' : 'matches.none_of_these'),
          checked: none,
          onChange: onNone,
        })}
      </div>`}
    </div>
  </section>`;
}

/** The server's reason in the page's language. @param {string} reason */
function reasonText(reason) {
  const key = `matches.reason_${reason.replaceAll(' ', '_')}`;
  return has(key) ? t(key) : reason;
}

/** @param {{ of: Patient, onPick: (patient: Patient) => void }} props */
function Match({ of, onPick }) {
  const strong = STRONG <= (of.score ?? 0);
  return html`<div class="match">
    <div class="grow">
      ${h(PatientLine, { of })}
      <p class="small">
        ${h(Tag, {
          tone: strong ? 'warn' : 'neutral',
          icon: 'similar',
          children: t(strong ? 'matches.likely' : 'matches.possible', { score: of.score ?? 0 }),
        })}${' '}
        <span class="quiet">${(of.reasons ?? []).map(reasonText).join(' · ')}</span>
      </p>
    </div>
    <button class="button" type="button" onClick=${() => onPick(of)}>${t('matches.pick')}</button>
  </div>`;
}
