// Ctrl+K: go to a screen, do something, or open a patient by name. What was found is kept
// nowhere.

import {
  Fragment,
  classes,
  h,
  html,
  onText,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from '../lib/ui.js';
import { PatientLine } from '../clinical/identity.js';
import { t } from '../lib/i18n.js';
import { patientSearch, similarNames } from '../lib/patient-search.js';
import { opened } from '../lib/recent.js';
import { navigate } from '../lib/router.js';
import { can } from '../lib/session.js';
import { Dialog } from '../ui/dialog.js';
import { Icon } from '../ui/icon.js';
import { lock, signOut } from './lock.js';
import { AREAS } from './routes.js';

/**
 * @typedef {object} Choice
 * @property {string} id
 * @property {import('../lib/ui.js').Children} text
 * @property {import('../ui/icon.js').IconName} icon
 * @property {() => void} run
 */

const SHORTEST = 2;
const PATIENTS = 6;

/** @param {{ onClose: () => void }} props */
export function Palette({ onClose }) {
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const patients = useMemo(() => patientSearch({ limit: PATIENTS }), []);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => () => patients.stop(), []);
  const found = patients.found.value;
  const groups = [
    { title: t('palette.actions'), choices: actions(q) },
    { title: t('palette.patients'), choices: people(found, q) },
  ].filter((group) => group.choices.length > 0);
  const all = groups.flatMap((group) => group.choices);
  const chosen = Math.min(at, all.length - 1);
  const run = (/** @type {Choice | undefined} */ choice) => {
    if (!choice) return;
    onClose();
    choice.run();
  };
  const type = (/** @type {string} */ text) => {
    setQ(text);
    setAt(0);
    if (can('patients.read')) patients.search(text.trim().length < SHORTEST ? '' : text);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter') run(all[chosen]);
    else if (step && all.length > 0) setAt((chosen + step + all.length) % all.length);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    document.getElementById(`palette-${chosen}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  let index = -1;
  return h(Dialog, {
    title: t('palette.title'),
    onClose,
    class: 'palette',
    children: html`<${Fragment}>
      <input
        ref=${input}
        class="input"
        type="text"
        role="combobox"
        aria-label=${t('palette.label')}
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant=${all.length > 0 ? `palette-${chosen}` : undefined}
        autocomplete="off"
        spellcheck=${false}
        maxlength="120"
        value=${q}
        onInput=${onText(type)}
        onKeyDown=${onKey}
      />
      <div class="palette-list" id="palette-list" role="listbox" aria-label=${t('palette.title')}>
        ${groups.map(
          (group) =>
            html`<div key=${group.title} role="group" aria-label=${group.title}>
              <p class="palette-group" aria-hidden="true">${group.title}</p>
              ${group.choices.map((choice) => {
                index += 1;
                const mine = index;
                return html`<div
                  key=${choice.id}
                  id=${`palette-${mine}`}
                  role="option"
                  class=${classes('palette-row', mine === chosen && 'on')}
                  aria-selected=${mine === chosen ? 'true' : 'false'}
                  onClick=${() => run(choice)}
                >
                  ${h(Icon, { name: choice.icon })} ${choice.text}
                </div>`;
              })}
            </div>`,
        )}
      </div>
      ${all.length === 0 &&
      found.state !== 'waiting' &&
      html`<p class="quiet">${t('palette.none')}</p>`}
      ${found.state === 'failed' && html`<p class="quiet">${t('palette.failed')}</p>`}
      <p class="small quiet">${t('palette.keys')}</p>
    <//>`,
  });
}

/** @param {string} q @returns {Choice[]} */
function actions(q) {
  /** @type {(Choice & { text: string })[]} */
  const all = AREAS.filter((area) => can(area.permission)).map((area) => ({
    id: area.path,
    text: t('palette.go', { area: t(area.label) }),
    icon: area.icon,
    run: () => navigate(area.path),
  }));
  if (can('patients.write')) {
    const run = () => navigate('/patients/new');
    all.push({ id: 'register', text: t('palette.register'), icon: 'add', run });
  }
  const settings = () => navigate('/me');
  all.push({ id: 'me', text: t('me.title'), icon: 'person', run: settings });
  all.push({ id: 'lock', text: t('menu.lock'), icon: 'lock', run: () => lock() });
  all.push({ id: 'leave', text: t('menu.sign_out'), icon: 'leave', run: () => signOut() });
  const wanted = q.trim().toLowerCase();
  return all.filter((one) => one.text.toLowerCase().includes(wanted)).slice(0, wanted ? 4 : 9);
}

/**
 * @param {import('../lib/patient-search.js').Found} found
 * @param {string} q
 * @returns {Choice[]}
 */
function people(found, q) {
  // Before anything is typed: whom one had open in this session.
  const rows = q.trim().length < SHORTEST ? (q.trim() ? [] : opened.value) : found.rows;
  const alike = similarNames(rows);
  return rows.map((of) => ({
    id: of.id,
    text: html`<span class="palette-person">
      ${h(PatientLine, { of, similar: alike.has(of.id) })}
    </span>`,
    icon: /** @type {const} */ ('person'),
    run: () => navigate(`/p/${of.id}`),
  }));
}
