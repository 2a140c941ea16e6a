import { expect, test } from 'vitest';
import { Flow, NOTHING } from '../src/flow.js';
import { paceOf } from '../src/flowview.js';

test('counts all and measures the last second', () => {
  const flow = new Flow(0);
  for (let at = 100; at <= 3000; at += 100) {
    flow.add(50);
    flow.add(150);
    const rate = flow.measure(at);
    expect(rate.messages).toBeCloseTo(20);
    expect(rate.bytes).toBeCloseTo(2000);
  }
  expect([flow.messages, flow.bytes]).toEqual([60, 6000]);
});

test('has no rate a second after the last message', () => {
  const flow = new Flow(0);
  flow.add(1000);
  expect(flow.measure(500)).toEqual({ messages: 2, bytes: 2000 });
  expect(flow.measure(1000)).toEqual({ messages: 1, bytes: 1000 });
  expect(flow.measure(1600)).toEqual({ messages: 0, bytes: 0 });
  expect(flow.messages).toBe(1);
});

test('has no rate before time has passed', () => {
  const flow = new Flow(10);
  flow.add(1000);
  expect(flow.measure(10)).toEqual({ messages: 0, bytes: 0 });
});

test.each([
  [false, true, true, 'idle'],
  [true, false, false, 'flowing'],
  [true, true, false, 'paused'],
  [true, true, true, 'held'],
  [true, false, true, 'held'],
] as const)('live %s, paused %s, held %s is %s', (live, paused, held, pace) => {
  expect(paceOf(live, paused, { ...NOTHING, held })).toBe(pace);
});
