// Says short things to a screen reader: counts and outcomes, never patient details.

/** @type {HTMLElement | null} */
let box = null;

/**
 * @param {string} text
 * @param {{ now?: boolean }} [options] `now` interrupts: only for critical news
 */
export function announce(text, options = {}) {
  if (!box) {
    box = document.createElement('div');
    box.className = 'spoken';
    document.body.append(box);
  }
  box.setAttribute('role', options.now ? 'alert' : 'status');
  box.textContent = '';
  // A change after a moment is read even when the text is the same as before.
  setTimeout(() => {
    if (box) box.textContent = text;
  }, 60);
}
