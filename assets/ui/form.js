// Forms: what a person typed is kept whatever the answer; the summary of errors gets the focus
// and links to the fields; the same body sent again carries the same idempotency key.

import { h, html, useEffect, useLayoutEffect, useRef, useState } from '../lib/ui.js';
import { idempotencyKey } from '../lib/api.js';
import { guardUnsaved } from '../lib/router.js';
import { t } from '../lib/i18n.js';
import { Problem } from '../lib/problem.js';
import { explain } from './state.js';
import { Icon } from './icon.js';

/** @typedef {import('../lib/problem.js').FieldError} FieldError */
/** @typedef {Record<string, string>} Errors by the id of the field */

/** More would push the fields out of sight; each stands at its field anyway. */
const TOLD_MAX = 3;

/**
 * @param {{ errors: Errors, problem?: Problem | null, round: number, title?: string }} props
 *   `round` counts the attempts: each new one takes the focus; `title` says what did not happen
 */
export function ErrorSummary({ errors, problem, round, title = t('form.not_saved') }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const entries = Object.entries(errors);
  const any = entries.length > 0 || Boolean(problem);
  useLayoutEffect(() => {
    if (any) box.current?.focus();
  }, [round]);
  if (!any) return null;
  return html`<div class="alert crit" role="alert" tabindex="-1" ref=${box}>
    ${h(Icon, { name: 'warn' })}
    <div>
      <p class="alert-title">
        ${entries.length > 0 ? t('form.errors', { count: entries.length }) : title}
      </p>
      ${problem &&
      (entries.length === 0 || problem.status !== 422) &&
      html`<p>${explain(problem)}</p>`}
      ${entries.length > 0 &&
      html`<ul>
        ${entries.slice(0, TOLD_MAX).map(
          ([id, message]) =>
            html`<li key=${id}>
              <a href=${`#${id}`} onClick=${(/** @type {Event} */ e) => jump(e, id)}>${message}</a>
            </li>`,
        )}
        ${TOLD_MAX < entries.length &&
        html`<li>${t('form.more_errors', { count: entries.length - TOLD_MAX })}</li>`}
      </ul>`}
      ${problem?.requestId &&
      problem.status >= 500 &&
      html`<p class="small">${t('state.code', { code: problem.code, id: problem.requestId })}</p>`}
    </div>
  </div>`;
}

/** @param {Event} event @param {string} id */
function jump(event, id) {
  event.preventDefault();
  const field = document.getElementById(id);
  field?.closest('details')?.setAttribute('open', '');
  field?.focus();
}

/**
 * Sends a form. While it is under way the button is off, so a double click is one change; after
 * no answer the same body goes out with the same key, so it cannot be made twice.
 * @template T
 * @param {(send: { key: string }) => Promise<T>} send
 * @param {(errors: FieldError[]) => Errors} [place] which field of the form an error belongs to
 */
export function useSubmit(send, place = byName) {
  const [state, setState] = useState({
    busy: false,
    round: 0,
    errors: /** @type {Errors} */ ({}),
    problem: /** @type {Problem | null} */ (null),
  });
  const key = useRef(idempotencyKey());
  const last = useRef('');
  const busy = useRef(false);

  /**
   * @param {unknown} body only compared: another body needs another key
   * @param {Record<string, string | undefined>} [found] what the form itself found wrong;
   *   nothing is sent then
   * @returns {Promise<T | null>} null when it was not saved
   */
  const submit = async (body, found = {}) => {
    if (busy.current) return null;
    const wrong = Object.entries(found).filter(([, message]) => message !== undefined);
    if (wrong.length > 0) {
      const errors = /** @type {Errors} */ (Object.fromEntries(wrong));
      setState((old) => ({ ...old, errors, problem: null, round: old.round + 1 }));
      return null;
    }
    const text = JSON.stringify(body);
    if (text !== last.current) key.current = idempotencyKey();
    last.current = text;
    busy.current = true;
    setState((old) => ({ ...old, busy: true, errors: {}, problem: null }));
    try {
      const done = await send({ key: key.current });
      key.current = idempotencyKey();
      setState((old) => ({ ...old, busy: false }));
      return done;
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 });
      if (!(error instanceof Problem)) console.error(error);
      // An answer ends the attempt; only silence leaves open whether it was done.
      if (problem.status !== 0) key.current = idempotencyKey();
      setState((old) => ({
        busy: false,
        round: old.round + 1,
        errors: place(problem.errors),
        problem,
      }));
      return null;
    } finally {
      busy.current = false;
    }
  };
  /**
   * Takes back what was said about fields that were changed since.
   * @param {string[]} names ids, or lists whose fields begin with the name of an entry
   */
  const touch = (names) => {
    const changed = (/** @type {string} */ id) =>
      names.some((name) => id === name || id.startsWith(`${name.replace(/s$/, '')}-`));
    setState((old) => {
      const left = Object.entries(old.errors).filter(([id]) => !changed(id));
      return left.length === Object.keys(old.errors).length
        ? old
        : { ...old, errors: Object.fromEntries(left) };
    });
  };
  return { ...state, submit, touch };
}

/** @param {FieldError[]} errors @returns {Errors} */
function byName(errors) {
  return Object.fromEntries(errors.map((one) => [one.field, one.message]));
}

/**
 * Asks before the screen is left while `dirty`.
 * @param {boolean} dirty
 */
export function useUnsaved(dirty) {
  const now = useRef(dirty);
  now.current = dirty;
  useEffect(() => {
    guardUnsaved(() => now.current);
    return () => guardUnsaved(null);
  }, []);
}
