// A button that opens a small window below it; Escape and a click elsewhere close it again.

import { h, html, useEffect, useState } from '../lib/ui.js';

/** @typedef {import('../lib/ui.js').Children} Children */

/**
 * @param {{ id: string, button: Children, spoken?: string, onOpen?: () => void,
 *   children: (close: () => void) => Children }} props
 */
export function Menu({ id, button, spoken, onOpen, children }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (/** @type {Event} */ event) => {
      if (event.target instanceof Element && event.target.closest(`[data-menu="${id}"]`)) return;
      close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  return html`<div
    class="menu-box"
    data-menu=${id}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Escape' || !open) return;
      close();
      /** @type {HTMLElement} */ (event.currentTarget).querySelector('button')?.focus();
    }}
  >
    <button
      class="plain"
      type="button"
      aria-label=${spoken}
      aria-expanded=${open ? 'true' : 'false'}
      aria-controls=${id}
      onClick=${() => {
        if (!open) onOpen?.();
        setOpen(!open);
      }}
    >
      ${button}
    </button>
    ${h('div', { class: 'menu', id, hidden: !open }, children(close))}
  </div>`;
}
