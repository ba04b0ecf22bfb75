// Which group gives which role: the first line that fits holds, so lines can be moved.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { roleName } from '../../lib/roles.js';
import { FieldError, SelectField, TextField } from '../../ui/field.js';
import { useHouse } from './house.js';

/** @typedef {{ group: string, role: string, facility_id?: string | null }} Rule */

/**
 * @param {{ id: string, rules: Rule[], errors: Record<string, string>, disabled: boolean,
 *   hint: string, onChange: (rules: Rule[]) => void }} props
 */
export function RoleRules({ id, rules, errors, disabled, hint, onChange }) {
  const { roles } = useHouse();
  const set = (/** @type {number} */ at, /** @type {Partial<Rule>} */ change) =>
    onChange(rules.map((rule, i) => (i === at ? { ...rule, ...change } : rule)));
  const up = (/** @type {number} */ at) => {
    const moved = [...rules];
    moved.splice(at - 1, 0, ...moved.splice(at, 1));
    onChange(moved);
  };
  const all = errors.mapping;
  return html`<fieldset class="field rules" id=${`${id}-mapping`}>
    <legend>${t('ways.rules')}</legend>
    <p class="hint">${hint}</p>
    ${all && h(FieldError, { id: `${id}-mapping`, error: all })}
    ${rules.map(
      (rule, at) => html`<div key=${at} class="rule">
        ${h(TextField, {
          id: `${id}-mapping[${at}].group`,
          label: t('ways.rule_group', { number: at + 1 }),
          value: rule.group,
          disabled,
          dir: 'ltr',
          maxlength: 400,
          onInput: (group) => set(at, { group }),
          error: errors[`mapping[${at}].group`],
        })}
        ${h(SelectField, {
          id: `${id}-mapping[${at}].role`,
          label: t('ways.rule_role', { number: at + 1 }),
          value: rule.role,
          disabled,
          onChange: (role) => set(at, { role }),
          options: roles
            .filter((role) => role.active || role.code === rule.role)
            .map((role) => ({ value: role.code, label: roleName(role) })),
          error: errors[`mapping[${at}].role`],
        })}
        ${!disabled &&
        html`<div class="buttons">
          ${at > 0 &&
          html`<button
            class="link"
            type="button"
            aria-label=${t('ways.rule_up_of', { number: at + 1 })}
            onClick=${() => up(at)}
          >
            ${t('ways.rule_up')}
          </button>`}
          <button
            class="link"
            type="button"
            aria-label=${t('ways.rule_remove_of', { number: at + 1 })}
            onClick=${() => onChange(rules.filter((_, i) => i !== at))}
          >
            ${t('ways.rule_remove')}
          </button>
        </div>`}
      </div>`,
    )}
    ${!disabled &&
    html`<div class="buttons">
      <button
        class="button"
        type="button"
        onClick=${() => onChange([...rules, { group: '', role: 'nurse' }])}
      >
        ${t('ways.rule_add')}
      </button>
    </div>`}
  </fieldset>`;
}
