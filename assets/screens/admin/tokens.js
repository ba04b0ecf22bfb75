// What programs come in with: which tokens there are, for whom, until when, and when each was
// used last.

import { classes, h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useKeys } from '../../lib/keys.js';
import { Problem } from '../../lib/problem.js';
import { useResource } from '../../lib/resource.js';
import { can } from '../../lib/session.js';
import { serverNow } from '../../lib/time.js';
import { ask } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { Instant } from '../../ui/instant.js';
import { Empty, Shown, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { toast } from '../../ui/toast.js';
import { TokenPanel } from './token-panel.js';

export const meta = { title: 'tokens.title', permission: 'tokens.read', area: 'tokens' };

/**
 * @typedef {{ id: string, user_id: string, user_name: string, name: string, scopes: string[],
 *   starts_with: string, state: 'active' | 'expired' | 'revoked', created_at: string,
 *   expires_at: string, last_used_at: string | null, last_used_from: string | null }} Token
 */

/** From so many days before its end on, a token is said to end soon. */
const SOON_DAYS = 14;

export function Screen() {
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const tokens = useResource('tokens', async (signal) => {
    return /** @type {Token[]} */ ((await api.get('/tokens', {}, { signal })).data);
  });
  const may = can('tokens.write');
  const add = () => setOpen(true);
  useKeys(may ? [{ keys: 'F4', label: t('tokens.add'), run: add }] : []);
  const revoke = async (/** @type {Token} */ token) => {
    const yes = await ask({
      title: t('tokens.revoke_title', { name: token.name }),
      text: t('tokens.revoke_text'),
      yes: t('tokens.revoke'),
      no: t('tokens.revoke_no'),
      danger: true,
    });
    if (!yes) return;
    setProblem(null);
    try {
      await api.del(`/tokens/${token.id}`);
      toast(t('tokens.revoked_done', { name: token.name }));
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 }));
    }
    tokens.reload();
  };
  const rows = tokens.value.data ?? [];
  return html`<div class="screen">
    <div class="screen-head">
      <h1>${t('tokens.title')}</h1>
      <div class="actions">
        ${may &&
        html`<button class="button primary" type="button" onClick=${add}>
          ${h(Icon, { name: 'add' })} ${t('tokens.add')} <kbd>F4</kbd>
        </button>`}
      </div>
    </div>
    <p class="quiet">${t('tokens.hint')}</p>
    <div class=${classes('with-panel', open && 'open')}>
      <section class="card">
        ${problem &&
        html`<p class="error card-body">${h(Icon, { name: 'warn' })} ${explain(problem)}</p>`}
        ${h(Shown, {
          of: tokens.value,
          what: t('tokens.what'),
          retry: tokens.reload,
          children: () =>
            rows.length === 0
              ? h(Empty, { title: t('tokens.none'), icon: 'key' })
              : h(Table, { rows, revoke: may ? revoke : null }),
        })}
      </section>
      ${open && h(TokenPanel, { onClose: () => setOpen(false), onMade: tokens.reload })}
    </div>
  </div>`;
}

/** @param {{ rows: Token[], revoke: ((token: Token) => void) | null }} props */
function Table({ rows, revoke }) {
  const heads = ['name', 'user', 'state', 'expires', 'used'];
  return html`<div class="table-box" tabindex="0" role="region" aria-label=${t('tokens.title')}>
    <table class="table">
      <thead>
        <tr>
          ${heads.map((name) => html`<th key=${name} scope="col">${t(`tokens.col_${name}`)}</th>`)}
          <th scope="col"><span class="spoken">${t('users.col_actions')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((token) => h(Row, { key: token.id, token, revoke }))}
      </tbody>
    </table>
  </div>`;
}

/** @param {{ token: Token, revoke: ((token: Token) => void) | null }} props */
function Row({ token, revoke }) {
  return html`<tr>
    <th scope="row">
      <bdi>${token.name}</bdi>
      <p class="small quiet">
        <bdi dir="ltr"><code>${token.starts_with}…</code></bdi>
      </p>
      <details class="small">
        <summary>${t('tokens.scopes', { count: token.scopes.length })}</summary>
        <ul>
          ${token.scopes.map((code) => html`<li key=${code}><code dir="ltr">${code}</code></li>`)}
        </ul>
      </details>
    </th>
    <td><bdi>${token.user_name}</bdi></td>
    <td>${h(State, { token })}</td>
    <td>${h(Instant, { at: token.expires_at })}</td>
    <td>
      ${token.last_used_at
        ? html`${h(Instant, { at: token.last_used_at })}
            ${token.last_used_from &&
            html`<p class="small quiet"><bdi dir="ltr">${token.last_used_from}</bdi></p>`}`
        : html`<span class="quiet">${t('tokens.never')}</span>`}
    </td>
    <td class="end">
      ${revoke &&
      token.state === 'active' &&
      html`<button
        class="link"
        type="button"
        aria-label=${t('tokens.revoke_of', { name: token.name })}
        onClick=${() => revoke(token)}
      >
        ${t('tokens.revoke')}
      </button>`}
    </td>
  </tr>`;
}

/** @param {{ token: Token }} props */
function State({ token }) {
  if (token.state !== 'active') {
    return h(Tag, { tone: 'neutral', icon: 'blocked', children: t(`tokens.${token.state}`) });
  }
  const left = (Date.parse(token.expires_at) - serverNow()) / 86_400_000;
  if (left < SOON_DAYS) {
    const count = Math.max(1, Math.round(left));
    return h(Tag, { tone: 'warn', children: t('tokens.ends_in', { count }) });
  }
  return h(Tag, { tone: 'ok', children: t('tokens.active') });
}
