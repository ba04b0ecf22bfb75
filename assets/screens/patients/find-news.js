// What others register or change while the list is open. It shows by itself while nobody works
// in the list; otherwise it waits, for the row under the hand or the mark must stay who it is.

import { signal, useEffect, useMemo, useRef } from '../../lib/ui.js';
import { watch } from '../../lib/live.js';
import { countChanges, countOnce } from '../../lib/steady.js';

/** An import tells of thousands: the list is asked for anew only so often. */
const AGAIN_MS = 2000;

/**
 * @param {{ all: boolean, active: number,
 *   search: ReturnType<typeof import('../../lib/patient-search.js').patientSearch>,
 *   everybody: { renew: () => void } }} props `all` while nothing is searched
 * @returns {{ waiting: number, show: () => void, box: import('../../lib/steady.js').Box }}
 *   `box` goes on the element around the list
 */
export function useFindNews({ all, active, search, everybody }) {
  const pointed = useRef(false);
  /** Who changed in the list of all, which is too long to compare; an import changes many. */
  const late = useMemo(countOnce, []);
  const held = useMemo(() => signal(0), []);
  const now = useRef({ all, busy: false });
  now.current = { all, busy: pointed.current || !all || active > 0 };

  const show = () => {
    if (!now.current.all) return search.show();
    if (held.peek() === 0) return;
    late.clear();
    held.value = 0;
    everybody.renew();
  };
  useEffect(() => {
    let timer = 0;
    let last = -Infinity;
    const hear = () => {
      last = performance.now();
      timer = 0;
      if (!now.current.all) search.renew();
      else if (!now.current.busy) show();
    };
    const deaf = watch(['patients'], (news) => {
      held.value = late.add(news.map((one) => one.id ?? 'several'));
      timer ||= window.setTimeout(hear, Math.max(0, last + AGAIN_MS - performance.now()));
    });
    return () => {
      clearTimeout(timer);
      deaf();
    };
  }, []);

  const point = (/** @type {Event} */ event) => {
    const list = event.target instanceof Element && event.target.closest('.grid, .letters');
    const left = pointed.current && !(list && event.type === 'pointerover');
    pointed.current = Boolean(list) && event.type === 'pointerover';
    now.current.busy = pointed.current || !all || active > 0;
    if (left && !now.current.busy) show();
  };
  const { rows, fresh } = search.found.value;
  const count = held.value;
  return {
    waiting: all ? count : fresh ? countChanges(rows, fresh) : 0,
    show,
    box: { onPointerOver: point, onPointerLeave: point },
  };
}
