// Dialogs: only for decisions. Native `<dialog>`, so the focus stays inside and Esc cancels;
// the first focus is on the safe button.

import { classes, h, html, signal, useLayoutEffect, useRef } from '../lib/ui.js';
import { t } from '../lib/i18n.js';

/** @typedef {import('../lib/ui.js').Children} Children */

/**
 * @param {{ title: string, onClose: () => void, children: Children, wide?: boolean,
 *   class?: string }} props
 */
export function Dialog({ title, onClose, children, wide, class: name }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog
    ref=${box}
    class=${classes('dialog', wide && 'wide', name)}
    aria-labelledby="dialog-title"
    onCancel=${(/** @type {Event} */ event) => {
      event.preventDefault();
      onClose();
    }}
  >
    <h2 id="dialog-title">${title}</h2>
    ${children}
  </dialog>`;
}

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text each line is a paragraph
 * @property {string} yes what is done, as a verb
 * @property {string} no the safe way, as a verb
 * @property {boolean} [danger]
 */

/** @type {import('../lib/ui.js').Signal<(Question & { answer: (yes: boolean) => void }) | null>} */
const asked = signal(null);

/**
 * Asks one question and waits.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function ask(question) {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

/** The question now asked, if any; mounted once by the shell. */
export function Asked() {
  const question = asked.value;
  if (!question) return null;
  return h(Dialog, {
    title: question.title,
    onClose: () => question.answer(false),
    children: html`${question.text.split('\n').map((line) => html`<p key=${line}>${line}</p>`)}
      <div class="buttons">
        <button class="button" type="button" onClick=${() => question.answer(false)}>
          ${question.no}
        </button>
        <button
          class=${classes('button', question.danger ? 'danger' : 'primary')}
          type="button"
          onClick=${() => question.answer(true)}
        >
          ${question.yes}
        </button>
      </div>`,
  });
}

/** The question before unsaved work is left. */
export function askLeave() {
  return ask({
    title: t('leave.title'),
    text: t('leave.text'),
    yes: t('leave.yes'),
    no: t('leave.no'),
    danger: true,
  });
}
