// News from the server over one WebSocket for the whole page. A message names what changed,
// never what is in it: whoever shows it asks again. What was missed while the line was down is
// told after, from the place in the row of events where the page had come to.

import { signal } from './ui.js';
import { hearServerTime } from './time.js';

/**
 * @typedef {object} News
 * @property {string} topic like `patient:pat_…` or `users`
 * @property {string} [kind] of what changed; none when too much was missed to be told
 * @property {string} [id]
 * @property {string} [event] past tense: `created`, `amended`
 */
/** @typedef {{ topics: Set<string>, run: (news: News[]) => void }} Watcher */
/**
 * @typedef {object} Line what the page needs of a WebSocket
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 */

const RETRY_MS = [1000, 2000, 5000, 10_000, 15_000];
/** The server speaks every 15 s; whoever is silent for so long is gone. */
const DEAD_MS = 45_000;
const LOOK_MS = 5000;
/** News are given out at most so often, so that a screen is drawn four times a second. */
const GATHER_MS = 250;
const SESSION_ENDED = 4401;
const TOO_MANY = 4429;

/**
 * Whether news come: `off` before the start and while nobody is signed in. `since` is when the
 * last word came, on the clock of the page.
 * @type {import('./ui.js').Signal<{ state: 'off' | 'live' | 'lost', since: number }>}
 */
export const live = signal({ state: 'off', since: 0 });
/** True when the server has a newer page than this one. */
export const outdated = signal(false);

/** @type {Set<Watcher>} */
const watchers = new Set();
/** @type {Line | null} */
let line = null;
/** @type {Set<string>} what the server was asked for on this line */
let asked = new Set();
/** @type {string | null} */
let seq = null;
let heardAt = 0;
let triedAt = 0;
let attempt = 0;
let retryTimer = 0;
let lookTimer = 0;
let gatherTimer = 0;
/** @type {News[]} */
let gathered = [];
let running = false;
/** @type {{ open: () => Line, ended: () => void, now: () => number, random: () => number }} */
let world;

/**
 * @param {{ since?: string | null, ended: () => void, open?: () => Line, now?: () => number,
 *   random?: () => number }} given
 *   `since` is the place in the row of events before the first screen was loaded; `ended` hears
 *   that the session is over; the rest is for tests
 */
export function startLive({ since = null, ended, open = openSocket, ...rest }) {
  stopLive();
  world = { open, ended, now: () => performance.now(), random: Math.random, ...rest };
  running = true;
  attempt = 0;
  seq ??= since;
  live.value = { state: 'lost', since: world.now() };
  lookTimer = window.setInterval(look, LOOK_MS);
  window.addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);
  connect();
}

/** Ends the line, as when the page is locked. What is watched stays known. */
export function stopLive() {
  if (!running) return;
  running = false;
  clearTimeout(retryTimer);
  clearInterval(lookTimer);
  clearTimeout(gatherTimer);
  gatherTimer = 0;
  gathered = [];
  window.removeEventListener('online', hurry);
  document.removeEventListener('visibilitychange', hurry);
  drop();
  live.value = { state: 'off', since: heardAt };
}

/**
 * Hears news of some topics, together and at most four times a second.
 * @param {string[]} topics
 * @param {(news: News[]) => void} run
 * @returns {() => void} ends it
 */
export function watch(topics, run) {
  const watcher = { topics: new Set(topics), run };
  watchers.add(watcher);
  askFor();
  return () => {
    watchers.delete(watcher);
    askFor();
  };
}

/** @returns {Line} */
function openSocket() {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return /** @type {any} */ (new WebSocket(`${scheme}//${location.host}/api/v1/live`));
}

function connect() {
  clearTimeout(retryTimer);
  retryTimer = 0;
  drop();
  const mine = world.open();
  line = mine;
  triedAt = world.now();
  mine.onmessage = (event) => {
    if (mine === line) hear(event.data);
  };
  mine.onclose = (event) => {
    if (mine !== line) return;
    line = null;
    closed(event?.code ?? 0);
  };
}

function drop() {
  const old = line;
  line = null;
  asked = new Set();
  if (!old) return;
  old.onmessage = null;
  old.onclose = null;
  old.close();
}

/** @param {number} code */
function closed(code) {
  asked = new Set();
  if (!running) return;
  if (live.peek().state !== 'lost') live.value = { state: 'lost', since: heardAt || triedAt };
  if (code === SESSION_ENDED) {
    stopLive();
    world.ended();
    return;
  }
  if (code === TOO_MANY) attempt = RETRY_MS.length - 1;
  const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0;
  attempt += 1;
  // Apart from one another, so that a whole hospital does not come back in one moment.
  retryTimer = window.setTimeout(connect, wait * (0.8 + 0.4 * world.random()));
}

/** A line that says nothing is cut: half-open ones never close by themselves. */
function look() {
  if (!line || world.now() - Math.max(heardAt, triedAt) < DEAD_MS) return;
  drop();
  closed(0);
}

/** Tries at once when there is reason to hope. */
function hurry() {
  if (!running || document.hidden || live.peek().state === 'live') return;
  attempt = 0;
  if (!line) connect();
}

/** @param {string} text */
function hear(text) {
  /** @type {any} */
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    return;
  }
  heardAt = world.now();
  const part = said.hello ?? said.event ?? said.resync ?? said.beat;
  if (!part) return;
  if (part.time) hearServerTime(part.time);
  if (said.hello) greet(said.hello);
  else if (said.event) gather([said.event]);
  else if (said.resync) gather(missed(said.resync.topics));
  if (typeof part.seq === 'string') seq = part.seq;
}

/** @param {{ seq: string, ui?: string }} hello */
function greet(hello) {
  attempt = 0;
  live.value = { state: 'live', since: heardAt };
  const own = ownHash();
  if (hello.ui && own && own !== hello.ui) outdated.value = true;
  askFor(seq ?? hello.seq);
}

/** The set of files that this page is of; null while one works on it. */
function ownHash() {
  return /\/ui\/([0-9a-f]{8,})\//.exec(import.meta.url)?.[1] ?? null;
}

/** Topics of which too much was missed. @param {string[] | undefined} topics @returns {News[]} */
function missed(topics) {
  return (topics ?? [...wanted()]).map((topic) => ({ topic }));
}

function wanted() {
  /** @type {Set<string>} */
  const all = new Set();
  for (const { topics } of watchers) for (const topic of topics) all.add(topic);
  return all;
}

/** Tells the server what is watched now. @param {string | null} [since] after a new line */
function askFor(since = seq) {
  if (!line || live.peek().state !== 'live') return;
  const all = wanted();
  const more = [...all].filter((topic) => !asked.has(topic));
  const less = [...asked].filter((topic) => !all.has(topic));
  asked = all;
  if (more.length > 0) line.send(JSON.stringify({ subscribe: more, since }));
  if (less.length > 0) line.send(JSON.stringify({ unsubscribe: less }));
}

/** @param {News[]} news */
function gather(news) {
  gathered.push(...news);
  gatherTimer ||= window.setTimeout(() => {
    gatherTimer = 0;
    const all = gathered;
    gathered = [];
    for (const watcher of [...watchers]) {
      const mine = all.filter((one) => watcher.topics.has(one.topic));
      if (mine.length > 0) watcher.run(mine);
    }
  }, GATHER_MS);
}
