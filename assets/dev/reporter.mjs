// Prints each test, the failures in full at the end, and the counts as the last line.

import { inspect } from 'node:util';

/** @param {AsyncIterable<any>} source */
export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  const failures = [];
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const suite = data.details?.type === 'suite' || data.nesting === 0 && data.name.endsWith('.js');
    const indent = '  '.repeat(data.nesting);
    const good = type === 'test:pass';
    yield `${indent}${good ? '✓' : '✗'} ${data.name} (${Math.round(data.details.duration_ms)} ms)\n`;
    if (suite) continue;
    if (good) passed += 1;
    else {
      failed += 1;
      failures.push(data);
    }
  }
  for (const { name, file, details } of failures) {
    const cause = details.error?.cause ?? details.error;
    yield `\n✗ ${name}\n  ${file ?? ''}\n${cause?.stack ?? inspect(cause)}\n`;
  }
  yield `\n${passed} passed, ${failed} failed\n`;
}
