// A button that does something at once: what it did is said, and why it did not stays on the page.

import { useState } from '../lib/ui.js';
import { Problem } from '../lib/problem.js';
import { toast } from './toast.js';

/** @typedef {(act: () => Promise<unknown>, done: string) => Promise<void>} Run */

/**
 * @param {() => void} after what follows either way: the page is asked for again
 * @returns {{ problem: Problem | null, run: Run }}
 */
export function useAct(after) {
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  /** @type {Run} */
  const run = async (act, done) => {
    setProblem(null);
    try {
      await act();
      toast(done);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
    after();
  };
  return { problem, run };
}
