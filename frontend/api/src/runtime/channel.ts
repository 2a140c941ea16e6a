import { IpcError } from '../error.js';
import type { Failure } from '../wire.js';
import { type Port, report } from './port.js';

/** Handles one message of a channel. A promise it returns is waited for before the next message. */
export type Handler = (message: unknown) => unknown;

/** Options of a channel. */
export interface ChannelOptions {
  /** Keeps the stream going after the Channel object itself has been garbage-collected. */
  keepAlive?: boolean;
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

/** What a call does with the channels and sinks among its arguments. */
export interface Stream {
  readonly id: number;
  readonly kind: 'channels' | 'sinks';
  /** Says why it can't be passed to a call, if it can't: what it "is" or "has been". */
  refusal(): string | undefined;
  /** Marks it as passed to a call, which holds it until it settles. */
  open(): void;
  settled(): void;
  /** Ends it at once. */
  fail(failure: Failure): void;
}

/** What the runtime does with a channel. */
export interface Inlet extends Stream {
  /** Takes a message. One that is over takes none. */
  deliver(message: unknown, ask: boolean): void;
  /** Go has ended the stream: what came before still goes to the handler. */
  finish(failure?: Failure): void;
}

/**
 * Channels makes a page's channels and hands them what comes from Go.
 *
 * While a call that carries a channel is pending, while somebody waits for its end or its next
 * message, and for good with `keepAlive`, the channel is held here. Otherwise the page must hold it:
 * once it is collected, Go is told that nobody reads.
 */
export interface Channels {
  create(handler?: Handler, options?: ChannelOptions): PageChannel;
  /** Runs `stringify` and returns what it made and what it came across. */
  passing(stringify: () => string): [streams: Stream[], text: string];
  /** Notes that a JSON.stringify in progress has come across something. */
  found(stream: Stream): void;
  find(id: number): Inlet | undefined;
  finish(id: number, failure?: Failure): void;
  /** Ends all channels at once: their page is over. */
  failAll(failure: Failure): void;
}

/** Not yet passed to a call. */
const fresh = 0;
/** Passed. */
const open = 1;
/** Go has ended it, and what came before still waits for the handler. */
const ending = 2;
/** Nothing more will come. */
const over = 3;
type State = typeof fresh | typeof open | typeof ending | typeof over;

const ignore = (): void => undefined;

export function createChannels({ send }: Port): Channels {
  const all = new Map<number, WeakRef<Inlet>>();
  const held = new Map<number, PageChannel>();
  const collected = new FinalizationRegistry<number>((id) => {
    if (all.delete(id)) send({ kind: 'close', channel: id });
  });
  let last = 0;
  let passing: Stream[] | undefined;
  const find = (id: number) => all.get(id)?.deref();
  const found = (stream: Stream): void => {
    passing?.push(stream);
  };

  const create = (onmessage?: Handler, options: ChannelOptions = {}): PageChannel => {
    const id = ++last;
    let handler = onmessage;
    let state: State = fresh;
    let queue: [message: unknown, ask: boolean][] = [];
    let busy = false;
    let consumed = 0;
    let pins = 0;
    let failure: Failure | undefined;
    let wake = ignore;
    let settle: (failure?: Failure) => void = ignore;
    const ended = new Promise<void>((resolve, reject) => {
      settle = (why) => (why ? reject(new IpcError(why)) : resolve());
    });
    ended.catch(ignore); // Whoever does not look at `closed` need not hear of it.

    const pin = (): void => {
      if (++pins === 1 && all.has(id)) held.set(id, channel);
    };
    const unpin = (): void => {
      if (--pins === 0) held.delete(id);
    };
    const dispose = (why?: Failure): void => {
      if (state === over) return;
      state = over;
      queue = [];
      all.delete(id);
      held.delete(id);
      collected.unregister(channel);
      settle(why);
      wake();
    };
    const consume = (ask: boolean): void => {
      consumed++;
      if (ask && state === open) send({ kind: 'grant', channel: id, messages: consumed });
    };
    const handle = (take: Handler, message: unknown, ask: boolean): void => {
      let result: unknown;
      let waits = false;
      try {
        result = take(message);
        waits = typeof (result as PromiseLike<unknown> | undefined)?.then === 'function';
      } catch (error) {
        report(error);
      }
      if (!waits) {
        consume(ask);
        return;
      }
      busy = true;
      Promise.resolve(result as PromiseLike<unknown>)
        .catch(report)
        .then(() => {
          busy = false;
          consume(ask);
          drain();
        });
    };
    const drain = (): void => {
      while (!busy && handler && queue.length > 0) {
        const [message, ask] = queue.shift() as [unknown, boolean];
        handle(handler, message, ask);
      }
      if (state === ending && !busy && queue.length === 0) dispose(failure);
    };
    const close = (): void => {
      if (state === open) send({ kind: 'close', channel: id });
      dispose();
    };

    const stream: Inlet = {
      id,
      kind: 'channels',
      deliver(message, ask) {
        // As a rule nothing waits, and the message need not either.
        if (state === over) return;
        if (busy || !handler || queue.length > 0) queue.push([message, ask]);
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
        if (options.keepAlive) pin();
      },
      settled: unpin,
    };
    const channel: PageChannel = {
      id,
      get onmessage() {
        return handler;
      },
      set onmessage(next) {
        handler = next;
        drain();
      },
      get closed() {
        // Somebody waits for the end, so there has to be one.
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
        channel.onmessage = (message) => {
          messages.push(message);
          arrived();
          // The loop's body is the handler: the next message waits until it asks for more.
          return new Promise<void>((resolve) => {
            taken = resolve;
          });
        };
        pin();
        try {
          for (;;) {
            while (messages.length > 0) {
              yield messages.shift();
              taken();
            }
            if (state === over) break;
            await new Promise<void>((resolve) => {
              arrived = resolve;
              wake = resolve;
            });
          }
          await ended;
        } finally {
          unpin();
          close();
        }
      },
    };
    all.set(id, new WeakRef(stream));
    collected.register(channel, id, channel);
    return channel;
  };

  return {
    create,
    passing(stringify) {
      const before = passing;
      const streams: Stream[] = [];
      passing = streams;
      try {
        return [streams, stringify()];
      } finally {
        passing = before;
      }
    },
    found,
    find,
    finish: (id, failure) => find(id)?.finish(failure),
    failAll(failure) {
      for (const stream of all.values()) stream.deref()?.fail(failure);
    },
  };
}
