// In which ways people sign in beside local accounts: the hospital's directory, its OpenID
// provider.

import { h, html } from '../../lib/ui.js';
import { t } from '../../lib/i18n.js';
import { DirectoryCard } from './directory-form.js';
import { OpenidCard } from './openid-form.js';

export const meta = { title: 'ways.title', permission: 'settings.write', area: 'settings' };

export function Screen() {
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('ways.title')}</h1></div>
    <p class="quiet">${t('ways.emergency')}</p>
    ${h(DirectoryCard, {})} ${h(OpenidCard, {})}
  </div>`;
}
