// A colleague is found by the beginning of a name and picked.

import { h, html, useEffect, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { t } from '../../lib/i18n.js';
import { Problem, Superseded } from '../../lib/problem.js';
import { TextField } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';

/** @typedef {{ id: string, display_name: string, role: string }} Person */

const WAIT_MS = 200;

/** A role that the hospital made itself has no words of the product. @param {string} role */
export function roleText(role) {
  const text = t(`role.${role}`);
  return text === `role.${role}` ? role : text;
}

/**
 * @param {{ id: string, label: string, hint: string, icon?: import('../../ui/icon.js').IconName,
 *   onPick: (person: Person) => unknown }} props
 */
export function ColleagueSearch({ id, label, hint, icon = 'add', onPick }) {
  const [q, setQ] = useState('');
  const [found, setFound] = useState({ q: '', people: /** @type {Person[]} */ ([]) });
  const text = q.trim();
  useEffect(() => {
    if (!text) {
      setFound({ q: '', people: [] });
      return undefined;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { data } = await api.get('/care-team/people', { q: text }, { signal: stop.signal });
        setFound({ q: text, people: data });
      } catch (error) {
        if (!(error instanceof Superseded || error instanceof Problem)) throw error;
      }
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  const pick = (/** @type {Person} */ person) => {
    setQ('');
    return onPick(person);
  };
  return html`<div class="care-team-add">
    ${h(TextField, { id, label, hint, value: q, onInput: setQ })}
    ${text &&
    found.q === text &&
    html`<ul class="care-team-found" aria-label=${t('care_team.found')}>
      ${found.people.map(
        (person) => html`<li key=${person.id}>
          <button class="button" type="button" onClick=${() => pick(person)}>
            ${h(Icon, { name: icon })} <bdi>${person.display_name}</bdi>
            <span class="quiet">${roleText(person.role)}</span>
          </button>
        </li>`,
      )}
      ${found.people.length === 0 && html`<li class="quiet">${t('care_team.nobody')}</li>`}
    </ul>`}
  </div>`;
}
