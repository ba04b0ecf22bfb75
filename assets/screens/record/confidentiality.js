// Whether a record is its care team's alone. To mark one is a choice; to take a mark away asks for
// the reason, which somebody else reviews.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { SelectField, TextField } from '../../ui/field.js';

const WORDS = ['staff', 'vip', 'request', 'other'];
const REASON_MIN = 10;
const REASON_MAX = 500;

/** @typedef {{ confidential: string | null, reason?: string }} Mark */

/**
 * @param {{ mark: string, onMark: (mark: Mark) => Promise<void> }} props
 */
export function Confidentiality({ mark, onMark }) {
  const [chosen, setChosen] = useState(mark);
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  useEffect(() => {
    setChosen(mark);
    setReason('');
    setError('');
  }, [mark]);
  const options = ['', ...WORDS].map((value) => ({
    value,
    label: t(`confidential.${value || 'none'}`),
  }));
  const takenAway = mark !== '' && chosen === '';
  const save = () => {
    const short = takenAway && [...reason.trim()].length < REASON_MIN;
    setError(short ? t('confidential.reason_needed') : '');
    if (short) return document.getElementById('confidential-reason')?.focus();
    return onMark(takenAway ? { confidential: null, reason } : { confidential: chosen });
  };
  return html`<div class="confidentiality">
    ${h(SelectField, {
      id: 'confidential',
      label: t('confidential.label'),
      hint: t('confidential.hint'),
      value: chosen,
      onChange: setChosen,
      options,
    })}
    ${takenAway &&
    h(TextField, {
      id: 'confidential-reason',
      label: t('confidential.reason'),
      hint: t('confidential.reason_hint'),
      value: reason,
      onInput: setReason,
      maxlength: REASON_MAX,
      error,
      dir: 'auto',
    })}
    <button class="button" type="button" disabled=${chosen === mark} onClick=${save}>
      ${t('confidential.save')}
    </button>
  </div>`;
}
