// What the makers of the program need when something is wrong, shown before it is saved: files of
// text without patients and without secrets.

import { h, html, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { sizeText } from '../../ui/import-status.js';
import { explain } from '../../ui/state.js';

/** @typedef {{ name: string, bytes: number, text: string }} Entry */
/** @typedef {{ id: string, entries: Entry[] }} Shown */

const FILE = 'healthflow-support.zip';

export function Bundle() {
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setShown((await api.get('/system/support-bundle')).data);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return html`<section class="card" aria-labelledby="bundle-title">
    <div class="card-head"><h2 id="bundle-title">${t('bundle.title')}</h2></div>
    <div class="card-body stack">
      <p>${t('bundle.hint')}</p>
      ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
      ${shown === null
        ? html`<p>
            <button class="button" type="button" disabled=${busy} onClick=${look}>
              ${t('bundle.look')}
            </button>
          </p>`
        : h(Content, { shown })}
    </div>
  </section>`;
}

/** @param {{ shown: Shown }} props */
function Content({ shown }) {
  const file = `/api/v1/system/support-bundle/file?of=${encodeURIComponent(shown.id)}`;
  return html`<div class="stack">
      ${shown.entries.map(
        (entry) =>
          html`<details key=${entry.name}>
              <summary>
                <bdi>${entry.name}</bdi> <span class="quiet nums">${sizeText(entry.bytes)}</span>
              </summary>
              <pre class="text-view" dir="ltr" lang="en" tabindex="0">${entry.text}</pre>
            </details>`,
      )}
    </div>
    <p>
      <a class="button primary" href=${file} download=${FILE}>
        ${t('bundle.save')}
      </a>
    </p>`;
}
