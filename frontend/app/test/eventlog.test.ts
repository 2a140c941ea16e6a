import { describe, expect, test } from 'vitest';
import { addressee, brief, CLIP, clock, EventLog, type Mailbox } from '../src/eventlog.js';

function heard(payload: unknown, name = 'tick'): Parameters<EventLog['add']>[0] {
  return { at: 0, name, source: null, payload, mailboxes: new Set() };
}

function payloads(log: EventLog): string[] {
  return log.entries.map(({ payload }) => payload);
}

test('keeps the newest and forgets the oldest', () => {
  const log = new EventLog(3);
  for (let i = 1; i <= 5; i++) {
    log.add(heard(i));
  }
  expect(payloads(log)).toEqual(['3', '4', '5']);
  expect(log.total).toBe(5);
});

test('does not change while it is paused, and misses nothing', () => {
  const log = new EventLog(3);
  log.add(heard(1));
  log.paused = true;
  log.add(heard(2));
  log.paused = true;
  log.add(heard(3));
  expect(payloads(log)).toEqual(['1']);
  expect(log.waiting).toBe(2);
  log.paused = false;
  expect(payloads(log)).toEqual(['1', '2', '3']);
  expect(log.waiting).toBe(0);
});

test('is bounded while it is paused', () => {
  const log = new EventLog(2);
  log.add(heard(0));
  log.paused = true;
  for (let i = 1; i <= 100; i++) {
    log.add(heard(i));
  }
  expect(payloads(log)).toEqual(['0']);
  log.paused = false;
  expect(payloads(log)).toEqual(['99', '100']);
});

test('clear removes waiting events too, and keeps the pause', () => {
  const log = new EventLog();
  log.add(heard(1));
  log.paused = true;
  log.add(heard(2));
  log.clear();
  expect([log.entries.length, log.waiting, log.total, log.paused]).toEqual([0, 0, 0, true]);
  log.add(heard(3));
  expect(log.waiting).toBe(1);
  log.paused = false;
  expect(payloads(log)).toEqual(['3']);
  expect(log.total).toBe(1);
});

test.each<[Mailbox[], string]>([
  [['app', 'main', 'settings'], 'all'],
  [['main'], 'main'],
  [['main', 'settings'], 'main, settings'],
  [[], 'other'],
])('%j is for %s', (mailboxes, to) => {
  expect(addressee(new Set(mailboxes))).toBe(to);
});

test('writes the time of day to the millisecond', () => {
  expect(clock(new Date(2026, 0, 1, 9, 5, 3, 7).getTime())).toBe('09:05:03.007');
});

describe('a payload', () => {
  test('is shown as JSON, and null as nothing', () => {
    expect([{ a: 1 }, 'x', null, undefined].map(brief)).toEqual(['{"a":1}', '"x"', '', '']);
  });

  test('is clipped, but not inside a character', () => {
    expect(brief('x'.repeat(CLIP - 2))).toHaveLength(CLIP);
    expect(brief('x'.repeat(CLIP))).toHaveLength(CLIP + 1);
    // With the quote in front, each surrogate pair starts at an odd index.
    const astral = brief('😀'.repeat(CLIP));
    expect(() => encodeURIComponent(astral)).not.toThrow();
    expect(astral.length).toBeLessThanOrEqual(CLIP + 1);
  });
});
