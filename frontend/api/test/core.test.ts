import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { Channel, type Code, type InvokeArgs, IpcError, invoke, isCasement } from '../src/core.js';

afterEach(() => vi.unstubAllGlobals());

describe('outside Casement', () => {
  test('isCasement says so', () => {
    expect(isCasement()).toBe(false);
  });

  test('invoke rejects, and does not throw', async () => {
    const call = invoke('greet', { name: 'Ann' });
    await expect(call).rejects.toBeInstanceOf(IpcError);
    await expect(call).rejects.toMatchObject({ code: 'disconnected', name: 'IpcError' });
  });

  test('new Channel throws', () => {
    expect(() => new Channel(() => undefined)).toThrow(IpcError);
  });
});

describe('inside Casement', () => {
  test('invoke passes on its arguments', async () => {
    const spy = vi.fn(() => Promise.resolve('hello'));
    vi.stubGlobal('__ipc', { invoke: spy });
    expect(isCasement()).toBe(true);
    const options = { headers: { a: 'b' } };
    await expect(invoke<string>('greet', { name: 'Ann' }, options)).resolves.toBe('hello');
    expect(spy).toHaveBeenCalledExactlyOnceWith('greet', { name: 'Ann' }, options);
  });

  test('an error that the runtime throws becomes a rejection', async () => {
    vi.stubGlobal('__ipc', {
      invoke() {
        throw new TypeError('odd');
      },
    });
    await expect(invoke('greet')).rejects.toThrow('odd');
  });

  test('a channel passes everything on', async () => {
    const end = {
      id: 7,
      onmessage: undefined as unknown,
      closed: Promise.resolve(),
      close: vi.fn(),
      toJSON: () => '__CHANNEL__:7',
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield await Promise.resolve(2);
      },
    };
    const channel = vi.fn((handler: unknown) => {
      end.onmessage = handler;
      return end;
    });
    vi.stubGlobal('__ipc', { channel });
    const first = (): void => undefined;
    const one = new Channel<number>(first, { keepAlive: true });
    expect(channel).toHaveBeenCalledExactlyOnceWith(first, { keepAlive: true });
    expect(one.id).toBe(7);
    expect(one.onmessage).toBe(first);
    one.onmessage = undefined;
    expect(end.onmessage).toBeUndefined();
    expect(JSON.stringify({ one })).toBe('{"one":"__CHANNEL__:7"}');
    await expect(one.closed).resolves.toBeUndefined();
    const got: number[] = [];
    for await (const message of one) got.push(message);
    expect(got).toEqual([1, 2]);
    one.close();
    one[Symbol.dispose]();
    expect(end.close).toHaveBeenCalledTimes(2);
  });
});

describe('IpcError', () => {
  test('carries the failure', () => {
    const cause = new Error('cause');
    const error = new IpcError({ code: 'failed', message: 'no', details: { n: 1 } }, { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'IpcError',
      code: 'failed',
      message: 'no',
      details: { n: 1 },
      cause,
    });
    expect(String(error)).toBe('IpcError: no');
    expect(new IpcError({ code: 'failed', message: 'no' }).details).toBeUndefined();
  });

  test('recognises errors of another copy of the class', async () => {
    vi.resetModules();
    const { IpcError: Other } = await import('../src/error.js');
    expect(Other).not.toBe(IpcError);
    const failure = { code: 'busy', message: 'no' } as const;
    expect(new Other(failure)).toBeInstanceOf(IpcError);
    expect(new IpcError(failure)).toBeInstanceOf(Other);
  });

  test.each([null, undefined, 'text', 5, {}, new Error('no'), { code: 'failed' }])(
    'does not recognise %o',
    (candidate) => {
      expect((candidate as unknown) instanceof IpcError).toBe(false);
    },
  );
});

test('the types are those that callers rely on', () => {
  expectTypeOf(invoke<number>).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(invoke).parameter(0).toEqualTypeOf<string>();
  expectTypeOf<{ path: string }>().toExtend<InvokeArgs>();
  expectTypeOf<Uint8Array>().toExtend<InvokeArgs>();
  expectTypeOf<ArrayBuffer>().toExtend<InvokeArgs>();
  expectTypeOf<string>().not.toExtend<InvokeArgs>();
  expectTypeOf<Channel<number>>().toExtend<AsyncIterable<number>>();
  expectTypeOf<Channel<number>>().not.toExtend<AsyncIterable<string>>();
  expectTypeOf<Channel<number>['onmessage']>().toEqualTypeOf<
    ((message: number) => unknown) | undefined
  >();
  expectTypeOf(new IpcError({ code: 'failed', message: '' }).code).toEqualTypeOf<Code>();
  expectTypeOf<IpcError['details']>().toEqualTypeOf<unknown>();
  expectTypeOf<Channel<number>['closed']>().resolves.toEqualTypeOf<void>();
});
