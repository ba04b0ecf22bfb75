// The last lines of the log, while they come. No line holds anything of a patient.

import { h, html, useEffect, useRef, useState } from '../../lib/ui.js';
import { api } from '../../lib/api.js';
import { dateDirection, instantText, zonedTime } from '../../lib/format.js';
import { t } from '../../lib/i18n.js';
import { Problem } from '../../lib/problem.js';
import { SelectField } from '../../ui/field.js';
import { Empty, explain } from '../../ui/state.js';
import { Tag } from '../../ui/tag.js';
import { useEvery } from './system-every.js';

/** @typedef {import('../../types/ui.js').LogLine} LogLine */

const LEVELS = ['error', 'warn', 'info', 'debug'];
const EVERY_MS = 3_000;
/** Lines that the page holds. */
const SHOWN_MAX = 500;
/** @type {Record<LogLine['level'], 'crit' | 'warn' | 'info' | 'neutral'>} */
const TONES = { error: 'crit', warn: 'warn', info: 'info', debug: 'neutral' };
/** What stands in columns of its own. */
const KNOWN = ['timestamp', 'message', 'level', 'target', 'span'];

export function LogView() {
  const [level, setLevel] = useState('info');
  const [paused, setPaused] = useState(false);
  const [lines, setLines] = useState(/** @type {LogLine[]} */ ([]));
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const last = useRef(0);
  const turn = useRef(0);
  const more = async () => {
    const mine = turn.current;
    try {
      const { data } = await api.get('/system/log', { level, after: last.current });
      if (mine !== turn.current) return;
      const { lines: news, newest } = /** @type {{ lines: LogLine[], newest: number }} */ (data);
      // After a restart of the server the numbers begin anew.
      const isAnew = newest < last.current;
      last.current = isAnew ? 0 : newest;
      setLines((old) => [...(isAnew ? [] : old), ...news].slice(-SHOWN_MAX));
      setProblem(null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (mine === turn.current) setProblem(error);
    }
  };
  useEffect(() => {
    turn.current += 1;
    last.current = 0;
    setLines([]);
    more();
    return () => {
      turn.current += 1;
    };
  }, [level]);
  useEvery(EVERY_MS, () => {
    if (!paused) more();
  });
  const options = LEVELS.map((value) => ({ value, label: t(`watch.level_${value}`) }));
  return html`<section class="card">
    <div class="card-head">
      <h2>${t('watch.view_log')}</h2>
      <div class="end buttons">
        ${h(SelectField, {
          id: 'level',
          label: t('watch.level'),
          value: level,
          onChange: setLevel,
          options,
        })}
        <button class="button" type="button" onClick=${() => setPaused(!paused)}>
          ${t(paused ? 'watch.go_on' : 'watch.pause')}
        </button>
      </div>
    </div>
    <p class="quiet card-body">${t('watch.log_hint')}</p>
    ${problem && html`<p class="alert crit" role="alert">${explain(problem)}</p>`}
    ${lines.length === 0
      ? h(Empty, { title: t('watch.no_lines'), icon: 'check' })
      : html`<div
          class="table-box log-box"
          tabindex="0"
          role="region"
          aria-label=${t('watch.view_log')}
        >
          <table class="table log">
            <thead>
              <tr>
                <th scope="col">${t('watch.col_when')}</th>
                <th scope="col">${t('watch.level')}</th>
                <th scope="col">${t('watch.col_line')}</th>
              </tr>
            </thead>
            <tbody>
              ${[...lines].reverse().map((line) => h(Line, { key: line.number, line }))}
            </tbody>
          </table>
        </div>`}
  </section>`;
}

/** To the second: lines of a log come close together. @param {{ at: string }} props */
function Moment({ at }) {
  const seconds = String(zonedTime(at).second).padStart(2, '0');
  return html`<bdi dir=${dateDirection()} class="nums instant">${instantText(at)}:${seconds}</bdi>`;
}

/** @param {{ line: LogLine }} props */
function Line({ line }) {
  const { fields } = line;
  const rest = Object.entries(fields).filter(([name]) => !KNOWN.includes(name));
  return html`<tr>
    <td>${fields.timestamp && h(Moment, { at: fields.timestamp })}</td>
    <td>${h(Tag, { tone: TONES[line.level], children: t(`watch.level_${line.level}`) })}</td>
    <td lang="en" dir="ltr">
      ${fields.message}
      ${rest.length > 0 &&
      html`<p class="small quiet">
        ${rest.map(([name, value]) => `${name}=${String(value)}`).join('  ')}
      </p>`}
    </td>
  </tr>`;
}
