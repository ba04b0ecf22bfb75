// How many requests are let in, of an account and of an address, by what they ask for.

import { h, html, onText, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { useResource } from '../../lib/resource.js';
import { ErrorSummary, useSubmit, useUnsaved } from '../../ui/form.js';
import { Shown } from '../../ui/state.js';
import { toast } from '../../ui/toast.js';

/** @typedef {{ burst: number, per_minute: number }} Allowance */
/**
 * @typedef {{ enforced: boolean, version: number,
 *   limits: Record<string, Allowance & { default: Allowance }> }} Limits
 */
/** @typedef {'burst' | 'per_minute'} Part */

/** @type {{ part: Part, most: number }[]} */
const PARTS = [
  { part: 'burst', most: 1_000_000 },
  { part: 'per_minute', most: 6_000_000 },
];
const SCOPES = ['account', 'address', 'anonymous'];
const CLASSES = ['sign-in', 'search', 'read', 'write', 'export', 'bulk'];

export function LimitsForm() {
  const loaded = useResource('limits', async (signal) => {
    return /** @type {Limits} */ ((await api.get('/limits', {}, { signal })).data);
  });
  const { data } = loaded.value;
  return html`<section class="card" aria-labelledby="limits-title">
    <div class="card-head"><h2 id="limits-title">${t('limits.title')}</h2></div>
    ${h(Shown, {
      of: loaded.value,
      what: t('limits.what'),
      retry: loaded.reload,
      children: () => data && h(Form, { key: data.version, seen: data, reload: loaded.reload }),
    })}
  </section>`;
}

/** @param {string} policy @param {Part} part */
const idOf = (policy, part) => `${policy}.${part}`;

/** As a screen reader names the box. @param {string} policy @param {Part} part */
function nameOf(policy, part) {
  const [scope = '', ...kind] = policy.split('-');
  const what = `${t(`limits.of_${scope}`)}, ${t(`limits.${kind.join('-')}`)}`;
  return t(part === 'burst' ? 'limits.input_burst' : 'limits.input_rate', { what });
}

/** @param {{ seen: Limits, reload: () => void }} props */
function Form({ seen, reload }) {
  const [typed, setTyped] = useState(/** @type {Record<string, string>} */ ({}));
  /** @param {string} policy @param {Part} part */
  const value = (policy, part) =>
    typed[idOf(policy, part)] ?? String(seen.limits[policy]?.[part] ?? '');
  const changed = Object.keys(seen.limits).filter((policy) =>
    PARTS.some(({ part }) => value(policy, part) !== String(seen.limits[policy]?.[part])),
  );
  useUnsaved(changed.length > 0);
  const body = () =>
    Object.fromEntries(
      changed.map((policy) => [
        policy,
        Object.fromEntries(PARTS.map(({ part }) => [part, Number(value(policy, part))])),
      ]),
    );
  const saving = useSubmit(() => api.patch('/limits', body(), `"${seen.version}"`));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    /** @type {Record<string, string>} */
    const found = {};
    for (const policy of changed) {
      for (const { part, most } of PARTS) {
        const text = value(policy, part);
        const fits = /^\d{1,7}$/.test(text) && 1 <= Number(text) && Number(text) <= most;
        const what = nameOf(policy, part);
        if (!fits) found[idOf(policy, part)] = t('limits.error', { what, most });
      }
    }
    if (await saving.submit(body(), found)) {
      toast(t('limits.saved'));
      reload();
    }
  };
  return html`<form novalidate onSubmit=${submit}>
    <div class="card-body stack">
      ${h(ErrorSummary, saving)}
      <p class="quiet">${t('limits.hint')}</p>
      ${!seen.enforced && html`<div class="alert warn"><div>${t('limits.off')}</div></div>`}
    </div>
    <div class="table-box" tabindex="0" role="region" aria-label=${t('limits.what')}>
      <table class="table">
        <thead>
          <tr>
            ${['what', 'burst', 'rate', 'default'].map(
              (name) => html`<th key=${name} scope="col">${t(`limits.col_${name}`)}</th>`,
            )}
          </tr>
        </thead>
        ${SCOPES.map((scope) =>
          h(Group, { key: scope, scope, seen, value, set: setTyped, saving }),
        )}
      </table>
    </div>
    <div class="card-body buttons">
      <button
        class="button primary"
        type="submit"
        disabled=${saving.busy || changed.length === 0}
      >
        ${t('users.save')}
      </button>
    </div>
  </form>`;
}

/**
 * @param {{ scope: string, seen: Limits, value: (policy: string, part: Part) => string,
 *   set: (change: (old: Record<string, string>) => Record<string, string>) => void,
 *   saving: { errors: Record<string, string> } }} props
 */
function Group({ scope, seen, value, set, saving }) {
  return html`<tbody>
    <tr><th scope="rowgroup" colspan="4">${t(`limits.of_${scope}`)}</th></tr>
    ${CLASSES.map((kind) => {
      const policy = `${scope}-${kind}`;
      const limit = seen.limits[policy];
      if (!limit) return null;
      const what = t(`limits.${kind}`);
      return html`<tr key=${policy}>
        <td>${what}</td>
        ${PARTS.map(({ part }) => {
          const id = idOf(policy, part);
          return html`<td key=${part}>
            <input
              id=${id}
              class="input nums"
              dir="ltr"
              size="9"
              maxlength="7"
              inputmode="numeric"
              aria-label=${nameOf(policy, part)}
              aria-invalid=${saving.errors[id] ? 'true' : undefined}
              value=${value(policy, part)}
              onInput=${onText((text) => set((old) => ({ ...old, [id]: text })))}
            />
          </td>`;
        })}
        <td class="quiet">
          ${t('limits.default', { burst: limit.default.burst, rate: limit.default.per_minute })}
        </td>
      </tr>`;
    })}
  </tbody>`;
}
