// The line of news, over a stand-in for the WebSocket and a clock of its own.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

/** @type {Map<string, Set<() => void>>} */
const listeners = new Map();
const target = {
  /** @param {string} name @param {() => void} run */
  addEventListener(name, run) {
    listeners.set(name, (listeners.get(name) ?? new Set()).add(run));
  },
  /** @param {string} name @param {() => void} run */
  removeEventListener(name, run) {
    listeners.get(name)?.delete(run);
  },
};
mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
const world = {
  ...target,
  setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
  setInterval: (/** @type {() => void} */ run, /** @type {number} */ ms) => setInterval(run, ms),
};
Object.assign(globalThis, { window: world, document: { ...target, hidden: false } });

const { live, outdated, startLive, stopLive, watch } = await import(
  '../../../../assets/lib/live.js'
);

class Socket {
  constructor() {
    /** @type {any[]} */
    this.sent = [];
    /** @type {((event: any) => void) | null} */
    this.onmessage = null;
    /** @type {((event: any) => void) | null} */
    this.onclose = null;
    this.open = true;
  }

  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.open = false;
  }

  /** @param {unknown} said */
  say(said) {
    this.onmessage?.({ data: JSON.stringify(said) });
  }

  /** @param {number} code */
  end(code) {
    this.open = false;
    this.onclose?.({ code });
  }
}

/** @type {Socket[]} */
let sockets = [];
let now = 0;
let ended = 0;
/** @type {(() => void)[]} */
let undo = [];

/** @param {number} ms */
function pass(ms) {
  now += ms;
  mock.timers.tick(ms);
}

/** Start at event 7. */
function begin() {
  startLive({
    since: '7',
    ended: () => (ended += 1),
    open: () => {
      const socket = new Socket();
      sockets.push(socket);
      return /** @type {any} */ (socket);
    },
    now: () => now,
    random: () => 0.5,
  });
}

function newest() {
  const socket = sockets.at(-1);
  assert.ok(socket);
  return socket;
}

/** @param {string} seq */
function hello(seq) {
  newest().say({ hello: { seq, ui: 'abc', time: '2026-11-20T09:41:00Z' } });
}

/** @param {string} seq @param {string} topic */
function event(seq, topic) {
  newest().say({ event: { seq, topic, kind: 'user', id: 'usr_1', event: 'amended' } });
}

/** @param {string[]} topics */
function heard(...topics) {
  /** @type {any[][]} */
  const all = [];
  undo.push(watch(topics, (news) => all.push(news)));
  return all;
}

/** @param {string} name */
function happens(name) {
  for (const run of listeners.get(name) ?? []) run();
}

beforeEach(() => {
  sockets = [];
  ended = 0;
  now += 1_000_000;
});

afterEach(() => {
  for (const one of undo.splice(0)) one();
  stopLive();
});

test('what is watched is asked for after the greeting, from where the page began', () => {
  heard('users');
  begin();
  assert.equal(live.value.state, 'lost');
  assert.deepEqual(newest().sent, []);
  hello('9');
  assert.equal(live.value.state, 'live');
  assert.deepEqual(newest().sent, [{ subscribe: ['users'], since: '7' }]);
  const stop = watch(['patient:pat_1', 'users'], () => {});
  assert.deepEqual(newest().sent.at(-1), { subscribe: ['patient:pat_1'], since: '9' });
  stop();
  assert.deepEqual(newest().sent.at(-1), { unsubscribe: ['patient:pat_1'] });
});

test('news come together, at most four times a second, and only those of the topic', () => {
  const users = heard('users');
  const imports = heard('imports');
  begin();
  hello('9');
  for (let i = 10; i < 30; i += 1) event(String(i), 'users');
  assert.equal(users.length, 0);
  pass(250);
  assert.equal(users.length, 1);
  assert.equal(users[0]?.length, 20);
  assert.equal(imports.length, 0);
  event('30', 'users');
  pass(250);
  assert.equal(users.length, 2);
});

test('after a break the page goes on from the last event that it heard', () => {
  const users = heard('users');
  begin();
  hello('9');
  event('12', 'users');
  pass(250);
  newest().end(1001);
  assert.equal(live.value.state, 'lost');
  pass(999);
  assert.equal(sockets.length, 1);
  pass(1);
  assert.equal(sockets.length, 2);
  hello('20');
  assert.deepEqual(newest().sent, [{ subscribe: ['users'], since: '12' }]);
  newest().say({ resync: { seq: '20', topics: ['users'] } });
  pass(250);
  assert.deepEqual(users.at(-1), [{ topic: 'users' }]);
  newest().end(1006);
  pass(1000);
  hello('20');
  assert.equal(newest().sent[0].since, '20');
});

test('each try waits longer, and a line that was live begins anew', () => {
  begin();
  for (const wait of [1000, 2000, 5000, 10_000, 15_000, 15_000]) {
    const count = sockets.length;
    newest().end(1006);
    pass(wait - 1);
    assert.equal(sockets.length, count, `before ${wait} ms`);
    pass(1);
    assert.equal(sockets.length, count + 1, `after ${wait} ms`);
  }
  hello('1');
  newest().end(1006);
  const count = sockets.length;
  pass(1000);
  assert.equal(sockets.length, count + 1);
});

test('who comes back to the network or to the page tries at once', () => {
  begin();
  for (let i = 0; i < 4; i += 1) {
    newest().end(1006);
    pass(20_000);
  }
  newest().end(1006);
  const count = sockets.length;
  happens('online');
  assert.equal(sockets.length, count + 1);
  newest().end(1006);
  happens('visibilitychange');
  assert.equal(sockets.length, count + 2);
  hello('1');
  happens('online');
  assert.equal(sockets.length, count + 2, 'a live line stays');
});

test('45 seconds of silence are a dead line, also one that never spoke', () => {
  begin();
  hello('1');
  const first = newest();
  pass(40_000);
  newest().say({ beat: { seq: '1', time: '2026-11-20T09:42:00Z' } });
  pass(40_000);
  assert.equal(live.value.state, 'live');
  pass(10_000);
  assert.equal(live.value.state, 'lost');
  assert.equal(first.open, false);
  pass(1000);
  const silent = newest();
  assert.notEqual(silent, first);
  pass(50_000);
  assert.equal(silent.open, false);
});

test('the end of the session is told once and the line stays down', () => {
  begin();
  hello('1');
  newest().end(4401);
  assert.equal(ended, 1);
  assert.equal(live.value.state, 'off');
  pass(60_000);
  assert.equal(sockets.length, 1);
});

test('too many lines: the next try waits longest', () => {
  begin();
  newest().end(4429);
  pass(14_999);
  assert.equal(sockets.length, 1);
  pass(1);
  assert.equal(sockets.length, 2);
});

test('what cannot be read changes nothing', () => {
  begin();
  hello('1');
  newest().onmessage?.({ data: '{' });
  newest().say({ surprise: 1 });
  assert.equal(live.value.state, 'live');
  assert.equal(outdated.value, false, 'this page has no hash of its own');
});
