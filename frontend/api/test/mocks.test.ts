import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Channel, type Code, IpcError, invoke, isCasement, Sink } from '../src/core.js';
import { type Event, emit, emitTo, listen, once } from '../src/event.js';
import {
  clearMocks,
  type MockChannel,
  type MockGo,
  type MockSink,
  mockIPC,
  mockWindows,
} from '../src/mocks/index.js';
import { CasementEvent, getAllWindows, getCurrentWindow } from '../src/window.js';
import { emitEach, emits, forms, hearers, pageListeners, windows } from './matrix.js';

afterEach(() => clearMocks());

/** Waits until all pending messages have arrived. */
const quiet = () => new Promise((resolve) => setTimeout(resolve));

test('a command gets its arguments, and its result comes back', async () => {
  mockIPC((cmd, args) => ({ cmd, args }));
  expect(isCasement()).toBe(true);
  const gone = { a: 1, b: undefined, c: [new Date(0)] };
  await expect(invoke('x', gone)).resolves.toEqual({
    cmd: 'x',
    args: { a: 1, c: ['1970-01-01T00:00:00.000Z'] },
  });
  await expect(invoke('x')).resolves.toEqual({ cmd: 'x', args: {} });
});

test('arguments and results are copies', async () => {
  const there = { list: [1] };
  mockIPC((_cmd, args) => {
    (args['given'] as number[]).push(2);
    return there;
  });
  const given = [1];
  const got = await invoke<typeof there>('x', { given });
  got.list.push(2);
  expect(given).toEqual([1]);
  expect(there.list).toEqual([1]);
});

test('a result of undefined is null', async () => {
  mockIPC(() => undefined);
  await expect(invoke('x')).resolves.toBeNull();
});

test('bytes travel as bytes, and inside a value as base64', async () => {
  mockIPC((_cmd, args, { bytes, headers }) =>
    bytes ? new Uint8Array([...new Uint8Array(bytes), 9]) : { ...args, headers },
  );
  const result = await invoke<ArrayBuffer>('x', new Uint8Array([1, 2]));
  expect(result).toBeInstanceOf(ArrayBuffer);
  expect([...new Uint8Array(result)]).toEqual([1, 2, 9]);
  const data = new Uint8Array([0xff]);
  await expect(invoke('x', { data }, { headers: { h: '1' } })).resolves.toEqual({
    data: '/w==',
    headers: { h: '1' },
  });
});

