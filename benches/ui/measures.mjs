// Single measurements of the web UI. Times are taken inside the page, where nothing of the driver
// is in between; elements are never handed out, because a handle keeps dead nodes alive.

/** @typedef {import('../../assets/dev/node_modules/playwright-core/index.js').BrowserContext} Context */
/** @typedef {import('../../assets/dev/node_modules/playwright-core/index.js').Page} Page */

const LAN = { offline: false, latency: 10, downloadThroughput: -1, uploadThroughput: -1 };

/** A page on a slow PC in the house's network. @param {Context} context @param {number} slow */
async function slowPage(context, slow) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Performance.enable');
  await devtools.send('Network.emulateNetworkConditions', LAN);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slow });
  return { page, devtools };
}

/** @param {import('../../assets/dev/node_modules/playwright-core/index.js').CDPSession} devtools */
async function busyMs(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return 1000 * (metrics.find((one) => one.name === 'TaskDuration')?.value ?? 0);
}

/**
 * What the page itself costs: script, style and layout. The drawing of pixels is left out, which
 * a browser without a graphics card does in software.
 * @param {import('../../assets/dev/node_modules/playwright-core/index.js').CDPSession} devtools
 */
async function pageMs(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  const parts = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];
  return 1000 * metrics.reduce((all, one) => all + (parts.includes(one.name) ? one.value : 0), 0);
}

const ROW = '#find-grid .grid-block .name';

/**
 * From the request of the page to rows that one can read.
 * @param {Context} context @param {string} base @param {{ slow: number }} pc
 */
export async function firstRows(context, base, { slow }) {
  const cold = [];
  const warm = [];
  let work = 0;
  let warmBytes = 0;
  for (let turn = 0; turn < 3; turn += 1) {
    const { page, devtools } = await slowPage(context, slow);
    await devtools.send('Network.clearBrowserCache');
    await page.goto(`${base}/patients`, { waitUntil: 'commit' });
    cold.push(await whenThere(page, ROW));
    work = await pageMs(devtools);
    await page.waitForTimeout(1500);
    warmBytes = 0;
    // The page itself and its files; what the API answers is another matter.
    const answers = new Set();
    devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
      if (request.url.includes('/api/')) answers.add(requestId);
    });
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (!answers.has(requestId)) warmBytes += encodedDataLength;
    });
    await page.goto(`${base}/patients`, { waitUntil: 'commit' });
    warm.push(await whenThere(page, ROW));
    await page.close();
  }
  return { cold: middle(cold), warm: middle(warm), work, warmBytes };
}

/** When something was there, since the page was asked for. @param {Page} page @param {string} what */
function whenThere(page, what) {
  return page.evaluate(
    (selector) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (document.querySelector(selector)) resolve(performance.now());
          else if (performance.now() < 30_000) requestAnimationFrame(look);
          else reject(new Error(`${selector} is not there on ${location.pathname}`));
        };
        look();
      }),
    what,
  );
}

/** From the last key of a name to its painted rows. @param {Context} context @param {string} base */
export async function typeahead(context, base) {
  const { page } = await slowPage(context, 4);
  await page.goto(`${base}/patients`);
  await whenThere(page, ROW);
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    let key = 0;
    const state = /** @type {any} */ (window);
    state.times = [];
    document.addEventListener('keydown', () => (key = performance.now()), true);
    new MutationObserver(() => {
      if (key === 0 || !/\bfound\b/i.test(document.getElementById('find-hint')?.textContent ?? '')) {
        return;
      }
      const from = key;
      key = 0;
      requestAnimationFrame(() => setTimeout(() => state.times.push(performance.now() - from)));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  for (const name of 'abe adj boa chu dla eze fof gue has ibr'.split(' ')) {
    await page.locator('#find-q').fill('');
    await page.waitForTimeout(400);
    await page.keyboard.type(name, { delay: 60 });
    await page.waitForTimeout(900);
    await page.keyboard.type(name === 'eze' ? 'ab' : 'a', { delay: 60 });
    await page.waitForTimeout(900);
  }
  /** @type {number[]} */
  const times = await page.evaluate(() => /** @type {any} */ (window).times);
  await page.close();
  if (times.length < 12) throw new Error(`only ${times.length} answers were seen`);
  return percentile(times, 0.95);
}

/** From an arrow key to the painted mark. @param {Context} context @param {string} base */
export async function keyToMark(context, base) {
  const { page } = await slowPage(context, 4);
  await page.goto(`${base}/patients`);
  await whenThere(page, ROW);
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const state = /** @type {any} */ (window);
    state.times = [];
    document.addEventListener(
      'keydown',
      () => {
        const from = performance.now();
        const before = document.querySelector('.grid-row.on')?.id;
        const look = () => {
          if (document.querySelector('.grid-row.on')?.id === before) requestAnimationFrame(look);
          else state.times.push(performance.now() - from);
        };
        requestAnimationFrame(look);
      },
      true,
    );
  });
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(60);
  }
  /** @type {number[]} */
  const times = await page.evaluate(() => /** @type {any} */ (window).times);
  await page.close();
  return percentile(times, 0.95);
}

