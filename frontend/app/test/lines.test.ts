import { expect, test } from 'vitest';
import { KEPT, Lines, LONGEST } from '../src/lines.js';
import { summary } from '../src/linesview.js';

function texts(lines: Lines): string[] {
  return lines.kept.map(({ stream, text }) => (stream === 'stderr' ? `! ${text}` : text));
}

test.each([
  [['one\ntwo\n'], ['one', 'two']],
  [
    ['on', 'e\nt', 'wo'],
    ['one', 'two'],
  ],
  [['\n\na\n'], ['', '', 'a']],
  [
    ['a\n', '\n', 'b'],
    ['a', '', 'b'],
  ],
  [[''], []],
  [
    ['a\r\nb\r', '\nc'],
    ['a', 'b', 'c'],
  ],
  [['10 %\r20 %\r30 %\n'], ['30 %']],
  [['10 %\r', '20 %\r', '30 %'], ['30 %']],
  [['10 %\r'], ['10 %\r']],
])('%j are the lines %j', (pieces, want) => {
  const lines = new Lines();
  for (const piece of pieces) {
    lines.add('stdout', piece);
  }
  expect(texts(lines)).toEqual(want);
});

test('each stream continues its own line', () => {
  const lines = new Lines();
  lines.add('stdout', 'half of ');
  lines.add('stderr', 'a warn');
  lines.add('stdout', 'a line\nnext');
  lines.add('stderr', 'ing\n');
  expect(texts(lines)).toEqual(['half of a line', '! a warning', 'next']);
});

test('keeps the last lines and counts the dropped ones', () => {
  const lines = new Lines(3);
  lines.add('stdout', '1\n2\n3\n4\n5');
  expect(texts(lines)).toEqual(['3', '4', '5']);
  expect(lines.dropped).toBe(2);
  lines.add('stdout', '!\n6\n');
  expect(texts(lines)).toEqual(['4', '5!', '6']);
  expect(lines.dropped).toBe(3);
});

test('the continuation of a dropped line is a line of its own', () => {
  const lines = new Lines(2);
  lines.add('stderr', 'begun, ');
  lines.add('stdout', '1\n2\n3\n');
  lines.add('stderr', 'gone on with');
  expect(texts(lines)).toEqual(['3', '! gone on with']);
});

test('its memory is bounded', () => {
  const lines = new Lines();
  for (let i = 0; i < 40; i++) {
    lines.add('stdout', 'y\n'.repeat(16_384));
  }
  expect(lines.kept).toHaveLength(KEPT);
  expect(lines.dropped).toBe(40 * 16_384 - KEPT);
  for (let i = 0; i < 100; i++) {
    lines.add('stderr', 'x'.repeat(32_768));
  }
  expect(Math.max(...lines.kept.map(({ text }) => text.length))).toBe(LONGEST);
  expect(lines.kept).toHaveLength(KEPT);
  expect(lines.kept.filter(({ stream }) => stream === 'stderr')).toHaveLength(800);
});

test('a long line is not cut inside a character', () => {
  const lines = new Lines();
  lines.add('stdout', `x${'😀'.repeat(LONGEST)}\n`);
  const parts = texts(lines);
  expect(parts.join('')).toBe(`x${'😀'.repeat(LONGEST)}`);
  expect(parts.every((part) => !/[\uDC00-\uDFFF]/.test(part.charAt(0)))).toBe(true);
});

test.each([
  [0, 0, ''],
  [1, 0, '1 line'],
  [4999, 0, '4,999 lines'],
  [5000, 1, 'Last 5,000 of 5,001 lines'],
])('%d kept and %d dropped is %j', (kept, dropped, text) => {
  expect(summary(kept, dropped)).toBe(text);
});
