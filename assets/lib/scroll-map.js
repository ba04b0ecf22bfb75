// Browsers give up on boxes higher than some 33 million pixels, which is fewer rows than a large
// hospital has patients. Beyond a limit the box stays that high, and this maps its scroll place
// to the place in the list: small steps move by themselves, large ones (the thumb) in proportion.

/** Well below the limit of every browser. */
export const BOX_MAX_PX = 8_000_000;

/**
 * @typedef {object} ScrollMap
 * @property {number} top place in the list, in pixels from its beginning
 * @property {number} box scroll place of the box
 */

/** @param {number} height of the whole list @param {number} max */
export function boxHeight(height, max = BOX_MAX_PX) {
  return Math.min(height, max);
}

/**
 * The place after the box was scrolled.
 * @param {ScrollMap} before
 * @param {number} box where the box is scrolled to now
 * @param {{ height: number, view: number, max?: number }} size of the list and of the window
 * @returns {ScrollMap} its `box` differs from the given one when the box has run to an end
 *   before the list has: the caller scrolls it there
 */
export function scrolled(before, box, { height, view, max = BOX_MAX_PX }) {
  if (height <= max) return { top: box, box };
  const step = box - before.box;
  const last = height - view;
  const lastBox = max - view;
  const small = Math.abs(step) <= 2 * view;
  const top = small ? before.top + step : (box / lastBox) * last;
  const found = { top: Math.max(0, Math.min(last, top)), box };
  const ended = box <= 0 || lastBox <= box;
  return ended && 0 < found.top && found.top < last
    ? placed(found.top, { height, view, max })
    : found;
}

/**
 * Where the box must be scrolled to for a place in the list.
 * @param {number} top
 * @param {{ height: number, view: number, max?: number }} size
 * @returns {ScrollMap}
 */
export function placed(top, { height, view, max = BOX_MAX_PX }) {
  const last = Math.max(0, height - view);
  const there = Math.max(0, Math.min(last, top));
  if (height <= max) return { top: there, box: there };
  return { top: there, box: Math.round((there / last) * (max - view)) };
}
