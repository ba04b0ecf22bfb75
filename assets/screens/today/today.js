// Today: what one needs first, by role, with real numbers only. What could not be loaded says so
// and is never a zero.

import { Fragment, h, html } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { civilText, instantText, today } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { can, session } from '../../lib/session.js';
import { Icon } from '../../ui/icon.js';
import { StatusTag, percentOf, storedOf } from '../../ui/import-status.js';
import { Latest, OfSession } from './people.js';
import { ServerState } from './server-state.js';
import { Visits } from './visits.js';
import { WhoLookedAt } from './who-looked-at.js';

/** @typedef {import('../../types/ui.js').ImportRun} ImportRun */

export const meta = { title: 'today.title', area: 'today' };

/** @param {import('../../types/ui.js').ScreenProps} props */
export function Screen({ given }) {
  const welcome = Boolean(/** @type {{ welcome?: unknown } | null} */ (given)?.welcome);
  return html`<div class="screen today">
    <div class="screen-head">
      <h1>${t('today.title')}</h1>
      <p class="quiet"><bdi dir="ltr">${civilText(today(), { weekday: true })}</bdi></p>
    </div>
    ${welcome && h(Welcome, {})}
    <div class="tiles">
      ${can('patients.read') &&
      h(Tile, {
        href: '/patients',
        icon: 'search',
        title: t('today.find'),
        text: t('today.find_text'),
        keys: 'F2',
      })}
      ${can('patients.write') &&
      h(Tile, {
        href: '/patients/new',
        icon: 'add',
        title: t('today.register'),
        text: t('today.register_text'),
      })}
      ${can('imports.run') && h(ImportTile, {})} ${can('users.read') && h(UserTile, {})}
    </div>
    ${can('audit.read') && can('patients.read') && h(WhoLookedAt, {})} ${h(Lists, {})}
  </div>`;
}

/** Reception sees who comes, those who treat see who is there, IT sees how the server is. */
function Lists() {
  if (can('system.read')) {
    return html`<${Fragment}>
      ${h(ServerState, {})} ${can('patients.read') && h(Latest, {})}
    <//>`;
  }
  if (!can('encounters.read')) return can('patients.read') ? h(Latest, {}) : null;
  if (can('records.read')) {
    return html`<${Fragment}>
      ${h(Visits, { which: 'open' })} ${h(OfSession, { which: 'opened' })}
    <//>`;
  }
  return html`<${Fragment}>
    ${h(Visits, { which: 'today' })} ${h(OfSession, { which: 'registered' })}
  <//>`;
}

function Welcome() {
  return html`<section class="alert ok">
    ${h(Icon, { name: 'check' })}
    <div>
      <h2>${t('today.welcome', { hospital: session.value?.hospital.name ?? '' })}</h2>
      <p>${t('today.welcome_text')}</p>
      <p class="buttons">
        <a class="button primary" href="/imports">
          ${h(Icon, { name: 'imports' })} ${t('today.import_first')}
        </a>
        <a class="button" href="/admin/users">
          ${h(Icon, { name: 'users' })} ${t('today.users_first')}
        </a>
      </p>
    </div>
  </section>`;
}

/**
 * @param {{ href: string, icon: import('../../ui/icon.js').IconName, title: string,
 *   text: import('../../lib/ui.js').Children, keys?: string }} props
 */
function Tile({ href, icon, title, text, keys }) {
  return html`<a class="tile" href=${href}>
    <span class="tile-icon">${h(Icon, { name: icon })}</span>
    <span class="tile-title">${title} ${keys && html`<kbd>${keys}</kbd>`}</span>
    <span class="tile-text">${text}</span>
  </a>`;
}

function ImportTile() {
  const runs = useResource(
    'imports',
    async (signal) => {
      const { data } = await api.get('/imports', { limit: 5, sort: '-id' }, { signal });
      return /** @type {ImportRun[]} */ (data);
    },
    { topics: ['imports'] },
  );
  return h(Tile, {
    href: '/imports',
    icon: 'imports',
    title: t('today.imports'),
    text: importText(runs.value),
  });
}

/** @param {import('../../lib/resource.js').Loaded<ImportRun[]>} runs */
function importText({ state, data }) {
  if (state !== 'ready' || !data) return t(`today.tile_${state}`);
  const running = data.filter((run) => run.status === 'running');
  const [first] = running;
  if (first) {
    return t('today.imports_running', { count: running.length, percent: percentOf(first) });
  }
  const [last] = data;
  if (!last) return t('today.imports_none');
  return html`<${Fragment}>
    ${h(StatusTag, { run: last })}${' '}
    ${t('today.imports_last', { stored: storedOf(last), when: instantText(last.started_at) })}
  <//>`;
}

function UserTile() {
  const users = useResource(
    'users',
    async (signal) => {
      const { data, meta: answer } = await api.get('/users', { limit: 200 }, { signal });
      const count = data.filter((/** @type {{ active: boolean }} */ one) => one.active).length;
      return { count, more: Boolean(answer.cursor?.next) };
    },
    { topics: ['users'] },
  );
  const { state, data } = users.value;
  const text =
    state === 'ready' && data
      ? t('today.users_count', { count: data.count, more: data.more ? 'yes' : 'no' })
      : t(`today.tile_${state}`);
  return h(Tile, { href: '/admin/users', icon: 'users', title: t('today.users'), text });
}
