// F1: the keys that work here and now.

import { Fragment, h, html } from '../lib/ui.js';
import { t } from '../lib/i18n.js';
import { activeKeys } from '../lib/keys.js';
import { place } from '../lib/router.js';
import { Dialog } from '../ui/dialog.js';

/** @param {{ onClose: () => void }} props */
export function Help({ onClose }) {
  const meta = place.value.screen?.meta;
  const keys = activeKeys();
  const hint = meta ? t(`${meta.title}_help`) : '';
  return h(Dialog, {
    title: t('help.title', { page: meta ? t(meta.title) : 'HealthFlow' }),
    onClose,
    wide: true,
    children: html`<${Fragment}>
      ${meta && hint !== `${meta.title}_help` && html`<p>${hint}</p>`}
      <h3>${t('help.keys')}</h3>
      <dl class="keys">
        ${keys.map(
          (key) => html`<div key=${key.keys}>
            <dt>${caps(key.keys).map((one) => html`<kbd key=${one}>${one}</kbd>`)}</dt>
            <dd>${key.label}</dd>
          </div>`,
        )}
        <div><dt><kbd>Tab</kbd></dt><dd>${t('help.tab')}</dd></div>
        ${!keys.some((key) => key.keys === 'Escape') &&
        html`<div><dt><kbd>Esc</kbd></dt><dd>${t('help.esc')}</dd></div>`}
      </dl>
      <p><a href="/api/" target="_blank" rel="noopener">${t('help.api')}</a></p>
      <div class="buttons">
        <button class="button primary" type="button" onClick=${onClose}>
          ${t('help.close')}
        </button>
      </div>
    <//>`,
  });
}

/** The caps as they are printed on a keyboard. @param {string} keys */
function caps(keys) {
  return keys.split('+').map((one) => (one === 'Escape' ? 'Esc' : one));
}
