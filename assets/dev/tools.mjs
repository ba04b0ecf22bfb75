// What the browser tests need of the packages in this folder: tests live in src/tests, where
// Node does not look for them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export { chromium } from 'playwright-core';

/** The accessibility checker as text, to be run inside a page. */
export const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
