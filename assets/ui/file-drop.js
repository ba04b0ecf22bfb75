// Files by dropping or by a button; dropping is never the only way.

import { classes, h, html, useRef, useState } from '../lib/ui.js';
import { Icon } from './icon.js';

/**
 * @param {{ title: string, hint: string, button: string, onFiles: (files: File[]) => void }} props
 */
export function FileDrop({ title, hint, button, onFiles }) {
  const [over, setOver] = useState(false);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const take = (/** @type {FileList | null | undefined} */ list) => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(files);
  };
  return html`<div
    class=${classes('drop', over && 'over')}
    onDragOver=${(/** @type {DragEvent} */ event) => {
      event.preventDefault();
      setOver(true);
    }}
    onDragLeave=${() => setOver(false)}
    onDrop=${(/** @type {DragEvent} */ event) => {
      event.preventDefault();
      setOver(false);
      take(event.dataTransfer?.files);
    }}
  >
    ${h(Icon, { name: 'imports' })}
    <div>
      <p class="drop-title">${title}</p>
      <p class="quiet small">${hint}</p>
    </div>
    <input
      ref=${input}
      id="files"
      class="spoken"
      type="file"
      multiple
      tabindex="-1"
      aria-label=${button}
      onChange=${(/** @type {Event} */ event) => {
        const field = /** @type {HTMLInputElement} */ (event.currentTarget);
        take(field.files);
        field.value = '';
      }}
    />
    <button class="button primary" type="button" onClick=${() => input.current?.click()}>
      ${button}
    </button>
  </div>`;
}
