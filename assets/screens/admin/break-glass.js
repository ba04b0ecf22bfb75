// Who opened whose record in an emergency: a list that is to be worked off, the longest waiting
// first.

import { classes, h, html, onText, useLayoutEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { useResource } from '../../lib/resource.js';
import { navigate } from '../../lib/router.js';
import { can, session } from '../../lib/session.js';
import { PatientLine } from '../../clinical/identity.js';
import { Field, RadioField, describedBy } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';

/** @typedef {import('../../types/ui.js').Patient} Patient */
/**
 * @typedef {object} Glass
 * @property {string} id
 * @property {{ id: string, display_name: string, role: string }} user
 * @property {Patient} patient
 * @property {string} reason
 * @property {string} text
 * @property {string} opened_at
 * @property {string} expires_at
 * @property {string | null} closed_at
 * @property {boolean} open
 * @property {string | null} reviewed_at
 * @property {{ display_name: string | null } | null} reviewed_by
 * @property {'justified' | 'not_justified' | null} verdict
 * @property {string | null} review_note
 * @property {boolean} overdue
 * @property {number} visits_recorded
 */

export const meta = {
  title: 'break_glass.title',
  permission: 'break_glass.review',
  area: 'break_glass',
};

const LIMIT = 100;
const NOTE_MIN = 10;
const NOTE_MAX = 1000;

export function Screen() {
  const [waiting, setWaiting] = useState(true);
  const [chosen, setChosen] = useState(/** @type {string | null} */ (null));
  const list = useResource(
    `break-glass ${waiting}`,
    async (signal) => {
      const params = { reviewed: waiting ? false : undefined, limit: LIMIT };
      const { data, body } = await api.get('/break-glass', params, { signal });
      return { rows: /** @type {Glass[]} */ (data), meta: body.meta };
    },
    { topics: ['break-glass'] },
  );
  const rows = list.value.data?.rows ?? [];
  const open = rows.find((one) => one.id === chosen) ?? null;
  const step = (/** @type {1 | -1} */ by) => {
    const at = rows.findIndex((one) => one.id === chosen);
    const next = rows[at < 0 ? 0 : at + by];
    if (next) setChosen(next.id);
  };
  useKeys([
    { keys: 'J', label: t('break_glass.key_next'), run: () => step(1) },
    { keys: 'K', label: t('break_glass.key_before'), run: () => step(-1) },
  ]);
  const done = () => {
    // On to the next one, so that the list is worked off without the mouse.
    const at = rows.findIndex((one) => one.id === chosen);
    setChosen((rows[at + 1] ?? rows[at - 1])?.id ?? null);
    list.reload();
  };
  const { waiting: count = 0, overdue = 0 } = list.value.data?.meta ?? {};
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('break_glass.title')}</h1>
      <div class="actions" role="group" aria-label=${t('break_glass.which')}>
        ${[true, false].map(
          (one) => html`<button
            key=${one}
            class=${classes('button', waiting === one && 'primary')}
            type="button"
            aria-pressed=${waiting === one}
            onClick=${() => {
              setWaiting(one);
              setChosen(null);
            }}
          >
            ${t(one ? 'break_glass.waiting' : 'break_glass.all')}
          </button>`,
        )}
      </div>
    </div>
    <p role="status">
      ${t('break_glass.count', { count })}
      ${0 < overdue &&
      html` ${h(Tag, { tone: 'crit', children: t('break_glass.overdue', { count: overdue }) })}`}
    </p>
    <div class=${classes('with-panel', open !== null && 'open')}>
      <section class="card">
        ${h(Shown, {
          of: list.value,
          what: t('break_glass.title'),
          retry: list.reload,
          children: () =>
            rows.length === 0
              ? h(Empty, { title: t('break_glass.none'), icon: 'check' })
              : h(Table, { rows, chosen, onOpen: setChosen }),
        })}
      </section>
      ${open && h(Review, { key: open.id, of: open, onClose: () => setChosen(null), onDone: done })}
    </div>
    <p class="key-line small quiet">${t('break_glass.keys')}</p>
  </div>`;
}

/** @param {{ rows: Glass[], chosen: string | null, onOpen: (id: string) => void }} props */
function Table({ rows, chosen, onOpen }) {
  return html`<div
    class="table-box"
    tabindex="0"
    role="region"
    aria-label=${t('break_glass.title')}
  >
    <table class="table break-glass">
      <thead>
        <tr>
          ${['who', 'whom', 'why', 'when', 'state'].map(
            (one) => html`<th key=${one} scope="col">${t(`break_glass.col_${one}`)}</th>`,
          )}
          <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (one) => html`<tr key=${one.id} class=${classes(one.id === chosen && 'on')}>
            <th scope="row"><bdi>${one.user.display_name}</bdi></th>
            <td>${h(PatientLine, { of: one.patient })}</td>
            <td>
              ${t(`emergency.reason_${one.reason}`)}
              <span class="break-glass-text" dir="auto">${one.text}</span>
            </td>
            <td>${h(Instant, { at: one.opened_at })}</td>
            <td>${h(State, { of: one })}</td>
            <td class="end">
              <button
                class="link"
                type="button"
                aria-label=${t('break_glass.review_of', { name: one.user.display_name })}
                onClick=${() => onOpen(one.id)}
              >
                ${t(one.reviewed_at ? 'break_glass.look' : 'break_glass.review')}
              </button>
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** @param {{ of: Glass }} props */
function State({ of }) {
  const state =
    of.verdict === 'justified'
      ? h(Tag, { tone: 'ok', children: t('break_glass.justified') })
      : of.verdict === 'not_justified'
        ? h(Tag, { tone: 'crit', children: t('break_glass.not_justified') })
        : of.overdue
          ? h(Tag, { tone: 'crit', icon: 'clock', children: t('break_glass.is_overdue') })
          : h(Tag, { tone: 'warn', icon: 'wait', children: t('break_glass.is_waiting') });
  return html`${state} ${of.open && h(Tag, { tone: 'note', children: t('break_glass.is_open') })}`;
}

/** @param {{ of: Glass, onClose: () => void, onDone: () => void }} props */
function Review({ of, onClose, onDone }) {
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useKeys([{ keys: 'Escape', label: t('panel.close'), run: onClose }]);
  useLayoutEffect(() => head.current?.focus(), []);
  const own = of.user.id === session.value?.user.id;
  return html`<aside class="card panel" aria-labelledby="panel-title">
    <div class="card-head">
      <h2 id="panel-title" tabindex="-1" ref=${head}><bdi>${of.user.display_name}</bdi></h2>
      <button
        class="panel-close end"
        type="button"
        aria-label=${t('panel.close')}
        onClick=${onClose}
      >
        ${h(Icon, { name: 'close' })}
      </button>
    </div>
    <div class="card-body stack">
      <p>${h(PatientLine, { of: of.patient })}</p>
      <p><b>${t(`emergency.reason_${of.reason}`)}</b><br /><span dir="auto">${of.text}</span></p>
      <p class="small">
        ${h(Instant, { at: of.opened_at })} – ${h(Instant, { at: of.closed_at ?? of.expires_at })}
      </p>
      ${0 < of.visits_recorded &&
      html`<p class="alert warn">${t('break_glass.visits', { count: of.visits_recorded })}</p>`}
      ${can('audit.read') &&
      html`<p>
        <button class="link" type="button" onClick=${() => lookedAt(of)}>
          ${t('break_glass.looked')}
        </button>
      </p>`}
      ${of.reviewed_at
        ? h(Reviewed, { of })
        : own
          ? html`<p class="alert info">${t('break_glass.own')}</p>`
          : h(Verdict, { of, onDone })}
    </div>
  </aside>`;
}

/** What this person did with the patient, in the audit. @param {Glass} of */
function lookedAt(of) {
  navigate('/admin/audit', { given: { actor: of.user.id, patient: of.patient.id } });
}

/** @param {{ of: Glass }} props */
function Reviewed({ of }) {
  return html`<div class="stack">
    <p>${h(State, { of })}</p>
    ${of.review_note && html`<p dir="auto">${of.review_note}</p>`}
    <p class="small quiet">
      <bdi>${of.reviewed_by?.display_name}</bdi> ${h(Instant, { at: of.reviewed_at ?? '' })}
    </p>
  </div>`;
}

/** @param {{ of: Glass, onDone: () => void }} props */
function Verdict({ of, onDone }) {
  const [form, setForm] = useState({ verdict: '', note: '' });
  useUnsaved(form.note.trim() !== '');
  const saving = useSubmit(async () => {
    await api.post(`/break-glass/${of.id}/review`, form);
    return true;
  });
  const send = async () => {
    if (!(await saving.submit(form, check(form)))) return;
    toast(t('break_glass.done'));
    onDone();
  };
  useKeys([{ keys: 'Ctrl+Enter', label: t('break_glass.save'), run: send, always: true }]);
  const error = saving.errors.note;
  return html`<form
    class="stack"
    novalidate
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      send();
    }}
  >
    ${h(ErrorSummary, saving)}
    ${h(RadioField, {
      id: 'verdict',
      label: t('break_glass.verdict'),
      column: true,
      value: form.verdict,
      onChange: (verdict) => setForm({ ...form, verdict }),
      options: ['justified', 'not_justified'].map((value) => ({
        value,
        label: t(`break_glass.${value}`),
      })),
      error: saving.errors.verdict,
    })}
    ${h(Field, {
      id: 'note',
      label: t('break_glass.note'),
      error,
      optional: form.verdict !== 'not_justified',
      children: html`<textarea
        id="note"
        class="input"
        rows="3"
        maxlength=${NOTE_MAX}
        value=${form.note}
        aria-invalid=${error ? 'true' : undefined}
        aria-describedby=${describedBy({ id: 'note', error })}
        onInput=${onText((note) => setForm({ ...form, note }))}
      ></textarea>`,
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('break_glass.save')} <kbd>Ctrl Enter</kbd>
      </button>
    </div>
  </form>`;
}

/** @param {{ verdict: string, note: string }} form */
function check({ verdict, note }) {
  const short = verdict === 'not_justified' && note.trim().length < NOTE_MIN;
  return {
    verdict: verdict ? undefined : t('break_glass.verdict_needed'),
    note: short ? t('break_glass.note_needed') : undefined,
  };
}
