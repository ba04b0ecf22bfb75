// How many emergencies wait for this person's review: the number on the rail.

import { signal, useEffect } from './ui.js';
import { api } from './api.js';
import { watch } from './live.js';
import { Problem } from './problem.js';
import { can, session } from './session.js';

export const waitingReviews = signal(0);

/** Keeps the number as it is, for those who review. Used once, by the rail. */
export function useWaitingReviews() {
  const user = session.value?.user.id;
  useEffect(() => {
    waitingReviews.value = 0;
    if (!user || !can('break_glass.review')) return undefined;
    const load = async () => {
      try {
        const { body } = await api.get('/break-glass', { reviewed: false, limit: 1 });
        waitingReviews.value = body.meta.waiting ?? 0;
      } catch (error) {
        // The next news ask again; the list itself says what is wrong.
        if (!(error instanceof Problem)) console.error(error);
      }
    };
    void load();
    return watch(['break-glass'], () => void load());
  }, [user]);
  return waitingReviews.value;
}
