import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import {
  asTarget,
  defineEvent,
  type Event,
  type EventName,
  emit,
  emitTo,
  listen,
  once,
  type ShellEvents,
} from '../src/event.js';
import { type CasementEvent, getCurrentWindow } from '../src/window.js';

/** Installs a page runtime that records its calls. */
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

test('listen passes on its arguments', async () => {
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
  void (() =>
    listen<number>('x', (event) => {
      expectTypeOf(event).toEqualTypeOf<Event<number>>();
      expectTypeOf(event.payload).toEqualTypeOf<number>();
      expectTypeOf(event.source).toEqualTypeOf<string | null>();
      // @ts-expect-error -- it is read-only
      event.payload = 1;
    }));
  // @ts-expect-error -- a kind that does not exist
  void (() => emitTo({ kind: 'Label', label: 'x' }, 'x'));
  // @ts-expect-error -- a window has a label
  void (() => emitTo({ kind: 'Window' }, 'x'));
});

test("the shell's own events have their payloads' types", () => {
  void (() =>
    listen('casement://resize', ({ payload }) => {
      expectTypeOf(payload).toEqualTypeOf<{ width: number; height: number }>();
    }));
  void (() =>
    once('casement://open-file', ({ payload }) => {
      expectTypeOf(payload.paths).toEqualTypeOf<string[]>();
    }));
  void (() =>
    getCurrentWindow().listen('casement://focus', ({ payload }) => {
      expectTypeOf(payload).toEqualTypeOf<null>();
    }));
  expectTypeOf<keyof ShellEvents>().toExtend<EventName>();
  // Each has a constant too.
  expectTypeOf<(typeof CasementEvent)[keyof typeof CasementEvent]>().toEqualTypeOf<
    keyof ShellEvents
  >();
});

test('a defined event passes on its name', async () => {
  const ipc = stub();
  const defined = defineEvent<{ a: number }>('x');
  expect(ipc.listen).not.toHaveBeenCalled();
  expect(defined.event).toBe('x');
  await defined.listen(handler, { target: 'other' });
  expect(ipc.listen).toHaveBeenLastCalledWith('x', handler, { kind: 'AnyLabel', label: 'other' });
  await defined.once(handler);
  expect(ipc.listen).toHaveBeenLastCalledWith('x', handler, undefined, true);
  await defined.emit({ a: 1 });
  expect(ipc.emit).toHaveBeenLastCalledWith('x', { a: 1 });
  await defined.emitTo('other', { a: 2 });
  expect(ipc.emit).toHaveBeenLastCalledWith('x', { a: 2 }, { kind: 'AnyLabel', label: 'other' });
  await defineEvent<null, void>('y').emit();
  expect(ipc.emit).toHaveBeenLastCalledWith('y', undefined);
});

test('a defined event has the types that it was given', () => {
  const defined = defineEvent<{ at: string | null }, { at?: string }>('x');
  void (() =>
    defined.listen(({ payload }) => expectTypeOf(payload.at).toEqualTypeOf<string | null>()));
  void (() => defined.emit({}));
  // @ts-expect-error -- another payload
  void (() => defined.emit({ at: 1 }));
  // @ts-expect-error -- what arrives may not be emitted here
  void (() => defined.emitTo('main', { at: null }));
  // @ts-expect-error -- a payload is missing
  void (() => defined.emit());
  // @ts-expect-error -- there is no payload
  void (() => defineEvent<null, void>('y').emit(1));
});
