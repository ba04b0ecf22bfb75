// The side panel: short tasks beside the record. One at a time; it names the patient again.

import { h, html, signal, useEffect, useLayoutEffect, useRef } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { askLeave } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { guardUnsaved } from '../../lib/router.js';
import { DateText, Id, PatientName } from '../../clinical/primitives.js';
import { useRecord } from '../../clinical/record-store.js';

/**
 * @typedef {object} Task
 * @property {string} patientId
 * @property {string} title in words
 * @property {(props: { patientId: string, close: () => void }) => any} Form
 * @property {string} key another key is another form
 */

/** @type {import('../../lib/ui.js').Signal<Task | null>} */
export const task = signal(null);
/** Whether the open form holds something that would be lost. */
export const unsaved = signal(false);

/** The element that had the focus before the panel opened. @type {Element | null} */
let opener = null;

/**
 * Opens a task; asks first when another one holds unsaved text.
 * @param {Task} next
 */
export async function openTask(next) {
  if (task.value?.key === next.key) return;
  if (unsaved.value && !(await askLeave())) return;
  if (!task.value) opener = document.activeElement;
  unsaved.value = false;
  task.value = next;
}

/** Closes without asking; the focus goes back to where it came from. */
export function closeTask() {
  unsaved.value = false;
  task.value = null;
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  opener = null;
}

async function leave() {
  // Esc in a question answers the question.
  if (document.querySelector('dialog[open]')) return;
  if (!unsaved.value || (await askLeave())) closeTask();
}

/** @param {{ patientId: string }} props */
export function SidePanel({ patientId }) {
  const open = task.value;
  useEffect(
    () => () => {
      // Another tab or another patient: what was begun here ends here.
      task.value = null;
      unsaved.value = false;
      opener = null;
    },
    [patientId],
  );
  if (!open || open.patientId !== patientId) return null;
  return h(Panel, { key: open.key, open });
}

/** @param {{ open: Task }} props */
function Panel({ open }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const patient = useRecord(open.patientId, 'patient').data;
  // Before the next key: what is typed at once belongs into the first field.
  useLayoutEffect(() => {
    guardUnsaved(() => unsaved.value);
    const fields = 'form input, form select, form textarea';
    const first = box.current?.querySelector('[data-first]') ?? box.current?.querySelector(fields);
    if (first instanceof HTMLElement) first.focus();
    // Not a key of the page: those rest while somebody writes, and take Esc from a question.
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (document.querySelector('dialog[open]')) return;
      // Or the same key would go on to answer the question that it opens.
      event.preventDefault();
      leave();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      guardUnsaved(null);
      document.removeEventListener('keydown', onKey);
    };
  }, []);
  return html`<aside class="panel" ref=${box} aria-labelledby="panel-title">
    <header>
      <div>
        <h2 id="panel-title">${open.title}</h2>
        ${
          patient &&
          html`<p class="panel-who">
          ${h(PatientName, patient)} <span class="quiet">${h(DateText, {
            recorded: patient.birth_date,
            about: patient.birth_date_estimated,
          })} · ${h(Id, { value: patient.mrn })}</span>
        </p>`
        }
      </div>
      <button class="panel-close" type="button" aria-label=${t('panel.close')} onClick=${leave}>
        ${h(Icon, { name: 'close' })}
      </button>
    </header>
    <div class="panel-body">${h(open.Form, { patientId: open.patientId, close: closeTask })}</div>
  </aside>`;
}