/** Frames while the list of all scrolls under the wheel. @param {Context} context @param {string} base */
export async function scrollFrames(context, base) {
  const { page, devtools } = await slowPage(context, 1);
  await page.goto(`${base}/patients`);
  await whenThere(page, ROW);
  await page.waitForTimeout(1500);
  const before = await busyMs(devtools);
  const frames = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const grid = /** @type {HTMLElement} */ (document.getElementById('find-grid'));
        /** @type {number[]} */
        const gaps = [];
        let last = performance.now();
        const step = () => {
          const now = performance.now();
          gaps.push(now - last);
          last = now;
          grid.scrollTop += 60;
          if (gaps.length < 300) requestAnimationFrame(step);
          else resolve(gaps.slice(1));
        };
        requestAnimationFrame(step);
      }),
  );
  const work = (await busyMs(devtools) - before) / frames.length;
  await page.close();
  return { work, longest: Math.max(...frames) };
}

/**
 * Screens one after another: how many elements each has, and how quickly charts come back.
 * @param {Context} context @param {string} base @param {string} patient
 */
export async function clickThrough(context, base, patient) {
  const { page } = await slowPage(context, 4);
  /** @type {[string, number][]} */
  const nodes = [];
  const screens = [
    ['list of all', '/patients', ROW],
    ['registration', '/patients/new', '#family'],
    ['summary', `/p/${patient}`, '.lines li'],
    ['problems', `/p/${patient}/problems`, '.rtable tbody tr'],
    ['charts', `/p/${patient}/obs`, '.chart canvas'],
  ];
  for (const [name = '', path = '', there = ''] of screens) {
    await page.goto(base + path);
    await whenThere(page, there);
    await page.waitForTimeout(1500);
    nodes.push([name, await page.evaluate(() => document.querySelectorAll('*').length)]);
  }
  const charts = [];
  for (let turn = 0; turn < 5; turn += 1) {
    await page.locator(`a[href="/p/${patient}"]`).first().click();
    await whenThere(page, '.lines li');
    await page.waitForTimeout(500);
    charts.push(
      await page.evaluate(
        (path) =>
          new Promise((resolve) => {
            const from = performance.now();
            /** @type {HTMLElement | null} */ (document.querySelector(`a[href="${path}"]`))?.click();
            const look = () => {
              if (document.querySelector('.chart canvas')) resolve(performance.now() - from);
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          }),
        `/p/${patient}/obs`,
      ),
    );
  }
  await page.close();
  return { nodes, charts: middle(charts) };
}

/**
 * Memory after many records were opened in one page.
 * @param {Context} context @param {string} base @param {number} opens
 */
export async function heapOver(context, base, opens) {
  const { page, devtools } = await slowPage(context, 1);
  const answer = await context.request.get(`${base}/api/v1/patients?limit=20`);
  /** @type {string[]} */
  const ids = (await answer.json()).data.map((/** @type {{ id: string }} */ one) => one.id);
  await page.goto(`${base}/p/${ids[0]}`);
  await whenThere(page, '.banner-name');
  const open = (/** @type {number} */ count) =>
    page.evaluate(
      async ({ all, count: wanted }) => {
        for (let i = 0; i < wanted; i += 1) {
          const id = all[i % all.length];
          const link = document.createElement('a');
          link.href = `/p/${id}`;
          document.body.append(link);
          link.click();
          link.remove();
          await new Promise((resolve) => setTimeout(resolve, 60));
          while (!document.querySelector('.banner-name')) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }
      },
      { all: ids, count },
    );
  await open(30);
  const before = await settled(devtools);
  await open(opens);
  const after = await settled(devtools);
  await page.close();
  return { after: after.heap, growth: after.heap - before.heap, nodes: after.nodes - before.nodes };
}

/** @param {import('../../assets/dev/node_modules/playwright-core/index.js').CDPSession} devtools */
async function settled(devtools) {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let i = 0; i < 3; i += 1) await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize: heap } = await devtools.send('Runtime.getHeapUsage');
  const { nodes } = await devtools.send('Memory.getDOMCounters');
  return { heap, nodes };
}

/** @param {number[]} values */
function middle(values) {
  return percentile(values, 0.5);
}

/** @param {number[]} values @param {number} share */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
