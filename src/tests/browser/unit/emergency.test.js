// How long an emergency access still lasts, in words: never a minute too much.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { leftText } from '../../../../assets/clinical/emergency.js';
import { speak } from './catalogues.js';

test('Minutes are told, in the last two the seconds, and nothing below none', () => {
  speak();
  for (const [ms, text] of /** @type {[number, string][]} */ ([
    [3_600_000, '60 min'],
    [3_599_001, '60 min'],
    [3_540_000, '59 min'],
    [120_000, '2 min'],
    [119_000, '1 min 59 s'],
    [60_500, '1 min 01 s'],
    [400, '0 min 01 s'],
    [0, '0 min 00 s'],
    [-5000, '0 min 00 s'],
  ])) {
    assert.equal(leftText(ms), text, String(ms));
  }
});
