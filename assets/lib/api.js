// Calls to the server. Only what asks is repeated by itself; a change carries an idempotency key,
// so that a person may press the button again; 401 asks for the password and then goes on.

import { signal } from './ui.js';
import { Problem, Superseded, problemOf } from './problem.js';
import { hearServerTime } from './time.js';

export { Problem, Superseded };

/** @typedef {import('../types/ui.js').Meta} Meta */
/**
 * `body` is the whole answer, for those few that have no `data`.
 * @typedef {{ data: any, meta: Meta, body: any, etag: string | null, status: number }} Answer
 */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Params */
/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal]
 * @property {string} [idempotencyKey]
 * @property {string} [etag] of the version that the person saw, for acts on a row
 * @property {number} [timeoutMs]
 */

const BASE = '/api/v1';
/** What says that nobody is signed in; other refusals of this status are about what was sent. */
const SIGNED_OUT = ['access.sign_in', 'access.locked'];
const RETRY_AFTER_MS = [300, 1200];
const TIMEOUT_MS = 30_000;

/**
 * Whether the server answers: the live marker shows it.
 * @type {import('./ui.js').Signal<{ state: 'live' | 'lost', since: number }>}
 */
export const connection = signal({ state: 'live', since: 0 });

/** @type {Set<() => void>} */
const waitingForReturn = new Set();

/**
 * Once, when the server answers again after it did not.
 * @param {() => void} run
 * @returns {() => void} takes it back
 */
export function whenBack(run) {
  waitingForReturn.add(run);
  return () => waitingForReturn.delete(run);
}

function comeBack() {
  connection.value = { state: 'live', since: 0 };
  const all = [...waitingForReturn];
  waitingForReturn.clear();
  for (const run of all) run();
}

/** @type {() => Promise<void>} */
let signInAgain = () => Promise.reject(new Error('no sign-in overlay'));

/**
 * Sets what happens on 401: it resolves when the same person is signed in again.
 * @param {() => Promise<void>} ask
 */
export function onSignedOut(ask) {
  signInAgain = ask;
}

/** The session is good for choosing or setting up something only. */
const AT_THE_DOOR = ['access.password_temporary', 'access.second_factor_required'];

/** @type {() => void} */
let goToTheDoor = () => {};

/** Sets what happens when something has to be chosen or set up first. @param {() => void} go */
export function onDoor(go) {
  goToTheDoor = go;
}

/** A key for one intended change; `randomUUID` does not exist on plain http. */
export function idempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const api = {
  /**
   * @param {string} path below /api/v1; `{name}` is filled from params, the rest is the query
   * @param {Params} [params]
   * @param {Options} [options]
   */
  get(path, params, options) {
    return call('GET', address(path, params), options ?? {}, {}, undefined);
  },

  /**
   * Asks with words that must stand in no address, such as a patient's name. It changes nothing,
   * so it is repeated like a GET. What is empty is not sent.
   * @param {string} path
   * @param {Params} body
   * @param {Options} [options]
   */
  ask(path, body, options) {
    const said = Object.entries(body).filter(([, value]) => value != null && value !== '');
    return call('POST', address(path), options ?? {}, {}, Object.fromEntries(said), true);
  },

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {Options} [options] the caller gives the key when it may send the same body again
   */
  post(path, body, options = {}) {
    const key = options.idempotencyKey ?? idempotencyKey();
    /** @type {Record<string, string>} */
    const seen = options.etag ? { 'If-Match': options.etag } : {};
    return call('POST', address(path), options, { 'Idempotency-Key': key, ...seen }, body);
  },

  /**
   * @param {string} path
   * @param {unknown} body
   * @param {string | null} etag of the version that the person saw
   * @param {Options} [options]
   */
  patch(path, body, etag, options = {}) {
    return call('PATCH', address(path), options, etag ? { 'If-Match': etag } : {}, body);
  },

  /**
   * @param {string} path
   * @param {unknown} body the whole, in the place of what was there
   * @param {string} etag of the version that the person saw
   * @param {Options} [options]
   */
  put(path, body, etag, options = {}) {
    return call('PUT', address(path), options, { 'If-Match': etag }, body);
  },

  /**
   * @param {string} path
   * @param {Options} [options]
   */
  del(path, options = {}) {
    return call('DELETE', address(path), options, {}, undefined);
  },
};

/**
 * @param {string} path
 * @param {Params} [params]
 */
export function address(path, params = {}) {
  const rest = { ...params };
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return (filled.startsWith('/api/') ? '' : BASE) + filled + (text ? `?${text}` : '');
}

/**
 * @param {string} method
 * @param {string} url
 * @param {Options} options
 * @param {Record<string, string>} headers
 * @param {unknown} body
 * @param {boolean} asks it changes nothing
 * @returns {Promise<Answer>}
 */
async function call(method, url, options, headers, body, asks = method === 'GET') {
  let asked = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(method, url, options, headers, body);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (AT_THE_DOOR.includes(error.code)) goToTheDoor();
      if (SIGNED_OUT.includes(error.code) && !asked && !isSession(url)) {
        asked = true;
        await signInAgain();
        continue;
      }
      const wait = RETRY_AFTER_MS[attempt];
      if (!asks || wait === undefined || !worthRepeating(error)) throw error;
      await pause(Math.max(wait, Math.min(error.retryAfter, 5) * 1000), options.signal);
    }
  }
}

/** @param {string} url */
function isSession(url) {
  return url.startsWith(`${BASE}/sessions`) || url.startsWith(`${BASE}/setup`);
}

/**
 * Whether asking again may help: no answer, a server that stops, starts or has much to do, or too
 * many questions at once.
 * @param {Problem} problem
 */
export function worthRepeating(problem) {
  return [0, 429, 502, 503].includes(problem.status);
}

/**
 * @param {string} method
 * @param {string} url
 * @param {Options} options
 * @param {Record<string, string>} headers
 * @param {unknown} body
 * @returns {Promise<Answer>}
 */
async function once(method, url, options, headers, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), options.timeoutMs ?? TIMEOUT_MS);
  const forward = () => stop.abort();
  options.signal?.addEventListener('abort', forward);
  if (options.signal?.aborted) stop.abort();
  try {
    const reply = await fetch(url, {
      method,
      headers: {
        Accept: 'application/json',
        'X-HealthFlow-Client': 'ui',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: stop.signal,
    });
    return await read(reply);
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (options.signal?.aborted) throw new Superseded();
    lost();
    throw new Problem({ code: 'web.no_answer', status: 0 });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', forward);
  }
}

/**
 * @param {Response} reply
 * @returns {Promise<Answer>}
 */
async function read(reply) {
  hearServerTime(reply.headers.get('date'));
  if (connection.value.state !== 'live') comeBack();
  const text = reply.status === 204 ? '' : await reply.text();
  const body = parse(text);
  if (!reply.ok) throw problemOf(reply, body);
  return {
    data: body?.data ?? null,
    meta: body?.meta ?? {},
    body,
    etag: reply.headers.get('etag'),
    status: reply.status,
  };
}

/** @param {string} text */
function parse(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lost() {
  if (connection.value.state === 'lost') return;
  connection.value = { state: 'lost', since: performance.now() };
}

/**
 * @param {number} ms
 * @param {AbortSignal} [until]
 */
function pause(ms, until) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    until?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Superseded());
    });
  });
}
