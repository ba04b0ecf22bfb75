// Times in which nobody is told: during an upgrade, or while somebody mends it. What is raised
// meanwhile stands in the history, and is told afterwards if it is still so.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { serverNow } from '../../lib/time.js';
import { SelectField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Instant } from '../../ui/instant.js';
import { toast } from '../../ui/toast.js';
import { ruleText } from './system-words.js';

/** @typedef {import('../../types/ui.js').AlertRule} AlertRule */
/** @typedef {import('../../types/ui.js').Silence} Silence */
/** @typedef {import('../../ui/act.js').Run} Run */

const MINUTES = ['30', '120', '480', '1440'];
const REASON_MAX = 200;

/** @param {{ silences: Silence[], rules: AlertRule[], run: Run, reload: () => void }} props */
export function Silences({ silences, rules, run, reload }) {
  const holding = silences.filter(
    (one) => 0 < one.minutes && serverNow() < Date.parse(one.until_at),
  );
  return html`<section class="card" aria-labelledby="silence-title">
    <div class="card-head"><h2 id="silence-title">${t('watch.silence')}</h2></div>
    <div class="card-body stack">
      ${holding.length === 0
        ? html`<p class="quiet">${t('watch.no_silence')}</p>`
        : html`<ul class="plain">
            ${holding.map((of) => h(Holding, { key: of.id, of, rules, run }))}
          </ul>`}
      ${can('system.write') && h(Form, { rules, reload })}
    </div>
  </section>`;
}

/** @param {AlertRule[]} rules @param {string | null} id */
function whatText(rules, id) {
  const rule = rules.find((one) => one.id === id);
  return rule ? ruleText(rule.series) : t('watch.all_rules');
}

/** @param {{ of: Silence, rules: AlertRule[], run: Run }} props */
function Holding({ of, rules, run }) {
  const what = whatText(rules, of.rule_id);
  const end = () =>
    run(
      () => api.patch(`/alert-silences/${of.id}`, { minutes: 0 }, `"${of.version}"`),
      t('watch.silence_ended'),
    );
  return html`<li>
    <strong>${what}</strong> ${t('watch.until')} ${h(Instant, { at: of.until_at })}: ${of.reason}
    ${of.ordered_name && html` <span class="quiet small">(${of.ordered_name})</span>`}
    ${can('system.write') &&
    html`${' '}<button
        class="link"
        type="button"
        aria-label=${t('watch.end_silence_of', { name: what })}
        onClick=${end}
      >
        ${t('watch.end_silence')}
      </button>`}
  </li>`;
}

/** @param {{ rules: AlertRule[], reload: () => void }} props */
function Form({ rules, reload }) {
  const [form, setForm] = useState({ rule_id: '', minutes: '30', reason: '' });
  const saving = useSubmit(async ({ key }) => {
    const rule_id = form.rule_id || null;
    const body = { rule_id, minutes: Number(form.minutes), reason: form.reason };
    await api.post('/alert-silences', body, { idempotencyKey: key });
    return true;
  });
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = form.reason.trim() ? {} : { reason: t('watch.reason_missing') };
    if (!(await saving.submit(form, found))) return;
    toast(t('watch.silence_begun'));
    set({ reason: '' });
    reload();
  };
  const rulesToPick = rules.map((rule) => ({ value: rule.id, label: ruleText(rule.series) }));
  return html`<details>
    <summary>${t('watch.begin_silence')}</summary>
    <form class="stack" novalidate onSubmit=${submit}>
      ${h(ErrorSummary, saving)}
      <div class="fields">
        ${h(SelectField, {
          id: 'rule_id',
          label: t('watch.silence_what'),
          value: form.rule_id,
          onChange: (rule_id) => set({ rule_id }),
          options: [{ value: '', label: t('watch.all_rules') }, ...rulesToPick],
        })}
        ${h(SelectField, {
          id: 'minutes',
          label: t('watch.silence_for'),
          value: form.minutes,
          onChange: (minutes) => set({ minutes }),
          options: MINUTES.map((value) => ({ value, label: t(`watch.minutes_${value}`) })),
        })}
      </div>
      ${h(TextField, {
        id: 'reason',
        label: t('watch.reason'),
        hint: t('watch.reason_hint'),
        value: form.reason,
        maxlength: REASON_MAX,
        onInput: (reason) => set({ reason }),
        error: saving.errors.reason,
      })}
      <div class="buttons">
        <button class="button" type="submit" disabled=${saving.busy}>
          ${t('watch.silence_begin')}
        </button>
      </div>
    </form>
  </details>`;
}
