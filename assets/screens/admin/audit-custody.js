// Whether the audit is proven whole, and the line that proves it later, to keep outside.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { instantText } from '../../lib/format.js';
import { number, t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { ErrorSummary, useSubmit } from '../../ui/form.js';
import { Icon } from '../../ui/icon.js';
import { Shown } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';

/** @typedef {import('../../types/api.js').AuditAnchor} Anchor */
/** @typedef {import('../../types/api.js').AuditCustody} Kept */

const ASK_EVERY_MS = 1000;

export function Custody() {
  const loaded = useResource('custody', async (signal) => {
    return /** @type {Kept} */ ((await api.get('/audit/custody', {}, { signal })).data);
  });
  const running = loaded.value.data?.task.running ?? false;
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(loaded.reload, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [running, loaded]);
  return html`<section class="card audit-custody" aria-label=${t('audit.custody')}>
    ${h(Shown, {
      of: loaded.value,
      what: t('audit.custody_what'),
      lines: 1,
      retry: loaded.reload,
      children: () =>
        loaded.value.data && h(Facts, { of: loaded.value.data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {{ of: Kept, reload: () => void }} props */
function Facts({ of, reload }) {
  const [line, setLine] = useState(/** @type {Anchor | null} */ (null));
  const verifying = useSubmit(async () => (await api.post('/audit/verify', {})).data);
  const noting = useSubmit(async () => (await api.post('/audit/anchors', {})).data);
  const verify = async () => {
    if (await verifying.submit({}, {})) reload();
  };
  const note = async () => {
    const anchor = await noting.submit({}, {});
    if (!anchor) return;
    setLine(anchor);
    reload();
  };
  const { task } = of;
  return html`<div class="audit-proof">
    <div role="status">${h(Proof, { of })}</div>
    <div class="buttons end">
      <button
        class="button"
        type="button"
        disabled=${task.running || verifying.busy}
        onClick=${verify}
      >
        ${h(Icon, { name: 'check' })} ${t('audit.verify')}
      </button>
      <button class="button" type="button" disabled=${noting.busy} onClick=${note}>
        ${h(Icon, { name: 'print' })} ${t('audit.anchor')}
      </button>
    </div>
  </div>
  ${h(ErrorSummary, verifying)} ${h(ErrorSummary, noting)}
  ${line && h(Line, { anchor: line, onClose: () => setLine(null) })}`;
}

/** @param {{ of: Kept }} props */
function Proof({ of }) {
  const { task, proof } = of;
  if (task.running) {
    const share = task.total > 0 ? Math.floor((100 * task.done) / task.total) : null;
    return html`<p>
      ${h(Icon, { name: 'wait' })} ${t(`audit.task_${task.kind}`)}${' '}
      ${share === null
        ? t('audit.rows_done', { rows: number(task.done) })
        : t('audit.percent', { percent: Math.min(share, 100) })}
    </p>`;
  }
  if (!proof) return html`<p class="quiet">${t('audit.never_proven')}</p>`;
  const when = instantText(proof.at);
  if (!proof.whole) {
    return html`<div>
      <p>${h(Tag, { tone: 'crit', children: t('audit.not_whole', { when }) })}</p>
      <p lang="en"><b>${proof.flaw}</b></p>
    </div>`;
  }
  return html`<p>
    ${h(Tag, { tone: 'ok', children: t('audit.whole', { when, row: proof.row }) })}${' '}
    <span class="quiet small"
      >${t('audit.proven_by', { name: proof.by })}
      ${of.archives.length > 0 && t('audit.archives', { count: of.archives.length })}</span
    >
  </p>`;
}

/** The line to print or to mail. @param {{ anchor: Anchor, onClose: () => void }} props */
function Line({ anchor, onClose }) {
  return html`<div class="alert info audit-line">
    <div>
      <p class="alert-title">${t('audit.line_title')}</p>
      <p class="code"><bdi dir="ltr">${anchor.line}</bdi></p>
      <p class="small">${t('audit.line_hint')}</p>
      <p class="buttons">
        <button class="button" type="button" onClick=${() => window.print()}>
          ${h(Icon, { name: 'print' })} ${t('print.do')}
        </button>
        <button class="button" type="button" onClick=${onClose}>${t('users.close')}</button>
      </p>
    </div>
  </div>`;
}
