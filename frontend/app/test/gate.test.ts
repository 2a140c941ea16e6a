import { expect, test } from 'vitest';
import { Gate } from '../src/gate.js';

test('an open gate calls at once and returns the result', () => {
  const gate = new Gate();
  expect(gate.pass(() => 7)).toBe(7);
});

test('a shut gate waits until it opens, and then for the call', async () => {
  const gate = new Gate();
  const taken: string[] = [];
  gate.shut = true;
  const first = gate.pass(() => {
    taken.push('first');
    return Promise.resolve('done');
  });
  await Promise.resolve();
  expect(taken).toEqual([]);
  gate.shut = false;
  expect(await first).toBe('done');
  expect(taken).toEqual(['first']);
});

test('a gate that shuts again at once lets nothing through', async () => {
  const gate = new Gate();
  let passed = 0;
  gate.shut = true;
  void gate.pass(() => passed++);
  gate.shut = false;
  gate.shut = true;
  gate.shut = true;
  await new Promise((go) => setTimeout(go));
  expect(passed).toBe(0);
  gate.shut = false;
  await new Promise((go) => setTimeout(go));
  expect(passed).toBe(1);
});
