// What a screen shows of the server: loading, ready, empty, not allowed, not found and failed
// are different states, and a screen cannot mix them up.

import { signal, useEffect, useMemo } from './ui.js';
import { Problem, Superseded } from './problem.js';

/**
 * @template T
 * @typedef {object} Loaded
 * @property {'loading' | 'ready' | 'forbidden' | 'missing' | 'failed'} state
 * @property {T | null} data the last good answer, also while it loads again
 * @property {Problem | null} problem
 * @property {boolean} busy
 */

/**
 * @template T
 * @typedef {import('./ui.js').Signal<Loaded<T>> & { reload: () => void }} Resource
 */

/** @param {Problem} problem */
export function stateOf(problem) {
  if (problem.status === 403) return /** @type {const} */ ('forbidden');
  if (problem.status === 404) return /** @type {const} */ ('missing');
  return /** @type {const} */ ('failed');
}

/**
 * Loads when the component starts and whenever `key` changes; gives up what is superseded.
 * @template T
 * @param {string} key names what is loaded
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @returns {Resource<T>}
 */
export function useResource(key, load) {
  const resource = useMemo(() => make(load), [key]);
  useEffect(() => {
    resource.reload();
    return () => resource.stop();
  }, [resource]);
  return resource;
}

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @returns {Resource<T> & { stop: () => void }}
 */
function make(load) {
  /** @type {import('./ui.js').Signal<Loaded<T>>} */
  const box = signal(
    /** @type {Loaded<T>} */ ({ state: 'loading', data: null, problem: null, busy: true }),
  );
  let stop = new AbortController();
  const reload = async () => {
    stop.abort();
    stop = new AbortController();
    const mine = stop;
    box.value = { ...box.peek(), busy: true };
    try {
      const data = await load(mine.signal);
      if (mine === stop) box.value = { state: 'ready', data, problem: null, busy: false };
    } catch (error) {
      if (mine !== stop || error instanceof Superseded) return;
      const problem =
        error instanceof Problem ? error : new Problem({ code: 'ui.failed', status: 0 });
      if (!(error instanceof Problem)) console.error(error);
      box.value = { state: stateOf(problem), data: box.peek().data, problem, busy: false };
    }
  };
  return Object.assign(box, { reload, stop: () => stop.abort() });
}
