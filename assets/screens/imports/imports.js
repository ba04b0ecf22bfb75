// Imports: choose files, say what the columns of a table are, watch them go in.

import { Fragment, h, html, useEffect, useRef, useState } from '../../lib/ui.js';
import { address, api } from '../../lib/api.js';
import { number, t } from '../../lib/i18n.js';
import { Problem, Superseded } from '../../lib/problem.js';
import { useResource } from '../../lib/resource.js';
import { navigate } from '../../lib/router.js';
import { upload } from '../../lib/upload.js';
import { FileDrop } from '../../ui/file-drop.js';
import { Icon } from '../../ui/icon.js';
import { StatusTag, leftOutOf, percentOf, sizeText, storedOf } from '../../ui/import-status.js';
import { Instant } from '../../ui/instant.js';
import { ProgressBar } from '../../ui/progress.js';
import { Empty, Failed, Shown } from '../../ui/state.js';
import { CsvMapping } from './csv-mapping.js';

/** @typedef {import('../../types/ui.js').ImportRun} ImportRun */
/** @typedef {{ file: File, format: 'fhir' | 'csv', mapping: Record<string, string> }} Job */

export const meta = { title: 'imports.title', permission: 'imports.run', area: 'imports' };

const POLL_MS = 2000;
const FHIR_NAMES = /\.(json|ndjson|jsonl)(\.gz)?$|\.(zip|tar|tgz|gz|zst|tzst)$/i;
const WORKBOOKS = /\.(xlsx|xlsm|xls|ods)$/i;
const CSV_NAMES = /\.(csv|tsv|txt)$/i;

/** @param {string} name @returns {'fhir' | 'csv' | null} */
function formatOf(name) {
  if (CSV_NAMES.test(name)) return 'csv';
  return FHIR_NAMES.test(name) ? 'fhir' : null;
}

export function Screen() {
  const [jobs, setJobs] = useState(/** @type {Job[]} */ ([]));
  const [csv, setCsv] = useState(/** @type {File[]} */ ([]));
  const [refused, setRefused] = useState(/** @type {string[]} */ ([]));
  const runs = useRuns();
  const choose = (/** @type {File[]} */ files) => {
    setRefused(files.filter((file) => !formatOf(file.name)).map((file) => file.name));
    setCsv((old) => [...old, ...files.filter((file) => formatOf(file.name) === 'csv')]);
    const fhir = files.filter((file) => formatOf(file.name) === 'fhir');
    setJobs((old) => [
      ...old,
      ...fhir.map((file) => ({ file, format: /** @type {const} */ ('fhir'), mapping: {} })),
    ]);
  };
  const [table] = csv;
  return html`<div class="screen">
    <div class="screen-head"><h1>${t('imports.title')}</h1></div>
    ${table
      ? h(CsvMapping, {
          key: table.name,
          file: table,
          onDone: (mapping) => {
            setCsv((old) => old.slice(1));
            setJobs((old) => [...old, { file: table, format: 'csv', mapping }]);
          },
          onCancel: () => setCsv((old) => old.slice(1)),
        })
      : h(FileDrop, {
          title: t('imports.drop'),
          hint: t('imports.kinds'),
          button: t('imports.choose'),
          onFiles: choose,
        })}
    ${refused.length > 0 && h(Refused, { names: refused })}
    ${jobs.map((job, i) =>
      h(Upload, {
        key: `${job.file.name}-${i}`,
        job,
        first: i === 0,
        last: jobs.length === 1 && csv.length === 0,
        onDone: () => {
          setJobs((old) => old.filter((one) => one !== job));
          runs.reload();
        },
      }),
    )}
    ${h(Runs, { runs })}
  </div>`;
}

/** The latest imports, asked again while one is running. */
function useRuns() {
  const runs = useResource(
    'runs',
    async (signal) => {
      return /** @type {ImportRun[]} */ (
        (await api.get('/imports', { limit: 50, sort: '-id' }, { signal })).data
      );
    },
    { topics: ['imports'] },
  );
  const running = runs.value.data?.some((run) => run.status === 'running') ?? false;
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) runs.reload();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [running]);
  return runs;
}

/** @param {{ names: string[] }} props */
function Refused({ names }) {
  return html`<div class="alert warn" role="alert">
    ${h(Icon, { name: 'warn' })}
    <div>
      <p class="alert-title">${t('imports.refused', { count: names.length })}</p>
      <p><bdi>${names.join(', ')}</bdi></p>
      <p>${t(names.some((one) => WORKBOOKS.test(one)) ? 'imports.workbook' : 'imports.kinds')}</p>
    </div>
  </div>`;
}

