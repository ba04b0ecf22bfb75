// The bell: what somebody who looks after the system has to know, and what of it is new to them.

import { h, html } from '../lib/ui.js';
import { api } from '../lib/api.js';
import { loadWords, number, t } from '../lib/i18n.js';
import { saying, standing } from '../lib/notification.js';
import { useResource } from '../lib/resource.js';
import { Icon } from '../ui/icon.js';
import { Instant } from '../ui/instant.js';
import { Menu } from '../ui/menu.js';
import { Tag } from '../ui/tag.js';

/** @typedef {import('../types/ui.js').Notification} Notification */

const SHOWN = 6;
const OWN = '/users/current/notifications';

export function Bell() {
  const loaded = useResource(
    'bell',
    async (signal) => {
      const [own, list] = await Promise.all([
        api.get(OWN, {}, { signal }),
        api.get('/notifications', { limit: SHOWN }, { signal }),
        loadWords('.notify'),
      ]);
      const unseen = /** @type {number} */ (own.data.unseen);
      return { unseen, rows: /** @type {Notification[]} */ (list.data) };
    },
    { topics: ['notifications'] },
  );
  const { unseen = 0, rows = [] } = loaded.value.data ?? {};
  const saw = async () => {
    if (unseen === 0 || !rows[0]) return;
    await api.post(`${OWN}/seen`, { until: rows[0].told_at });
    loaded.reload();
  };
  return h(Menu, {
    id: 'bell',
    spoken: t('bell.label', { count: unseen }),
    onOpen: () => void saw().catch(() => {}),
    button: html`${h(Icon, { name: 'bell' })}
    ${unseen > 0 &&
    html`<span class="badge nums" aria-hidden="true">${number(unseen)}</span>`}`,
    children: (close) => html`<p class="menu-head">${t('bell.title')}</p>
      ${rows.length === 0
        ? html`<p class="bell-none quiet">${t('bell.none')}</p>`
        : html`<ul class="bell-list">
            ${rows.map((one) => h(One, { key: one.id, one }))}
          </ul>`}
      <a href="/admin/messages" onClick=${close}>${t('bell.all')}</a>`,
  });
}

/** @param {{ one: Notification }} props */
function One({ one }) {
  const { tone, word } = standing(one);
  return html`<li>
    ${h(Tag, { tone, children: word })}
    <span>${saying(one, 'title')}</span>
    <span class="quiet small">${h(Instant, { at: one.told_at })}</span>
  </li>`;
}
