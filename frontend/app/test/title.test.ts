import { expect, test } from 'vitest';
import { IDLE, type State } from '../src/state.js';
import { Title, titleOf } from '../src/title.js';

const running: State = {
  phase: 'running',
  job: 1,
  path: '/tmp/a.iso',
  done: 420,
  total: 1000,
  cancelling: false,
};

test.each<[State, string]>([
  [IDLE, 'Hasher: SHA-256'],
  [running, '42 % of a.iso – Hasher'],
  [{ ...running, total: null }, 'a.iso – Hasher'],
  [
    {
      phase: 'done',
      resized: false,
      digest: { path: '/tmp/a.iso', bytes: 1, sha256: '', seconds: 1 },
    },
    'a.iso, hashed – Hasher',
  ],
  [{ phase: 'cancelled', path: 'C:\\a.iso', done: 0, total: null }, 'a.iso, cancelled – Hasher'],
])('%j', (state, title) => {
  expect(titleOf(state)).toBe(title);
});

test('sets one title at a time, and only the last of those that wait', async () => {
  const sent: string[] = [];
  let done: () => void = () => undefined;
  const title = new Title((text) => {
    sent.push(text);
    return new Promise((resolve) => {
      done = resolve;
    });
  });
  for (const text of ['a', 'b', 'c', 'd']) {
    title.show(text);
  }
  expect(sent).toEqual(['a']);
  done();
  await Promise.resolve();
  await Promise.resolve();
  expect(sent).toEqual(['a', 'd']);
});

test('does not set the same title twice, and survives a window that refuses', async () => {
  const sent: string[] = [];
  const title = new Title((text) => {
    sent.push(text);
    return Promise.reject(new Error('denied'));
  });
  title.show('a');
  await new Promise((go) => setTimeout(go));
  title.show('a');
  title.show('b');
  await new Promise((go) => setTimeout(go));
  expect(sent).toEqual(['a', 'b']);
});
