import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import { asTarget, type Event, emit, emitTo, listen, once } from '../src/event.js';

/** Puts a page runtime into place that notes what it is asked. */
function stub(): { listen: ReturnType<typeof vi.fn>; emit: ReturnType<typeof vi.fn> } {
  const ipc = {
    label: 'main',
    listen: vi.fn(async () => () => undefined),
    emit: vi.fn(async () => null),
  };
  vi.stubGlobal('__ipc', ipc);
  return ipc;
}

afterEach(() => vi.unstubAllGlobals());

const handler = (): void => undefined;

test('a label as a target is that label in any window', () => {
  expect(asTarget('settings')).toEqual({ kind: 'AnyLabel', label: 'settings' });
  expect(asTarget(undefined)).toBeUndefined();
  const target = { kind: 'Webview', label: 'settings' } as const;
  expect(asTarget(target)).toBe(target);
});

test('listen passes on what it is given', async () => {
  const ipc = stub();
  const unlisten = await listen('x', handler);
  expect(ipc.listen).toHaveBeenLastCalledWith('x', handler, undefined);
  expect(unlisten).toBeTypeOf('function');
  await listen('x', handler, { target: 'other' });
  expect(ipc.listen).toHaveBeenLastCalledWith('x', handler, { kind: 'AnyLabel', label: 'other' });
  await once('x', handler, { target: { kind: 'Any' } });
  expect(ipc.listen).toHaveBeenLastCalledWith('x', handler, { kind: 'Any' }, true);
});

test('emit resolves to nothing', async () => {
  const ipc = stub();
  expect(await emit('x', { a: 1 })).toBeUndefined();
  expect(ipc.emit).toHaveBeenLastCalledWith('x', { a: 1 });
  expect(await emitTo('other', 'x', 1)).toBeUndefined();
  expect(ipc.emit).toHaveBeenLastCalledWith('x', 1, { kind: 'AnyLabel', label: 'other' });
  await emitTo({ kind: 'App' }, 'x');
  expect(ipc.emit).toHaveBeenLastCalledWith('x', undefined, { kind: 'App' });
});

test('outside a window everything rejects, and nothing throws', async () => {
  const disconnected = { code: 'disconnected' };
  await expect(listen('x', handler)).rejects.toMatchObject(disconnected);
  await expect(once('x', handler)).rejects.toMatchObject(disconnected);
  await expect(emit('x')).rejects.toMatchObject(disconnected);
  await expect(emitTo('other', 'x')).rejects.toMatchObject(disconnected);
});

test('the payload has the type that listen is given', () => {
  const typed: Parameters<typeof listen<number>>[1] = (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<number>();
    expectTypeOf(event.source).toEqualTypeOf<string | null>();
    // @ts-expect-error -- it is read-only
    event.payload = 1;
  };
  expectTypeOf(typed).parameter(0).toEqualTypeOf<Event<number>>();
  // @ts-expect-error -- a kind that does not exist
  void (() => emitTo({ kind: 'Label', label: 'x' }, 'x'));
  // @ts-expect-error -- a window has a label
  void (() => emitTo({ kind: 'Window' }, 'x'));
});
