// Records that this person has opened in an emergency: which are open, until when, and the mark
// that stands over such a record as long as it lasts.

import { h, html, signal, useEffect, useState } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { can, session } from '../lib/session.js';
import { now } from '../lib/time.js';
import { Problem } from '../lib/problem.js';
import { Icon } from '../ui/icon.js';
import { explain } from '../ui/state.js';
import { toast } from '../ui/toast.js';
import { refresh } from './record-store.js';

/** @typedef {import('../types/ui.js').Patient} Patient */
/**
 * @typedef {object} Glass
 * @property {string} id
 * @property {{ id: string }} patient
 * @property {string} reason
 * @property {string} text
 * @property {string} opened_at
 * @property {string} expires_at
 */

/** Who is opened from a list, so that the page can say whose record it is. In memory only. */
export const named = signal(/** @type {Patient | null} */ (null));

/** Whose list it is, and what is in it. */
const open = signal({ user: '', of: /** @type {Glass[]} */ ([]) });

/** Asks once for each person who signs in which ones are open. */
async function learn() {
  const user = session.peek()?.user.id ?? '';
  if (!user || open.peek().user === user || !can('break_glass.use')) return;
  open.value = { user, of: [] };
  try {
    const { data } = await api.get('/break-glass', { open: true, user_id: user });
    open.value = { user, of: data };
  } catch (error) {
    // The record opens or does not without it; the next record asks again.
    if (!(error instanceof Problem)) console.error(error);
    open.value = { user: '', of: [] };
  }
}

/**
 * Opens a record.
 * @param {string} patientId
 * @param {{ reason: string, text: string }} why
 * @returns {Promise<Glass>}
 */
export async function breakGlass(patientId, why) {
  const { data } = await api.post('/break-glass', { patient_id: patientId, ...why });
  const others = open.peek().of.filter((one) => one.id !== data.id);
  open.value = { user: session.peek()?.user.id ?? '', of: [...others, data] };
  return data;
}

/** @param {Glass} glass */
async function endGlass(glass) {
  await api.del(`/break-glass/${glass.id}`);
  open.value = { ...open.peek(), of: open.peek().of.filter((one) => one.id !== glass.id) };
}

/** `59 min`, in the last two minutes `1 min 07 s`. @param {number} left in milliseconds */
export function leftText(left) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  const minutes = Math.floor(seconds / 60);
  if (120 <= seconds) return t('emergency.minutes', { count: Math.ceil(seconds / 60) });
  return t('emergency.seconds', { minutes, seconds: String(seconds % 60).padStart(2, '0') });
}

/**
 * Over the record: why it is open, how long still, and the way to end it.
 * @param {{ patientId: string }} props
 */
export function EmergencyMark({ patientId }) {
  useEffect(() => void learn(), [patientId, session.value]);
  const glass = open.value.of.find((one) => one.patient.id === patientId);
  return glass ? h(Mark, { key: glass.id, glass, patientId }) : null;
}

/** @param {{ glass: Glass, patientId: string }} props */
function Mark({ glass, patientId }) {
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const whole = Date.parse(glass.expires_at) - Date.parse(glass.opened_at);
  // This machine's clock may be behind that of the server.
  const left = Math.min(whole, Date.parse(glass.expires_at) - now.value);
  const over = left <= 0;
  useEffect(() => {
    if (!over) return;
    open.value = { ...open.peek(), of: open.peek().of.filter((one) => one.id !== glass.id) };
    refresh(patientId, 'patient');
  }, [over]);
  const end = async () => {
    try {
      await endGlass(glass);
      toast(t('emergency.ended'));
      refresh(patientId, 'patient');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return html`<aside class="emergency-mark" aria-label=${t('emergency.mark')}>
    ${h(Icon, { name: 'warn' })}
    <p>
      <strong>${t('emergency.mark')}</strong>
      <span>${t(`emergency.reason_${glass.reason}`)}</span>
      <span class="emergency-left" role="timer"
        >${t('emergency.left', { time: leftText(left) })}</span
      >
      ${problem && html`<span role="alert">${explain(problem)}</span>`}
    </p>
    <button class="button" type="button" onClick=${end}>${t('emergency.end')}</button>
  </aside>`;
}
