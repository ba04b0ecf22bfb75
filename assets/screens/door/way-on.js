// For people who have to set something up before anything else: go on when it is done, or leave.

import { api } from '../../lib/api.js';
import { sessionEnded, setSession } from '../../lib/session.js';

/** A whole new page, with all that the session may do now. */
export async function goOn() {
  setSession((await api.get('/sessions/current')).data);
  location.replace('/');
}

/** Signs out, also if the server does not answer. */
export async function leave() {
  await api.del('/sessions/current').catch(() => {});
  sessionEnded();
  location.replace('/sign-in');
}
