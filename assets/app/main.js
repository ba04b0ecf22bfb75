// Starts the page: language, preferences, session, then the frame or one of the doors.

import { h, render } from '../lib/ui.js';
import { Problem, api, onDoor, onSignedOut } from '../lib/api.js';
import { loadLanguage, t } from '../lib/i18n.js';
import { startKeys } from '../lib/keys.js';
import { language, startPrefs } from '../lib/prefs.js';
import { match, startRouter } from '../lib/router.js';
import { doorOf, maybeSignedIn, session, sessionEnded, setSession } from '../lib/session.js';
import { askLeave } from '../ui/dialog.js';
import { startWorkstation } from '../lib/workstation.js';
import { askPassword, finishLock, lock, startLock, unlocked } from './lock.js';
import { startPresence } from './presence.js';
import { ROUTES } from './routes.js';
import { Shell } from './shell.js';

/** Where nobody is who is signed in and may do everything. */
const DOORS = ['/setup', '/sign-in', '/second-factor', '/new-password'];

/** Learns who is signed in; sends to setup or sign-in when nobody is. */
async function whoIsThere() {
  await finishLock();
  if (maybeSignedIn()) {
    try {
      return setSession((await api.get('/sessions/current')).data);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      sessionEnded();
    }
  }
  const { data } = await api.get('/setup');
  // Who has an account signs in, whatever is still to be set up.
  const door = data?.needed && !data.accounts ? '/setup' : '/sign-in';
  // Whoever opens the link is told if it is void.
  const opensLink = location.pathname === '/setup' && (data?.needed || location.hash !== '');
  const readsFirst = location.pathname === '/trust';
  if (location.pathname !== door && !opensLink && !readsFirst) history.replaceState(null, '', door);
}

async function start() {
  startPrefs();
  startWorkstation();
  // The code of the screen comes while language and session are asked for.
  ROUTES.find((route) => match(route.path, location.pathname))?.load().catch(() => {});
  const [messages] = await Promise.allSettled([loadLanguage(language.value), whoIsThere()]);
  if (messages.status === 'rejected') throw messages.reason;
  const door = doorOf(session.value);
  if (door) history.replaceState(null, '', door);
  else if (session.value && DOORS.includes(location.pathname)) {
    history.replaceState(null, '', '/');
  }
  onSignedOut(() => askPassword('expired'));
  // The rule has come while the page was open; loading it anew asks for what is missing.
  onDoor(() => DOORS.includes(location.pathname) || location.replace('/'));
  startLock();
  const ended = () => void askPassword('expired').catch(() => {});
  startPresence({ lock: () => lock('idle'), ended, unlocked });
  startKeys();
  const root = document.getElementById('app');
  if (!root) throw new Error('no #app in the page');
  root.replaceChildren();
  render(h(Shell, {}), root);
  await startRouter(ROUTES, { confirmLeave: askLeave });
}

start().catch((error) => {
  console.error(error);
  const root = document.getElementById('app');
  const said = t('shell.not_started');
  const text = said === 'shell.not_started' ? 'HealthFlow did not start. Reload the page.' : said;
  root?.replaceChildren(Object.assign(document.createElement('p'), { textContent: text }));
});
