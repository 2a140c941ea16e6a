import { describe, expect, test } from 'vitest';
import { MISSING_PATH } from '../src/problem.js';
import { type Action, IDLE, next, type State } from '../src/state.js';

const digest = { path: '/a', bytes: 10, sha256: 'ab', seconds: 1 };
const problem = MISSING_PATH;

function after(...actions: Action[]): State {
  return actions.reduce(next, IDLE);
}

const start: Action = { type: 'start', job: 1, path: '/a' };
const opened: Action = { type: 'opened', job: 1, total: 10 };

describe('a job', () => {
  test('runs from its start to its digest', () => {
    expect(after(start)).toEqual({
      phase: 'running',
      job: 1,
      path: '/a',
      done: 0,
      total: null,
      cancelling: false,
    });
    expect(after(start, opened, { type: 'read', job: 1, done: 4 })).toMatchObject({
      done: 4,
      total: 10,
    });
    expect(after(start, opened, { type: 'finished', job: 1, digest })).toEqual({
      phase: 'done',
      digest,
      resized: false,
    });
  });

  test('notices that the file has changed its size', () => {
    const grown = { ...digest, bytes: 11 };
    expect(after(start, opened, { type: 'finished', job: 1, digest: grown })).toMatchObject({
      resized: true,
    });
    expect(after(start, { type: 'finished', job: 1, digest })).toMatchObject({ resized: false });
  });

  test('never goes backwards', () => {
    const state = after(start, opened, { type: 'read', job: 1, done: 4 });
    expect(next(state, { type: 'read', job: 1, done: 3 })).toBe(state);
    expect(next(state, { type: 'read', job: 1, done: Number.NaN })).toBe(state);
  });

  test('fails with its problem', () => {
    expect(after(start, { type: 'failed', job: 1, problem })).toEqual({ phase: 'error', problem });
  });

  test('is cancelling until Go has settled it', () => {
    const cancelling = after(start, opened, { type: 'cancel' });
    expect(cancelling).toMatchObject({ phase: 'running', cancelling: true });
    expect(next(cancelling, { type: 'stopped', job: 1 })).toEqual({
      phase: 'cancelled',
      path: '/a',
      done: 0,
      total: 10,
    });
  });

  test('that finishes after a cancel is done', () => {
    expect(after(start, { type: 'cancel' }, { type: 'finished', job: 1, digest })).toMatchObject({
      phase: 'done',
    });
  });
});

describe('an action that does not fit changes nothing', () => {
  const running = after(start, opened);

  test.each<Action>([
    { type: 'start', job: 2, path: '/b' },
    { type: 'opened', job: 0, total: 99 },
    { type: 'read', job: 0, done: 99 },
    { type: 'finished', job: 0, digest },
    { type: 'failed', job: 0, problem },
    { type: 'stopped', job: 0 },
    { type: 'refuse', problem },
    { type: 'edit' },
  ])('while a job runs: $type', (action) => {
    expect(next(running, action)).toBe(running);
  });

  test.each<Action>([
    opened,
    { type: 'read', job: 1, done: 5 },
    { type: 'finished', job: 1, digest },
    { type: 'failed', job: 1, problem },
    { type: 'stopped', job: 1 },
    { type: 'cancel' },
    { type: 'edit' },
  ])('while none does: $type', (action) => {
    expect(next(IDLE, action)).toBe(IDLE);
  });
});

describe('editing the path', () => {
  test('removes an error and a cancellation', () => {
    expect(next(after(start, { type: 'failed', job: 1, problem }), { type: 'edit' })).toBe(IDLE);
    expect(next(after(start, { type: 'stopped', job: 1 }), { type: 'edit' })).toBe(IDLE);
    expect(next(after({ type: 'refuse', problem }), { type: 'edit' })).toBe(IDLE);
  });

  test('keeps a digest', () => {
    const done = after(start, { type: 'finished', job: 1, digest });
    expect(next(done, { type: 'edit' })).toBe(done);
  });
});

test('a job can follow each outcome', () => {
  const again: Action = { type: 'start', job: 2, path: '/b' };
  const outcomes: Action[] = [
    { type: 'finished', job: 1, digest },
    { type: 'failed', job: 1, problem },
    { type: 'stopped', job: 1 },
  ];
  for (const outcome of outcomes) {
    expect(after(start, outcome, again)).toMatchObject({ phase: 'running', job: 2, path: '/b' });
  }
});
