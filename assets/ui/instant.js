// A moment as day and time in the facility, turned in the direction of its month's letters.

import { html } from '../lib/ui.js';
import { dateDirection, instantText } from '../lib/format.js';

/** @param {{ at: string }} props `at` as the server gives it, in UTC */
export function Instant({ at }) {
  return html`<bdi dir=${dateDirection()} class="nums instant">${instantText(at)}</bdi>`;
}
