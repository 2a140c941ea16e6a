import { IpcError } from '@casement/api/core';
import { describe, expect, test } from 'vitest';
import { explain, isCancellation } from '../src/problem.js';

function failed(kind: string): IpcError {
  return new IpcError({ code: 'failed', message: 'low level', details: { kind, path: '/a/b' } });
}

describe('explain', () => {
  test.each([
    ['not_found', 'There is no file at /a/b'],
    ['permission', 'You don’t have permission to read /a/b'],
    ['directory', '/a/b is a folder, not a file'],
    ['not_regular', '/a/b is not a regular file'],
    ['io', 'Reading /a/b failed: low level'],
  ])('%s blames the path', (kind, message) => {
    expect(explain(failed(kind), '/typed')).toMatchObject({ message, about: 'path' });
  });

  test('names the path of the call if Go names none', () => {
    const reason = new IpcError({ code: 'failed', message: 'x', details: { kind: 'not_found' } });
    expect(explain(reason, '/typed').message).toBe('There is no file at /typed');
  });

  test.each([
    [new IpcError({ code: 'failed', message: 'no details' }), 'no details'],
    [new IpcError({ code: 'failed', message: 'odd details', details: 7 }), 'odd details'],
    [failed('something new'), 'low level'],
    [new IpcError({ code: 'panicked', message: 'boom' }), 'boom'],
    [new IpcError({ code: 'disconnected', message: 'x' }), 'connection'],
    [new TypeError('not a function'), 'not a function'],
    ['a string', 'a string'],
  ])('puts %o into words without blaming the path', (reason, words) => {
    const { message, advice, about } = explain(reason, '/typed');
    expect(message).toContain(words);
    expect(advice).not.toBe('');
    expect(about).toBe('program');
  });
});

test('only a cancelled call is a cancellation', () => {
  expect(isCancellation(new IpcError({ code: 'cancelled', message: '' }))).toBe(true);
  expect(isCancellation(failed('io'))).toBe(false);
  expect(isCancellation(new Error('cancelled'))).toBe(false);
});
