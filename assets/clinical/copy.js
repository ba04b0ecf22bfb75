// Copying a number or a secret. On plain http the browser has no clipboard for pages, so the old
// way stays.

import { h, html, useState } from '../lib/ui.js';
import { announce } from '../lib/announce.js';
import { t } from '../lib/i18n.js';
import { Icon } from '../ui/icon.js';

const SHOWN_MS = 2000;

/**
 * @param {{ text: string, label?: string, said?: string }} props with a `label` that is seen, and
 *   what is `said` when it is done
 */
export function CopyButton({ text, label, said = t('copy.done') }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setDone(true);
    announce(said);
    setTimeout(() => setDone(false), SHOWN_MS);
  };
  if (label) {
    return html`<button class="button" type="button" onClick=${copy}>
      ${h(Icon, { name: done ? 'check' : 'copy' })} ${label}
    </button>`;
  }
  return html`<button class="copy" type="button" title=${t('copy.do')} onClick=${copy}>
    ${h(Icon, { name: done ? 'check' : 'copy' })}<span class="spoken">${t('copy.do')}</span>
  </button>`;
}

/** @param {string} text @returns {Promise<boolean>} */
async function copyText(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'spoken';
  const before = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
