// Form fields: label above, hint, error below with an icon, all tied together for a screen
// reader. No placeholder is a label; what is optional says so.

import { classes, h, html, onCheck, onText } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { Icon } from './icon.js';

/** @typedef {import('../lib/ui.js').Children} Children */
/**
 * @typedef {object} Common
 * @property {string} id also the name of the field in error messages
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [error]
 * @property {boolean} [optional]
 * @property {boolean} [disabled]
 */

/** @param {Common & { children: Children, note?: Children, narrow?: boolean }} props */
export function Field({ id, label, hint, error, optional, children, note, narrow }) {
  return html`<div class=${classes('field', error && 'wrong', narrow && 'narrow')}>
    <label for=${id}>${label}${optional && h(Optional, {})}</label>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`} ${children}
    ${note && html`<p class="echo" id=${`${id}-echo`}>${note}</p>`}
    ${error && h(FieldError, { id, error })}
  </div>`;
}

export function Optional() {
  return html` <span class="optional">${t('field.optional')}</span>`;
}

/** @param {{ id: string, error: string }} props */
export function FieldError({ id, error }) {
  return html`<p class="error" id=${`${id}-error`}>${h(Icon, { name: 'warn' })} ${error}</p>`;
}

/** @param {{ id: string, hint?: unknown, error?: unknown, note?: unknown }} parts */
export function describedBy({ id, hint, error, note }) {
  const ids = [hint && `${id}-hint`, note && `${id}-echo`, error && `${id}-error`];
  return ids.filter(Boolean).join(' ') || undefined;
}

/**
 * @param {Common & { value: string, onInput: (text: string) => void, type?: string,
 *   autocomplete?: string, onBlur?: () => void, note?: Children, size?: number,
 *   inputmode?: string, narrow?: boolean, dir?: string, maxlength?: number,
 *   spellcheck?: boolean, list?: string[] }} props
 */
export function TextField(props) {
  const { id, value, onInput, type, list, error, disabled, size, ...rest } = props;
  const input = html`<input
    id=${id}
    class="input"
    type=${type ?? 'text'}
    value=${value}
    disabled=${disabled}
    size=${size}
    style=${size ? { inlineSize: `calc(${size}ch + 24px)` } : undefined}
    maxlength=${rest.maxlength ?? 200}
    autocomplete=${rest.autocomplete ?? 'off'}
    autocapitalize="off"
    spellcheck=${rest.spellcheck ?? false}
    inputmode=${rest.inputmode}
    dir=${rest.dir}
    list=${list ? `${id}-list` : undefined}
    aria-invalid=${error ? 'true' : undefined}
    aria-describedby=${describedBy(props)}
    onInput=${onText(onInput)}
    onBlur=${rest.onBlur}
  />`;
  return h(Field, {
    ...props,
    children: list
      ? html`${input}<datalist id=${`${id}-list`}>
            ${list.map((item) => html`<option key=${item} value=${item}></option>`)}
          </datalist>`
      : input,
  });
}

/**
 * @param {Common & { value: string, onChange: (value: string) => void,
 *   options: { value: string, label: string }[], narrow?: boolean }} props
 */
export function SelectField(props) {
  const { id, value, onChange, options, error, disabled } = props;
  return h(Field, {
    ...props,
    children: html`<select
      id=${id}
      class="input"
      value=${value}
      disabled=${disabled}
      aria-invalid=${error ? 'true' : undefined}
      aria-describedby=${describedBy(props)}
      onChange=${onText(onChange)}
    >
      ${options.map(
        (one) => html`<option key=${one.value} value=${one.value}>${one.label}</option>`,
      )}
    </select>`,
  });
}

/**
 * Up to five choices, all visible.
 * @param {Common & { value: string, onChange: (value: string) => void,
 *   options: { value: string, label: string, hint?: string }[], column?: boolean }} props
 */
export function RadioField(props) {
  const { id, label, hint, error, optional, value, onChange, options, column } = props;
  return html`<fieldset
    class=${classes('field', error && 'wrong')}
    aria-describedby=${describedBy(props)}
  >
    <legend>${label}${optional && h(Optional, {})}</legend>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    <div class=${classes('choices', column && 'column')}>
      ${options.map(
        (one, i) => html`<label key=${one.value} class="choice">
          <input
            id=${i === 0 ? id : `${id}-${one.value}`}
            type="radio"
            name=${id}
            value=${one.value}
            checked=${value === one.value}
            onChange=${() => onChange(one.value)}
          />
          <span>
            ${one.label}${one.hint && html`<span class="choice-hint">${one.hint}</span>`}
          </span>
        </label>`,
      )}
    </div>
    ${error && h(FieldError, { id, error })}
  </fieldset>`;
}

/**
 * @param {{ id: string, label: Children, hint?: string, checked: boolean, disabled?: boolean,
 *   onChange: (checked: boolean) => void }} props
 */
export function CheckField({ id, label, hint, checked, disabled, onChange }) {
  return html`<label class="choice" for=${id}>
    <input
      id=${id}
      type="checkbox"
      checked=${checked}
      disabled=${disabled}
      onChange=${onCheck(onChange)}
    />
    <span>${label}${hint && html`<span class="choice-hint">${hint}</span>`}</span>
  </label>`;
}
