import { expect, test } from 'vitest';
import { folder, when } from '../src/recent.js';

const MINUTE = 60_000;

test.each([
  [0, 'just now'],
  [-5 * MINUTE, 'just now'],
  [MINUTE, '1 minute ago'],
  [59 * MINUTE, '59 minutes ago'],
  [60 * MINUTE, '1 hour ago'],
  [23 * 60 * MINUTE, '23 hours ago'],
  [24 * 60 * MINUTE, 'yesterday'],
  [72 * 60 * MINUTE, '3 days ago'],
])('%d ms ago', (ago, words) => {
  expect(when(1e12 - ago, 1e12)).toBe(words);
});

test.each([
  ['/tmp/a/a', '/tmp/a'],
  ['/a', '/'],
  ['C:\\x\\y.txt', 'C:\\x'],
  ['y.txt', ''],
])('the folder of %s', (path, want) => {
  expect(folder(path)).toBe(want);
});