/**
 * One file on its way. Files go one after another: the first of the list is sent.
 * @param {{ job: Job, first: boolean, last: boolean, onDone: () => void }} props
 */
function Upload({ job, first, last, onDone }) {
  const [sent, setSent] = useState(0);
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const [round, setRound] = useState(0);
  const stop = useRef(new AbortController());
  // Looked at when the file has gone: by then others may have been chosen.
  const alone = useRef(last);
  alone.current = last;
  useEffect(() => {
    if (!first) return undefined;
    stop.current = new AbortController();
    const url = address('/imports', {
      name: job.file.name,
      format: job.format,
      mapping: job.format === 'csv' ? JSON.stringify(job.mapping) : undefined,
    });
    upload(url, job.file, { onProgress: setSent, signal: stop.current.signal }).then(
      (run) => {
        onDone();
        if (alone.current) navigate(`/imports/${run.id}`);
      },
      (error) => {
        if (error instanceof Superseded) return;
        setProblem(error instanceof Problem ? error : new Problem({ code: 'ui', status: 0 }));
      },
    );
    return () => stop.current.abort();
  }, [first, round]);
  const { name, size } = job.file;
  if (problem) {
    return html`<div class="card card-body-only">
      ${h(Failed, {
        problem,
        what: t('imports.upload_of', { name }),
        retry: () => {
          setProblem(null);
          setSent(0);
          setRound(round + 1);
        },
      })}
      <p class="buttons">
        <button class="button" type="button" onClick=${onDone}>${t('imports.give_up')}</button>
      </p>
    </div>`;
  }
  return html`<section class="card" aria-label=${t('imports.upload_of', { name })}>
    <div class="card-body upload">
      ${h(Icon, { name: 'file' })}
      <div class="grow">
        <p>
          <b><bdi>${name}</bdi></b> <span class="quiet nums">${sizeText(size)}</span>
        </p>
        ${first
          ? h(ProgressBar, {
              done: sent,
              total: size,
              label: t('imports.sending', { name }),
              text: t('imports.sent', { done: sizeText(sent), total: sizeText(size) }),
            })
          : html`<p class="quiet">${t('imports.waiting')}</p>`}
      </div>
      <button
        class="button"
        type="button"
        onClick=${() => {
          stop.current.abort();
          onDone();
        }}
      >
        ${t('imports.stop')}
      </button>
    </div>
  </section>`;
}

/** @param {{ runs: import('../../lib/resource.js').Resource<ImportRun[]> }} props */
function Runs({ runs }) {
  const rows = runs.value.data ?? [];
  return html`<section class="card" aria-labelledby="runs-title">
    <div class="card-head"><h2 id="runs-title">${t('imports.runs')}</h2></div>
    ${h(Shown, {
      of: runs.value,
      what: t('imports.runs_what'),
      retry: runs.reload,
      children: () =>
        rows.length === 0
          ? h(Empty, {
              title: t('imports.none'),
              icon: 'imports',
              children: t('imports.none_hint'),
            })
          : h(RunTable, { rows }),
    })}
  </section>`;
}

/** @param {{ rows: ImportRun[] }} props */
function RunTable({ rows }) {
  return html`<table class="table">
    <thead>
      <tr>
        <th scope="col">${t('imports.col_name')}</th>
        <th scope="col">${t('imports.col_status')}</th>
        <th scope="col">${t('imports.col_started')}</th>
        <th scope="col" class="end">${t('imports.col_stored')}</th>
        <th scope="col" class="end">${t('imports.col_rejected')}</th>
        <th scope="col" class="end">${t('imports.col_left_out')}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (run) =>
          html`<tr key=${run.id}>
            <th scope="row">
              <a href=${`/imports/${run.id}`}><bdi>${run.label || run.id}</bdi></a>
            </th>
            <td>
              ${h(StatusTag, { run })}
              ${run.status === 'running' &&
              html`<${Fragment}> <span class="nums">${percentOf(run)} %</span><//>`}
            </td>
            <td>${h(Instant, { at: run.started_at })}</td>
            <td class="end nums">${number(storedOf(run))}</td>
            <td class="end nums">${number(run.summary?.rejected ?? 0)}</td>
            <td class="end nums">${number(leftOutOf(run))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
