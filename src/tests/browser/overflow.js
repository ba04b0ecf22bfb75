// Finds text that does not fit: beyond its box, beyond the window, or cut off.

/** @typedef {import('../../../assets/dev/node_modules/playwright-core/index.js').Page} Page */
/** @typedef {import('../../../assets/dev/node_modules/playwright-core/index.js').Locator} Locator */

/**
 * Texts that stick out, as `box: text`.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export function overflowing(page) {
  return page.evaluate(() => {
    const boxes =
      '.button, .mini, .tag, .letter, .card, .tile, .alert, .tab, .field, .choice, .state, td, th, ' +
      '.grid-row > div, .rail a, .header, .banner, .panel, dialog, .door-card, .menu, .paper';
    /** @type {string[]} */
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || !node.textContent?.trim() || parent.closest('.spoken, .skip, option')) continue;
      if (!parent.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const text = range.getBoundingClientRect();
      if (text.width === 0) continue;
      const box = parent.closest(boxes);
      const limit = box ? box.getBoundingClientRect() : { left: 0, right: innerWidth };
      const out = text.left < limit.left - 1.5 || limit.right + 1.5 < text.right;
      const beyond = !parent.closest('.grid, .table-box') && innerWidth + 1 < text.right;
      const cut =
        getComputedStyle(parent).textOverflow === 'ellipsis' &&
        parent.clientWidth < parent.scrollWidth;
      if (out || beyond || cut) {
        const where = box ? `${box.tagName.toLowerCase()}.${box.className}` : 'window';
        found.push(`${where}: ${node.textContent.trim().slice(0, 60)}`);
      }
    }
    return found;
  });
}

/**
 * Makes the English messages 40 % longer on their way to the page, as German or Finnish would be.
 * @param {import('../../../assets/dev/node_modules/playwright-core/index.js').BrowserContext} context
 */
export async function lengthen(context) {
  await context.route(/\/i18n\/en[\w.]*\.json$/, async (route) => {
    const answer = await route.fetch();
    /** @type {Record<string, string>} */
    const messages = await answer.json();
    const longer = Object.fromEntries(
      Object.entries(messages).map(([key, text]) => [key, longerText(key, text)]),
    );
    await route.fulfill({ response: answer, json: longer });
  });
}

/** @param {string} key @param {string} text */
function longerText(key, text) {
  // Lists of words, and words that are looked for in what is typed, are no texts.
  if (/^(suggest|date\.words|patient\.(relationships|identifier_types)|language)/.test(key)) {
    return text;
  }
  if (/\{\w+, (plural|select),/.test(text)) return text + 'ö'.repeat(Math.ceil(text.length * 0.1));
  return text.replace(/\{\w+\}|[^{}\s]+/g, (word) =>
    word.startsWith('{') ? word : word + 'ö'.repeat(Math.round(word.length * 0.4)),
  );
}
