import type { Failure } from '../error.js';
import { createMap, defineProperty, keysOf, promise, shift, weak } from './intrinsics.js';
import { type Port, report } from './port.js';
import { errorOf } from './stack.js';

/** Handles one message of a channel. If it returns a promise, the next message waits for it. */
export type Handler = (message: unknown) => unknown;

/** Options of a channel. */
export interface ChannelOptions {
  /** See `ChannelOptions` in `@casement/api/core`. */
  keepAlive?: boolean;
  /** Closes the channel. */
  signal?: AbortSignal;
}

/** The page's end of a stream from Go. See `Channel` in `@casement/api/core`. */
export interface PageChannel {
  readonly id: number;
  onmessage: Handler | undefined;
  readonly closed: Promise<void>;
  close(): void;
  toJSON(): string;
  [Symbol.dispose](): void;
  [Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined>;
}

/** A channel or sink among the arguments of a call, as the call sees it. */
export interface Stream {
  readonly id: number;
  readonly kind: 'channels' | 'sinks';
  /** Returns why it can't be passed to a call, such as "is closed", or undefined if it can. */
  refusal(): string | undefined;
  /** Marks it as passed to a call, which keeps it alive until the call settles. */
  open(): void;
  settled(): void;
  /** Ends it at once. */
  fail(failure: Failure): void;
}

/** Takes the place of a message that can't be read. */
export const lost = {};

/** A channel, as the runtime sees it. */
export interface Channel extends Stream {
  /** Delivers a message, or {@link lost}. Does nothing if the channel is over. */
  deliver(message: unknown, ask: boolean): void;
  /** Ends the stream behind all messages that still wait for the handler. */
  finish(failure?: Failure): void;
}

/**
 * Channels makes a page's channels and finds them for messages from Go.
 *
 * It keeps a channel that has been passed to a call alive, even if the page drops the object, while
 * the page can observe its stream: while it has a handler or its call is pending, while a reader
 * waits for its next message, and once `closed` has been read. The option `keepAlive` overrides the
 * effect of the handler. Once the garbage collector has collected any other channel, the page closes
 * its stream.
 */
export interface Channels {
  make(handler?: Handler, options?: ChannelOptions): PageChannel;
  /**
   * Runs `stringify`, adds the streams among its arguments to `streams`, and returns its result.
   */
  passing<T>(streams: Stream[], stringify: () => T): T;
  /** Returns the streams among arguments that no call has taken. Omits those that can't be read. */
  unused(args: unknown): Stream[];
  /** Notes a stream that a JSON.stringify in progress has found. */
  found(stream: Stream): void;
  find(id: number): Channel | undefined;
  finish(id: number, failure?: Failure): void;
  /** Ends all channels at once: the page is over. */
  failAll(failure: Failure): void;
}

/** Not yet passed to a call. */
const fresh = 0;
/** Passed to a call. */
const open = 1;
/** Ended by Go, with messages that still wait for the handler. */
const ending = 2;
/** Ended. */
const over = 3;
type State = typeof fresh | typeof open | typeof ending | typeof over;

const ignore = (): void => undefined;

/** Waits for a promise to settle. */
const settled = async (result: unknown, fail: (error: unknown) => void = ignore): Promise<void> => {
  try {
    await result;
  } catch (error) {
    fail(error);
  }
};

/**
 * Closes a channel when a signal is aborted, without keeping the channel alive. Returns a function
 * that undoes it.
 */
function closeWith(signal: AbortSignal, channel: WeakRef<PageChannel>): () => void {
  const close = (): void => channel.deref()?.close();
  if (signal.aborted) close();
  signal.addEventListener('abort', close);
  return () => signal.removeEventListener('abort', close);
}

/** The part of a channel that outlives its garbage collection. It must not hold the channel. */
interface Remains {
  readonly id: number;
  detach?: () => void;
}

export function createChannels({ send }: Port): Channels {
  const all = createMap<number, WeakRef<Channel>>();
  const held = createMap<number, PageChannel>();
  const forget = (remains: Remains): boolean => {
    try {
      remains.detach?.();
    } catch {
      // The page may have replaced the signal's method.
    }
    return all.delete(remains.id);
  };
  const collected = new FinalizationRegistry<Remains>((remains) => {
    if (forget(remains)) send({ kind: 'close', channel: remains.id });
  });
  const { register, unregister } = collected;
  defineProperty(collected, 'register', { value: register });
  defineProperty(collected, 'unregister', { value: unregister });
  let last = 0;
  let passing: Stream[] | undefined;
  const find = (id: number) => all.get(id)?.deref();
  const found = (stream: Stream): void => {
    if (passing) passing[passing.length] = stream;
  };

  const make = (onmessage?: Handler, options: ChannelOptions = {}): PageChannel => {
    const id = ++last;
    const remains: Remains = { id };
    const { keepAlive, signal } = options;
    let handler = onmessage;
    /** The handler is an iterator's, which keeps the channel alive only while it waits. */
    let reading = false;
    let state: State = fresh;
    let queue: [message: unknown, ask: boolean][] = [];
    let busy = false;
    let consumed = 0;
    let pins = 0;
    let failure: Failure | undefined;
    let wake = ignore;
    let settle: (failure?: Failure) => void = ignore;
    const ended = promise<void>((resolve, reject) => {
      settle = (why) => (why ? reject(errorOf(why)) : resolve());
    });
    void settled(ended); // A rejection that the page does not read is no error.

    /** Keeps the channel alive, or no longer, by its present state. */
    const hold = (): void => {
      const observed = pins > 0 || (keepAlive ?? (!!handler && !reading));
      if (observed && (state === open || state === ending)) held.set(id, channel);
      else held.delete(id);
    };
    const pin = (): void => {
      pins++;
      hold();
    };
    const unpin = (): void => {
      pins--;
      hold();
    };
    const dispose = (why?: Failure): void => {
      if (state === over) return;
      state = over;
      queue = [];
      hold();
      forget(remains);
      collected.unregister(channel);
      settle(why);
      wake();
    };
    const consume = (ask: boolean): void => {
      consumed++;
      if (ask && state === open) send({ kind: 'grant', channel: id, messages: consumed });
    };
    const outlast = async (result: unknown, ask: boolean): Promise<void> => {
      busy = true;
      await settled(result, report);
      busy = false;
      consume(ask);
      drain();
    };
    const handle = (take: Handler, message: unknown, ask: boolean): void => {
      let result: unknown;
      let waits = false;
      try {
        if (message !== lost) result = take(message);
        waits = typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';
      } catch (error) {
        report(error);
      }
      if (waits) void outlast(result, ask);
      else consume(ask);
    };
    const drain = (): void => {
      while (!busy && handler && queue.length > 0) {
        const next = shift(queue) as [unknown, boolean];
        handle(handler, next[0], next[1]);
      }
      if (state === ending && !busy && queue.length === 0) dispose(failure);
    };
    const close = (): void => {
      if (state === open) send({ kind: 'close', channel: id });
      dispose();
    };
    const setHandler = (next: Handler | undefined, reader: boolean): void => {
      handler = next;
      reading = reader;
      hold();
      drain();
    };

    const stream: Channel = {
      id,
      kind: 'channels',
      deliver(message, ask) {
        if (state === over) return;
        // Usually no message waits, and this one goes to the handler at once.
        if (busy || !handler || queue.length > 0) queue[queue.length] = [message, ask];
        else handle(handler, message, ask);
      },
      finish(why) {
        if (state === over) return;
        state = ending;
        failure = why;
        drain();
      },
      fail: dispose,
      refusal() {
        if (state === fresh) return undefined;
        return state === over ? 'is closed' : 'has been passed to a call before';
      },
      open() {
        state = open;
        pin();
      },
      settled: unpin,
    };
    const channel: PageChannel = {
      id,
      get onmessage() {
        return handler;
      },
      set onmessage(next) {
        setHandler(next, false);
      },
      get closed() {
        // A reader of `closed` waits for the end, so the stream must reach it.
        if (state !== over) pin();
        return ended;
      },
      close,
      [Symbol.dispose]: close,
      toJSON() {
        found(stream);
        return `__CHANNEL__:${id}`;
      },
      async *[Symbol.asyncIterator]() {
        const messages: unknown[] = [];
        let taken = ignore;
        let arrived = ignore;
        setHandler((message) => {
          messages[messages.length] = message;
          arrived();
          // The loop's body is the handler: the next message waits until the loop asks for it.
          return promise<void>((resolve) => {
            taken = resolve;
          });
        }, true);
        try {
          for (;;) {
            while (messages.length > 0) {
              yield shift(messages);
              taken();
            }
            if (state === over) break;
            pin();
            await promise<void>((resolve) => {
              arrived = resolve;
              wake = resolve;
            });
            unpin();
          }
          await ended;
        } finally {
          close();
        }
      },
    };
    all.set(id, weak(stream));
    collected.register(channel, remains, channel);
    if (signal) remains.detach = closeWith(signal, weak(channel));
    return channel;
  };

  const gather = <T>(streams: Stream[], run: () => T): T => {
    const before = passing;
    passing = streams;
    try {
      return run();
    } finally {
      passing = before;
    }
  };
  return {
    make,
    passing: gather,
    unused(args) {
      const seen = createMap<object, true>();
      const search = (read: () => unknown): void => {
        try {
          let value = read() as { toJSON?(): unknown } & Record<string, unknown>;
          if (typeof value !== 'object' || !value || seen.has(value)) return;
          seen.set(value, true);
          if (typeof value.toJSON === 'function') value = value.toJSON() as typeof value;
          if (typeof value !== 'object' || !value) return;
          const keys = keysOf(value);
          for (let at = 0; at < keys.length; at++) search(() => value[keys[at] as string]);
        } catch {
          // A value that can't be read holds no stream that a call could take.
        }
      };
      const streams: Stream[] = [];
      gather(streams, () => search(() => args));
      const unused: Stream[] = [];
      for (let at = 0; at < streams.length; at++) {
        const stream = streams[at] as Stream;
        if (!stream.refusal()) unused[unused.length] = stream;
      }
      return unused;
    },
    found,
    find,
    finish: (id, failure) => find(id)?.finish(failure),
    failAll(failure) {
      all.forEach((stream) => {
        stream.deref()?.fail(failure);
      });
    },
  };
}
