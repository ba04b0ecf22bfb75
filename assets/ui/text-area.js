// Text of several lines, such as a certificate.

import { h, html, onText } from '../lib/ui.js';
import { Field, describedBy } from './field.js';

/**
 * @param {{ id: string, label: string, hint?: string, error?: string, optional?: boolean,
 *   disabled?: boolean, value: string, onInput: (text: string) => void, rows: number,
 *   maxlength: number }} props
 */
export function TextArea(props) {
  const { id, value, onInput, rows, maxlength, disabled, error } = props;
  return h(Field, {
    ...props,
    children: html`<textarea
      id=${id}
      class="input code"
      rows=${rows}
      maxlength=${maxlength}
      disabled=${disabled}
      dir="ltr"
      spellcheck=${false}
      autocomplete="off"
      autocapitalize="off"
      aria-invalid=${error ? 'true' : undefined}
      aria-describedby=${describedBy(props)}
      value=${value}
      onInput=${onText(onInput)}
    ></textarea>`,
  });
}
