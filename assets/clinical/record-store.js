// What is loaded of the one patient whose record is open. Tabs come and go, the answers stay,
// so that a tab opens at once and is renewed behind; another patient starts from blank, so that
// nothing of the first can be read as the second.

import { signal, useEffect, untracked } from '../lib/ui.js';
import { api, whenBack, worthRepeating } from '../lib/api.js';
import { Problem, Superseded } from '../lib/problem.js';
import { noteOpened } from '../lib/recent.js';
import { stateOf } from '../lib/resource.js';
import { bringing } from '../lib/session.js';

/** @typedef {import('../types/ui.js').Patient} Patient */
/** @typedef {import('../types/record.js').RecordKind} RecordKind */
/**
 * @template T
 * @typedef {import('../types/record.js').Listed<T>} Listed
 */
/**
 * @template T
 * @typedef {import('../lib/resource.js').Loaded<T>} Loaded
 */
/**
 * @typedef {object} Parts
 * @property {Patient} patient
 * @property {Listed<import('../types/record.js').Encounter>} encounters
 * @property {Listed<import('../types/record.js').Condition>} conditions
 * @property {Listed<import('../types/record.js').Allergy>} allergies
 * @property {Listed<import('../types/record.js').Observation>} observations
 * @property {Listed<import('../types/record.js').MedicationRequest>} medication-requests
 * @property {Listed<import('../types/record.js').Immunization>} immunizations
 * @property {Listed<import('../types/record.js').Procedure>} procedures
 * @property {import('../types/record.js').Series[]} series
 */
/** @typedef {keyof Parts} Part */
/**
 * @typedef {object} Entry
 * @property {import('../lib/ui.js').Signal<Loaded<any>>} box
 * @property {AbortController} stop
 * @property {number} loadedAt on the page's own clock
 */

const PAGE = 200;
/** Rows that one tab asks for; beyond, the list says that it is not whole. */
const ROWS_MAX = 2000;
/** An answer this young is not asked for again by another component. */
const FRESH_MS = 2000;
/** The news of one's own change come so long after it at most. */
const OWN_MS = 3000;
/** Points of one curve; a screen is not wider. */
const POINTS_MAX = 400;

let owner = '';
/** @type {Map<Part, Entry>} */
const entries = new Map();
/** When this page last changed something of a part. @type {Map<Part, number>} */
const savedAt = new Map();
/** Counts changes of the record, so that the timeline follows. */
export const changes = signal(0);

/**
 * @template {Part} P
 * @param {string} patientId
 * @param {P} part
 * @returns {Loaded<Parts[P]> & { reload: () => void }}
 */
export function useRecord(patientId, part) {
  const entry = entryOf(patientId, part);
  useEffect(() => {
    // Banner, tab and form may ask for the same part at the same moment: one request is enough.
    const { busy } = entry.box.peek();
    if (!busy && entry.loadedAt + FRESH_MS < performance.now()) reload(patientId, part);
  }, [patientId, part]);
  return { ...entry.box.value, reload: () => reload(patientId, part) };
}

/**
 * Loads parts again after one's own change.
 * @param {string} patientId
 * @param {...Part} parts
 */
export function refresh(patientId, ...parts) {
  for (const part of parts) savedAt.set(part, performance.now());
  renew(patientId, ...parts);
}

/**
 * Loads parts again because somebody changed them.
 * @param {string} patientId
 * @param {...Part} parts
 */
export function renew(patientId, ...parts) {
  if (patientId !== owner) return;
  changes.value += 1;
  for (const part of parts) if (entries.has(part)) reload(patientId, part);
}

/** Whether one changed a part oneself a moment ago. @param {Part} part */
export function savedLately(part) {
  return performance.now() < (savedAt.get(part) ?? -Infinity) + OWN_MS;
}

/** Forgets everything, as before another person signs in. */
export function forgetRecord() {
  for (const entry of entries.values()) entry.stop.abort();
  entries.clear();
  owner = '';
}

/** @param {string} patientId @param {Part} part */
function entryOf(patientId, part) {
  if (patientId !== owner) {
    forgetRecord();
    owner = patientId;
  }
  let entry = entries.get(part);
  if (!entry) {
    /** @type {Loaded<any>} */
    const blank = { state: 'loading', data: null, problem: null, busy: false };
    entry = { box: signal(blank), stop: new AbortController(), loadedAt: -Infinity };
    entries.set(part, entry);
  }
  return entry;
}

/** @param {string} patientId @param {Part} part */
async function reload(patientId, part) {
  const entry = entryOf(patientId, part);
  entry.stop.abort();
  const mine = new AbortController();
  entry.stop = mine;
  const before = untracked(() => entry.box.value);
  entry.box.value = { ...before, busy: true, state: before.data ? before.state : 'loading' };
  try {
    const data = await load(patientId, part, mine.signal);
    if (mine !== entry.stop) return;
    entry.loadedAt = performance.now();
    entry.box.value = { state: 'ready', data, problem: null, busy: false };
  } catch (error) {
    if (mine !== entry.stop || error instanceof Superseded) return;
    const problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
    if (!(error instanceof Problem)) console.error(error);
    // Old rows stay readable when a renewal fails, except what one may no longer see.
    const state = stateOf(problem);
    const data = state === 'failed' ? before.data : null;
    entry.box.value = { state, data, problem, busy: false };
    if (worthRepeating(problem)) {
      whenBack(() => {
        if (mine === entry.stop && entries.get(part) === entry) reload(patientId, part);
      });
    }
  }
}

/** @param {string} patientId @param {Part} part @param {AbortSignal} signal */
async function load(patientId, part, signal) {
  if (part === 'patient') {
    const { data } = await api.get('/patients/{id}', { id: patientId }, { signal });
    noteOpened(data);
    return data;
  }
  if (part === 'series') {
    const params = { id: patientId, points: POINTS_MAX };
    return (await api.get('/patients/{id}/series', params, { signal })).data;
  }
  return loadAll(part, patientId, signal);
}

const STAFF = 'providers.read';

/**
 * What rows bring along, and the permission that it needs.
 * @type {Partial<Record<RecordKind, Record<string, string | null>>>}
 */
const INCLUDES = {
  encounters: {
    participants: null,
    organization: STAFF,
    location: STAFF,
    department: 'facilities.read',
  },
  observations: { components: null },
  'medication-requests': { requester: STAFF },
  immunizations: { location: STAFF },
  procedures: { location: STAFF },
};

/**
 * @param {RecordKind} kind @param {string} patientId @param {AbortSignal} signal
 * @returns {Promise<Listed<any>>}
 */
async function loadAll(kind, patientId, signal) {
  const items = [];
  /** @type {string | null} */
  let cursor = null;
  do {
    /** @type {import('../lib/api.js').Answer} */
    const answer = await api.get(
      `/${kind}`,
      { patient_id: patientId, limit: PAGE, include: bringing(INCLUDES[kind] ?? {}), cursor },
      { signal },
    );
    items.push(...answer.data);
    cursor = answer.meta.cursor?.next ?? null;
  } while (cursor && items.length < ROWS_MAX);
  return { items, complete: cursor === null };
}
