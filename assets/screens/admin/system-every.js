// Asks again and again while the page is looked at, and not while it is out of sight.

import { useEffect, useRef } from '../../lib/ui.js';

/** @param {number} ms @param {() => void} run */
export function useEvery(ms, run) {
  const newest = useRef(run);
  newest.current = run;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') newest.current();
    }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}
