// From where on something is wrong: each rule with its thresholds, to be changed, turned off, and
// tried out.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { can } from '../../lib/session.js';
import { CheckField, TextField } from '../../ui/field.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';
import { figureText, ruleText, unitOf } from './system-words.js';

/** @typedef {import('../../types/ui.js').AlertRule} AlertRule */
/** @typedef {import('../../ui/act.js').Run} Run */

const COLUMNS = 6;

/** @param {{ rules: AlertRule[], run: Run, reload: () => void }} props */
export function Rules({ rules, run, reload }) {
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  const done = () => {
    setOpen(null);
    reload();
  };
  const heads = ['what', 'warning', 'critical', 'clear', 'for'];
  return html`<section class="card">
    <div class="card-head"><h2>${t('watch.rules')}</h2></div>
    <p class="quiet card-body">${t('watch.rules_hint')}</p>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('watch.rules')}>
      <table class="table">
        <thead>
          <tr>
            ${heads.map((name) => html`<th key=${name} scope="col">${t(`watch.col_${name}`)}</th>`)}
            <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${rules.map((rule) =>
            open === rule.id
              ? html`<tr key=${rule.id}>
                  <td colspan=${COLUMNS}>
                    ${h(Change, { rule, onDone: done, onCancel: () => setOpen(null) })}
                  </td>
                </tr>`
              : h(Row, { key: rule.id, rule, run, onChange: () => setOpen(rule.id) }),
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** @param {{ rule: AlertRule, run: Run, onChange: () => void }} props */
function Row({ rule, run, onChange }) {
  const name = ruleText(rule.series);
  const figure = (/** @type {string | null} */ text) =>
    text === null ? html`<span class="quiet">–</span>` : threshold(rule, text, rule.direction);
  const good = rule.direction === 'above' ? 'below' : 'above';
  const test = () => run(() => api.post(`/alert-rules/${rule.id}/test`, {}), t('watch.tested'));
  return html`<tr>
    <th scope="row">
      ${name} ${!rule.enabled && h(Tag, { tone: 'neutral', children: t('watch.off') })}
    </th>
    <td class="nums">${figure(rule.warning)}</td>
    <td class="nums">${figure(rule.critical)}</td>
    <td class="nums">
      ${rule.clear === null ? t('watch.same') : threshold(rule, rule.clear, good)}
    </td>
    <td class="nums">${lastText(rule.for_s)}</td>
    <td class="end">
      ${can('system.write') &&
      html`<span class="buttons">
        <button
          class="link"
          type="button"
          aria-label=${t('watch.test_of', { name })}
          onClick=${test}
        >
          ${t('watch.try')}
        </button>
        <button
          class="link"
          type="button"
          aria-label=${t('watch.change_of', { name })}
          onClick=${onChange}
        >
          ${t('watch.change')}
        </button>
      </span>`}
    </td>
  </tr>`;
}

/** `above 500 ms`. @param {AlertRule} rule @param {string} text @param {string} side */
function threshold(rule, text, side) {
  const unit = unitOf(rule.series);
  if (unit === 'yes') return t('watch.if_not');
  return t(`watch.side_${side}`, { value: figureText(Number(text), unit) });
}

/** @param {number} seconds */
function lastText(seconds) {
  if (seconds === 0) return t('watch.at_once');
  return figureText(seconds, 'seconds');
}

/** @param {{ rule: AlertRule, onDone: () => void, onCancel: () => void }} props */
function Change({ rule, onDone, onCancel }) {
  const before = {
    warning: rule.warning ?? '',
    critical: rule.critical ?? '',
    clear: rule.clear ?? '',
    for_s: String(rule.for_s),
    enabled: rule.enabled,
  };
  const [form, setForm] = useState(before);
  useUnsaved(JSON.stringify(form) !== JSON.stringify(before));
  const saving = useSubmit(async () => {
    const { warning, critical, clear, for_s, enabled } = form;
    const number = (/** @type {string} */ text) => text.trim() || null;
    const body = {
      warning: number(warning),
      critical: number(critical),
      clear: number(clear),
      for_s: Number(for_s),
      enabled,
    };
    await api.patch(`/alert-rules/${rule.id}`, body, `"${rule.version}"`);
    return true;
  });
  const set = (/** @type {Partial<typeof form>} */ change) =>
    setForm((old) => ({ ...old, ...change }));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = /^\d+$/.test(form.for_s.trim()) ? {} : { for_s: t('watch.for_mend') };
    if (!(await saving.submit(form, found))) return;
    toast(t('watch.rule_saved'));
    onDone();
  };
  const unit = t(`watch.unit_${unitOf(rule.series)}`);
  const field = (/** @type {'warning' | 'critical' | 'clear' | 'for_s'} */ id) =>
    h(TextField, {
      id,
      label: t(`watch.field_${id}`, { unit }),
      hint: t(`watch.hint_${id}`),
      value: form[id],
      size: 12,
      dir: 'ltr',
      inputmode: 'decimal',
      onInput: (text) => set({ [id]: text }),
      error: saving.errors[id],
    });
  return html`<form class="stack" novalidate onSubmit=${submit}>
    <h3>${ruleText(rule.series)}</h3>
    ${h(ErrorSummary, saving)}
    <div class="fields">
      ${field('warning')} ${field('critical')} ${field('clear')} ${field('for_s')}
    </div>
    ${h(CheckField, {
      id: 'enabled',
      label: t('watch.enabled'),
      checked: form.enabled,
      onChange: (enabled) => set({ enabled }),
    })}
    <div class="buttons">
      <button class="button primary" type="submit" disabled=${saving.busy}>
        ${t('users.save')}
      </button>
      <button class="button" type="button" onClick=${onCancel}>${t('security.cancel')}</button>
    </div>
  </form>`;
}
