// What somebody had to know, whom it was sent to, and by which ways messages go out.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { saying, standing } from '../../lib/notification.js';
import { useResource } from '../../lib/resource.js';
import { SelectField } from '../../ui/field.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { ChannelsCard } from './channels-form.js';
import { MailCard } from './mail-form.js';

/** @typedef {import('../../types/ui.js').Notification} Notification */

export const meta = { title: 'messages.title', permission: 'system.read', area: 'messages' };

const LIMIT = 50;

export function Screen() {
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('messages.title')}</h1></div>
    <p class="quiet">${t('messages.hint')} <a href="/me#told-title">${t('messages.own')}</a></p>
    ${h(List, {})} ${h(MailCard, {})} ${h(ChannelsCard, {})}
  </div>`;
}

function List() {
  const [state, setState] = useState('');
  const list = useResource(
    `notifications ${state}`,
    async (signal) => {
      const params = { limit: LIMIT, include: 'deliveries', state: state || undefined };
      const { data, meta: more } = await api.get('/notifications', params, { signal });
      return { rows: /** @type {Notification[]} */ (data), more: Boolean(more.cursor?.next) };
    },
    { topics: ['notifications', 'jobs'] },
  );
  const { rows = [], more = false } = list.value.data ?? {};
  const options = ['', 'open', 'over'].map((value) => ({
    value,
    label: t(`messages.state_${value || 'all'}`),
  }));
  return html`<section class="card">
    <div class="card-head">
      <h2>${t('messages.list')}</h2>
      <div class="end">
        ${h(SelectField, {
          id: 'messages-state',
          label: t('messages.state'),
          value: state,
          onChange: setState,
          options,
        })}
      </div>
    </div>
    ${h(Shown, {
      of: list.value,
      what: t('messages.what'),
      retry: list.reload,
      children: () =>
        rows.length === 0
          ? h(Empty, { title: t('messages.none'), icon: 'check' })
          : html`<ul class="messages">
                ${rows.map((one) => h(One, { key: one.id, one }))}
              </ul>
              ${more &&
              html`<p class="partial">${t('messages.more', { count: rows.length })}</p>`}`,
    })}
  </section>`;
}

/** @param {{ one: Notification }} props */
function One({ one }) {
  const { tone, word } = standing(one);
  return html`<li>
    <p class="messages-title">
      ${h(Tag, { tone, children: word })} <strong>${saying(one, 'title')}</strong>
      ${one.times > 1 &&
      html`<span class="quiet small">${t('messages.times', { count: one.times })}</span>`}
    </p>
    <p>${saying(one, 'text')}</p>
    <p class="quiet small">
      ${t('messages.since')} ${h(Instant, { at: one.raised_at })}
      ${one.over_at && html` · ${t('messages.until')} ${h(Instant, { at: one.over_at })}`}
    </p>
    ${h(Told, { one })}
  </li>`;
}

/** Whom it was sent to, and whether it got there. @param {{ one: Notification }} props */
function Told({ one }) {
  if (one.deliveries.length === 0) {
    return html`<p class="quiet small">${t('messages.nobody')}</p>`;
  }
  const waiting = one.deliveries.filter((delivery) => !delivery.ended_at).length;
  return html`<details class="small" open=${waiting > 0}>
    <summary>
      ${t('messages.told', { count: one.deliveries.length - waiting })}
      ${waiting > 0 && html` · ${t('messages.waiting', { count: waiting })}`}
    </summary>
    <ul>
      ${one.deliveries.map(
        (delivery, at) => html`<li key=${at}>
          <bdi>${delivery.name}</bdi>: ${t(`messages.event_${delivery.event}`)},${' '}
          ${t(`messages.${delivery.outcome ?? 'waits'}`)}${' '}
          ${h(Instant, { at: delivery.ended_at ?? delivery.due_at })}
        </li>`,
      )}
    </ul>
  </details>`;
}
