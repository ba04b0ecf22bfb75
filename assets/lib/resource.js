// What a screen shows of the server: loading, ready, empty, not allowed, not found and failed
// are different states, and a screen cannot mix them up.

import { signal, useEffect, useMemo } from './ui.js';
import { whenBack, worthRepeating } from './api.js';
import { watch } from './live.js';
import { Problem, Superseded } from './problem.js';
import { serverNow } from './time.js';

/**
 * @template T
 * @typedef {object} Loaded
 * @property {'loading' | 'ready' | 'forbidden' | 'missing' | 'failed'} state
 * @property {T | null} data the last good answer, also while it loads again
 * @property {Problem | null} problem
 * @property {boolean} busy
 * @property {'self' | 'news'} [by] who asked for it: the page, or news of a change
 * @property {number} [at] when the data were read, by the server's clock
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
 * Loads when the component starts, whenever `key` changes, and when news of a topic come; gives
 * up what is superseded.
 * @template T
 * @param {string} key names what is loaded
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {{ topics?: string[] }} [options] the same ones for the life of the component
 * @returns {Resource<T>}
 */
export function useResource(key, load, { topics = [] } = {}) {
  const resource = useMemo(() => make(load), [key]);
  useEffect(() => {
    resource.reload();
    const deaf = topics.length > 0 ? watch(topics, () => resource.renew()) : null;
    return () => {
      deaf?.();
      resource.stop();
    };
  }, [resource]);
  return resource;
}

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @returns {Resource<T> & { renew: () => void, stop: () => void }}
 */
function make(load) {
  /** @type {import('./ui.js').Signal<Loaded<T>>} */
  const box = signal(
    /** @type {Loaded<T>} */ ({ state: 'loading', data: null, problem: null, busy: true }),
  );
  let stop = new AbortController();
  let forget = () => {};
  /** The page itself has asked, and has no answer yet: news on the way do not change that. */
  let asked = false;
  /** @param {'self' | 'news'} by */
  const run = async (by) => {
    stop.abort();
    forget();
    stop = new AbortController();
    const mine = stop;
    asked ||= by === 'self';
    box.value = { ...box.peek(), busy: true };
    try {
      const data = await load(mine.signal);
      if (mine !== stop) return;
      const whose = asked ? 'self' : by;
      asked = false;
      box.value = { state: 'ready', data, problem: null, busy: false, by: whose, at: serverNow() };
    } catch (error) {
      if (mine !== stop || error instanceof Superseded) return;
      const problem =
        error instanceof Problem ? error : new Problem({ code: 'ui.failed', status: 0 });
      if (!(error instanceof Problem)) console.error(error);
      const state = stateOf(problem);
      // What one may no longer see is not shown any longer either.
      const data = state === 'failed' ? box.peek().data : null;
      box.value = { ...box.peek(), state, data, problem, busy: false };
      if (worthRepeating(problem)) forget = whenBack(() => void run('news'));
    }
  };
  return Object.assign(box, {
    reload: () => void run('self'),
    renew: () => void run('news'),
    stop: () => {
      stop.abort();
      forget();
    },
  });
}
