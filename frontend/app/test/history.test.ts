import { expect, test } from 'vitest';
import type { Digest } from '../src/bindings.gen.js';
import { remember } from '../src/history.js';

function digest(path: string, sha256 = ''): Digest {
  return { path, bytes: 1, sha256, seconds: 1 };
}

function paths(history: readonly Digest[]): string[] {
  return history.map(({ path }) => path);
}

test('the newest comes first and the oldest goes', () => {
  const history = ['a', 'b', 'c', 'd', 'e']
    .map((path) => digest(path))
    .reduce(remember, [] as readonly Digest[]);
  expect(paths(history)).toEqual(['e', 'd', 'c']);
});

test('a file that is hashed again counts once, with its latest digest', () => {
  const history = remember([digest('b'), digest('a', 'old')], digest('a', 'new'));
  expect(paths(history)).toEqual(['a', 'b']);
  expect(history[0]?.sha256).toBe('new');
});
