import { expect, test } from 'vitest';
import { groups, write } from '../src/digits.js';
import { DEFAULTS } from '../src/settings.js';

test.each([
  [4, ['abcd', 'ef']],
  [6, ['abcdef']],
  [0, ['abcdef']],
  [-1, ['abcdef']],
])('in groups of %d', (size, want) => {
  expect(groups('abcdef', size)).toEqual(want);
});

test('a written digest has no gaps in its text, whatever the settings', () => {
  const element = document.createElement('code');
  write(element, '00ff00ff', { ...DEFAULTS, group: 4, uppercase: true });
  expect(element.textContent).toBe('00FF00FF');
  expect(element.querySelectorAll('span')).toHaveLength(2);
  write(element, '00ff00ff', { ...DEFAULTS, group: 0 });
  expect(element.textContent).toBe('00ff00ff');
  expect(element.querySelectorAll('span')).toHaveLength(1);
});