test.each<[name: string, handler: () => unknown, code: Code, message: string]>([
  [
    'an Error',
    () => {
      throw new RangeError('no such file');
    },
    'failed',
    'no such file',
  ],
  ['a rejection', () => Promise.reject(new Error('late')), 'failed', 'late'],
  ['a text', () => Promise.reject('why not'), 'failed', 'why not'],
  [
    'a failure with a code',
    () => Promise.reject(new IpcError({ code: 'denied', message: 'no', details: { n: 1 } })),
    'denied',
    'no',
  ],
  ['a result without JSON', () => 1n, 'bad_result', 'BigInt'],
])('%s rejects the call', async (_name, handler, code, message) => {
  mockIPC(handler);
  const error = await invoke('x').catch((thrown: unknown) => thrown as IpcError);
  expect(error).toBeInstanceOf(IpcError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  if (code === 'denied') expect(error).toMatchObject({ details: { n: 1 } });
});

test('a signal cancels the call, and the command hears of it', async () => {
  const heard = vi.fn();
  mockIPC(
    (_cmd, _args, { signal }) =>
      new Promise(() => {
        signal.addEventListener('abort', heard);
      }),
  );
  const abort = new AbortController();
  const call = invoke('x', {}, { signal: abort.signal });
  await quiet();
  abort.abort();
  await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  expect(heard).toHaveBeenCalledOnce();
});

test('a channel delivers in order, and before the call settles', async () => {
  mockIPC((_cmd, args) => {
    const { onTick } = args['deep'] as { onTick: MockChannel<number> };
    onTick.send(1);
    onTick.send(2);
    onTick.close();
    return 'done';
  });
  const order: unknown[] = [];
  const onTick = new Channel<number>((n) => order.push(n));
  order.push(await invoke('count', { deep: { onTick } }));
  expect(order).toEqual([1, 2, 'done']);
  await onTick.closed;
});

test('a command waits while the page is behind', async () => {
  let sent = 0;
  mockIPC(async (_cmd, args) => {
    const all = args['all'] as MockChannel<number>;
    for (; sent < 5000; sent++) await all.send(sent);
    all.close();
  });
  const all = new Channel<number>();
  const call = invoke('fill', { all });
  await quiet();
  expect(sent).toBe(4096);
  const got: number[] = [];
  for await (const n of all) got.push(n);
  await call;
  expect(got).toEqual(Array.from({ length: 5000 }, (_, n) => n));
});

test('a command learns that the page has closed its channel', async () => {
  let end!: MockChannel<number>;
  mockIPC((_cmd, args) => {
    end = args['on'] as MockChannel<number>;
  });
  const on = new Channel<number>(() => undefined);
  await invoke('x', { on });
  await end.send(1);
  on.close();
  await end.done;
  await expect(end.send(2)).rejects.toMatchObject({ code: 'disconnected' });
});

test('a channel ends with the error of the command, and carries bytes', async () => {
  mockIPC((_cmd, args) => {
    const on = args['on'] as MockChannel<Uint8Array>;
    on.send(new Uint8Array([7]));
    on.close(new Error('torn'));
  });
  const got: number[] = [];
  const on = new Channel<ArrayBuffer>((bytes) => got.push(...new Uint8Array(bytes)));
  await invoke('x', { on });
  await expect(on.closed).rejects.toMatchObject({ code: 'failed', message: 'torn' });
  expect(got).toEqual([7]);
});

test('a channel goes with one call', async () => {
  mockIPC(() => null);
  const on = new Channel<number>();
  await invoke('x', { on });
  await expect(invoke('x', { on })).rejects.toMatchObject({ code: 'bad_arguments' });
});

test('a text that looks like a channel stays a text', async () => {
  mockIPC((_cmd, args) => args);
  await expect(invoke('x', { a: '__CHANNEL__:1' })).resolves.toEqual({ a: '__CHANNEL__:1' });
});

test('a command reads a sink to its end', async () => {
  mockIPC(async (_cmd, args) => {
    let sum = 0;
    for await (const n of args['data'] as MockSink<number>) sum += n;
    return sum;
  });
  const data = new Sink<number>({ messages: 2 });
  const sum = invoke<number>('sum', { data });
  for (let n = 1; n <= 100; n++) await data.write(n);
  data.close();
  await expect(sum).resolves.toBe(5050);
});

test('leaving the loop ends a sink, and aborting the sink throws in the loop', async () => {
  mockIPC(async (cmd, args) => {
    for await (const _ of args['data'] as MockSink<number>) if (cmd === 'first') break;
  });
  const first = new Sink<number>();
  const call = invoke('first', { data: first });
  await first.write(1);
  await call;
  await expect(first.closed).rejects.toMatchObject({ code: 'disconnected' });
  const torn = new Sink<number>();
  const failed = invoke('all', { data: torn });
  torn.abort('torn');
  await expect(failed).rejects.toMatchObject({ message: 'torn' });
});

test.each([
  ['its signal is aborted', {}, { signal: AbortSignal.abort('no') }, 'cancelled'],
  ['its arguments have no JSON', { n: 1n }, {}, 'bad_arguments'],
])(
  'a call that is rejected before it is sent ends its streams: %s',
  async (_why, args, options, code) => {
    mockIPC(() => null);
    const out = new Channel<number>();
    const sink = new Sink<number>();
    await expect(invoke('x', { ...args, deep: [{ out }, sink] }, options)).rejects.toMatchObject({
      code,
    });
    await expect(out.closed).rejects.toMatchObject({ code });
    await expect(sink.closed).rejects.toMatchObject({ code });
    await expect(sink.write(1)).rejects.toMatchObject({ code });
  },
);

test('a sink goes with one call, and once', async () => {
  mockIPC(() => null);
  const sink = new Sink<number>();
  await expect(invoke('x', { a: sink, b: sink })).rejects.toMatchObject({
    code: 'bad_arguments',
    message: `x: sink ${sink.id} is passed twice`,
  });
});

test('a value that is larger than Go takes ends its sink', async () => {
  mockIPC(() => null);
  const sink = new Sink<Uint8Array>();
  await invoke('x', { sink });
  await expect(sink.write(new Uint8Array((64 << 20) + 1))).rejects.toMatchObject({
    code: 'too_large',
  });
  await expect(sink.closed).rejects.toMatchObject({ code: 'too_large' });
  await expect(sink.write(new Uint8Array(1))).rejects.toMatchObject({ code: 'too_large' });
});

test('a signal closes a channel', async () => {
  mockIPC(() => null);
  const control = new AbortController();
  const out = new Channel<number>(() => undefined, { signal: control.signal });
  await invoke('x', { out });
  control.abort();
  await expect(out.closed).resolves.toBeUndefined();
});

describe.each(windows)('in the window %s', (label) => {
  const heard: string[] = [];
  const hearing = async (): Promise<MockGo> => {
    const go = mockIPC(() => null, { shouldMockEvents: true });
    mockWindows(label, ...windows.filter((other) => other !== label));
    for (const { name, target } of pageListeners) {
      const [form] = target ? forms(target) : [];
      await listen('aimed', () => heard.push(name), form ? { target: form } : {});
    }
    return go;
  };

  test.each(emits.filter(({ by }) => by.includes('page')))(
    'what the page emits reaches its listeners: $name',
    async (row) => {
      await hearing();
      await emitEach(row, () => expect(heard.splice(0)).toEqual(hearers(row, label)));
    },
  );

  test.each(emits.filter(({ accepts }) => !accepts))(
    'what Go emits reaches its listeners: $name',
    async (row) => {
      const go = await hearing();
      for (const form of row.target ? forms(row.target) : [undefined]) {
        if (form) go.emitTo(form, 'aimed');
        else go.emit('aimed');
        await quiet();
        expect(heard.splice(0)).toEqual(hearers(row, label));
      }
    },
  );
});

test('an event object holds its name, payload and source', async () => {
  const go = mockIPC(() => null, { shouldMockEvents: true });
  const heard: Event<unknown>[] = [];
  await listen('x', (event) => heard.push(event));
  await emit('x', { n: 1 });
  go.emit('x', 2);
  await quiet();
  expect(heard).toEqual([
    { event: 'x', id: 1, payload: { n: 1 }, source: 'main' },
    { event: 'x', id: 1, payload: 2, source: null },
  ]);
  expect(heard.every(Object.isFrozen)).toBe(true);
});

test('a once listener ends with its first event, and unlisten ends any listener', async () => {
  const go = mockIPC(() => null, { shouldMockEvents: true });
  const heard: string[] = [];
  const unlisten = await listen('x', () => heard.push('own'));
  await listen('x', () => heard.push('any'), { target: { kind: 'Any' } });
  await once('x', () => heard.push('once'));
  await emit('x');
  expect(heard.splice(0)).toEqual(['own', 'any', 'once']);
  await emit('x');
  expect(heard.splice(0)).toEqual(['own', 'any']);
  unlisten();
  go.emit('x');
  await quiet();
  expect(heard).toEqual(['any']);
});

test('the page can listen for the shell’s events, but not emit them', async () => {
  const go = mockIPC(() => null, { shouldMockEvents: true });
  const dark = vi.fn();
  await getCurrentWindow().onThemeChanged(({ payload }) => dark(payload.dark));
  await expect(emit(CasementEvent.WINDOW_THEME_CHANGED)).rejects.toMatchObject({
    code: 'bad_arguments',
  });
  await expect(emit('a b')).rejects.toMatchObject({ code: 'bad_arguments' });
  await expect(listen('', () => undefined)).rejects.toMatchObject({ code: 'bad_arguments' });
  go.emitTo('main', CasementEvent.WINDOW_THEME_CHANGED, { dark: true });
  await quiet();
  expect(dark).toHaveBeenCalledExactlyOnceWith(true);
});

test('events that are not mocked go to the handler', async () => {
  const seen: unknown[] = [];
  mockIPC((cmd, args) => {
    seen.push([cmd, args]);
    if (args['event'] === 'bad') throw new Error('no');
  });
  const heard = vi.fn();
  const unlisten = await listen('x', heard);
  await emitTo('main', 'x', 1);
  unlisten();
  await quiet();
  expect(heard).not.toHaveBeenCalled();
  expect(seen).toEqual([
    ['casement:event/listen', { event: 'x', target: null }],
    [
      'casement:event/emit',
      { event: 'x', payload: 1, target: { kind: 'AnyLabel', label: 'main' } },
    ],
    ['casement:event/unlisten', { event: 'x' }],
  ]);
  await expect(emit('bad')).rejects.toMatchObject({ code: 'failed' });
});

test('the open windows are those that were named', async () => {
  mockWindows('settings', 'main');
  expect(getCurrentWindow().label).toBe('settings');
  expect((await getAllWindows()).map(({ label }) => label)).toEqual(['settings', 'main']);
  await expect(invoke('x')).rejects.toMatchObject({ code: 'unknown_command' });
  const calls: unknown[] = [];
  mockIPC((...call) => calls.push(call.slice(0, 2)) && null);
  await getCurrentWindow().setTitle('t');
  expect(calls).toEqual([['casement:window/set-title', { label: 'settings', title: 't' }]]);
});

test('clearMocks ends calls and streams, and removes the mock', async () => {
  let end!: MockChannel<number>;
  mockIPC((_cmd, args) => {
    end = args['on'] as MockChannel<number>;
    return new Promise(() => undefined);
  });
  const on = new Channel<number>();
  const call = invoke('x', { on });
  await quiet();
  clearMocks();
  await expect(call).rejects.toMatchObject({ code: 'disconnected' });
  await expect(on.closed).rejects.toMatchObject({ code: 'disconnected' });
  await end.done;
  expect(isCasement()).toBe(false);
  clearMocks();
  mockIPC(() => 2);
  await expect(invoke('x')).resolves.toBe(2);
});

test('a real window is left alone', () => {
  vi.stubGlobal('__ipc', {});
  expect(() => mockIPC(() => null)).toThrow('needs no mocks');
  vi.unstubAllGlobals();
});

test('the handler has the types that it is called with', () => {
  expectTypeOf<Parameters<typeof mockIPC>[0]>().parameter(0).toEqualTypeOf<string>();
  expectTypeOf<Parameters<typeof mockIPC>[0]>()
    .parameter(1)
    .toEqualTypeOf<Record<string, unknown>>();
});
