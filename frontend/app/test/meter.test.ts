import { expect, test } from 'vitest';
import { Meter } from '../src/meter.js';

/** steady reads `rate` bytes per second for `seconds`, reported every 50 ms. */
function steady(meter: Meter, rate: number, from: number, seconds: number, bytes = 0): number {
  let read = bytes;
  for (let at = 50; at <= seconds * 1000; at += 50) {
    read = bytes + (rate * at) / 1000;
    meter.add(read, from + at);
  }
  return read;
}

test('has no rate before it has measured', () => {
  const meter = new Meter(0);
  expect(meter.rate).toBeNull();
  expect(meter.timeLeft(1000)).toBeNull();
  meter.add(500, 20);
  expect(meter.rate).toBeNull();
});

test('measures a steady rate exactly', () => {
  const meter = new Meter(1000);
  steady(meter, 2000, 1000, 3);
  expect(meter.rate).toBeCloseTo(2000, 6);
  expect(meter.timeLeft(10_000)).toBeCloseTo(2, 6);
});

test('has 0 s left at the end, and never less', () => {
  const meter = new Meter(0);
  steady(meter, 1000, 0, 1);
  expect(meter.timeLeft(1000)).toBe(0);
  expect(meter.timeLeft(10)).toBe(0);
});

test('follows a change of speed without jumping', () => {
  const meter = new Meter(0);
  const read = steady(meter, 1000, 0, 2);
  meter.add(read + 500, 2050);
  const jolted = meter.rate ?? 0;
  expect(jolted).toBeGreaterThan(1000);
  expect(jolted).toBeLessThan(1500);
  steady(meter, 10_000, 2050, 8, read + 500);
  expect(meter.rate ?? 0).toBeGreaterThan(9900);
});

test('weighs by time, not by the number of reports', () => {
  const often = new Meter(0);
  const seldom = new Meter(0);
  steady(often, 1000, 0, 1);
  steady(seldom, 1000, 0, 1);
  for (let at = 10; at <= 1000; at += 10) {
    often.add(1000 + at * 3, 1000 + at);
  }
  for (let at = 250; at <= 1000; at += 250) {
    seldom.add(1000 + at * 3, 1000 + at);
  }
  expect(often.rate ?? 0).toBeCloseTo(seldom.rate ?? Number.NaN, 6);
});

test('goes down while nothing is read', () => {
  const meter = new Meter(0);
  const read = steady(meter, 1000, 0, 1);
  meter.add(read, 4000);
  expect(meter.rate ?? 0).toBeLessThan(100);
});

test('ignores a step back, a clock that stands still, and NaN', () => {
  const meter = new Meter(0);
  const read = steady(meter, 1000, 0, 1);
  meter.add(read - 1, 1100);
  meter.add(read + 500, 1000);
  meter.add(Number.NaN, 1200);
  expect(meter.rate).toBeCloseTo(1000, 6);
});

test('has no time left for a total that is not finite', () => {
  const meter = new Meter(0);
  steady(meter, 1000, 0, 1);
  expect(meter.timeLeft(Number.POSITIVE_INFINITY)).toBeNull();
  expect(meter.timeLeft(Number.NaN)).toBeNull();
});
