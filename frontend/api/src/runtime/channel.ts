import { IpcError } from '../error.js';
import type { Failure, Inbound } from '../wire.js';
import type { Port } from './port.js';

/** Handles one message of a channel. A promise it returns is waited for before the next message. */
export type Handler = (message: unknown) => unknown;

/** Options of a channel. */
export interface ChannelOptions {
  /** Keeps the stream going after the Channel object itself has been garbage-collected. */
  keepAlive?: boolean;
}

/** What the runtime does with a channel; pages see only the public half. */
interface Inner {
  deliver(message: unknown, ask: boolean): void;
  finish(failure?: Failure): void;
  fail(failure: Failure): void;
}

/**
 * Channels makes a page's channels and hands them what comes from Go.
 *
 * While a call that carries a channel is pending, while somebody waits for its end or its next
 * message, and for good with `keepAlive`, the channel is held here. Otherwise the page must hold it:
 * once it is collected, Go is told that nobody reads.
 */
export class Channels {
  #last = 0;
  #all = new Map<number, WeakRef<Inner>>();
  #held = new Map<number, Inner>();
  #collected = new FinalizationRegistry<number>((id) => this.#drop(id));
  /** Takes note of the channels that a JSON.stringify in progress comes across. */
  #passing: PageChannel[] | undefined;

  readonly #port: Port;

  constructor(port: Port) {
    this.#port = port;
  }

  send(message: Inbound): void {
    this.#port.send(message);
  }

  add(channel: PageChannel, inner: Inner): number {
    const id = ++this.#last;
    this.#all.set(id, new WeakRef(inner));
    this.#collected.register(channel, id, channel);
    return id;
  }

  /** Runs `stringify` and returns what it made and which channels it came across. */
  passing(stringify: () => string): [text: string, channels: PageChannel[]] {
    const before = this.#passing;
    const channels: PageChannel[] = [];
    this.#passing = channels;
    try {
      return [stringify(), channels];
    } finally {
      this.#passing = before;
    }
  }

  passed(channel: PageChannel): void {
    this.#passing?.push(channel);
  }

  hold(id: number, inner: Inner): void {
    if (this.#all.has(id)) this.#held.set(id, inner);
  }

  release(id: number): void {
    this.#held.delete(id);
  }

  deliver(id: number, message: unknown, ask: boolean): void {
    this.#all.get(id)?.deref()?.deliver(message, ask);
  }

  finish(id: number, failure?: Failure): void {
    this.#all.get(id)?.deref()?.finish(failure);
  }

  /** Forgets a channel that ended. */
  forget(channel: PageChannel): void {
    this.#all.delete(channel.id);
    this.#held.delete(channel.id);
    this.#collected.unregister(channel);
  }

  /** Ends all channels at once: their page is over. */
  failAll(failure: Failure): void {
    for (const inner of [...this.#all.values()]) inner.deref()?.fail(failure);
  }

  #drop(id: number): void {
    if (this.#all.delete(id)) this.#port.send({ kind: 'close', channel: id });
  }
}

/**
 * `fresh`: not yet passed to a call. `open`: passed. `ending`: Go has ended it, and what came before
 * still waits for the handler. `over`: nothing more will come.
 */
type State = 'fresh' | 'open' | 'ending' | 'over';

/** PageChannel is the page's end of a stream from Go. See `Channel` in `@casement/api/core`. */
export class PageChannel {
  readonly id: number;
  readonly #channels: Channels;
  readonly #inner: Inner;
  readonly #keepAlive: boolean;
  #state: State = 'fresh';
  #handler: Handler | undefined;
  #queue: [message: unknown, ask: boolean][] = [];
  #busy = false;
  #consumed = 0;
  #pins = 0;
  #failure: Failure | undefined;
  readonly #ended: Promise<void>;
  #settle!: (failure: Failure | undefined) => void;
  #wake: (() => void) | undefined;

  constructor(channels: Channels, handler?: Handler, options: ChannelOptions = {}) {
    this.#channels = channels;
    this.#handler = handler;
    this.#keepAlive = options.keepAlive ?? false;
    this.#ended = new Promise((resolve, reject) => {
      this.#settle = (failure) => (failure ? reject(new IpcError(failure)) : resolve());
    });
    this.#ended.catch(() => undefined); // Whoever does not look at `closed` need not hear of it.
    this.#inner = {
      deliver: (message, ask) => {
        this.#queue.push([message, ask]);
        this.#drain();
      },
      finish: (failure) => this.#finish(failure),
      fail: (failure) => this.fail(failure),
    };
    this.id = channels.add(this, this.#inner);
  }

  get onmessage(): Handler | undefined {
    return this.#handler;
  }

  set onmessage(handler: Handler | undefined) {
    this.#handler = handler;
    this.#drain();
  }

  get closed(): Promise<void> {
    // Somebody waits for the end, so there has to be one.
    if (this.#state !== 'over') this.#pin();
    return this.#ended;
  }

  close(): void {
    if (this.#state === 'over') return;
    if (this.#state === 'open') this.#channels.send({ kind: 'close', channel: this.id });
    this.#over(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  toJSON(): string {
    this.#channels.passed(this);
    return `__CHANNEL__:${this.id}`;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    const messages: unknown[] = [];
    let taken: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    this.onmessage = (message) => {
      messages.push(message);
      arrived?.();
      // The loop's body is the handler: the next message waits until it asks for more.
      return new Promise<void>((resolve) => {
        taken = resolve;
      });
    };
    this.#pin();
    try {
      for (;;) {
        while (messages.length > 0) {
          yield messages.shift();
          taken?.();
        }
        if (this.#state === 'over') break;
        await new Promise<void>((resolve) => {
          arrived = resolve;
          this.#wake = resolve;
        });
      }
      await this.#ended;
    } finally {
      this.#unpin();
      this.close();
    }
  }

  /** Marks the channel as passed to a call, which holds it until it settles. */
  open(): void {
    this.#state = 'open';
    this.#pin();
    if (this.#keepAlive) this.#pin();
  }

  /** Says why the channel can't be passed to a call, if it can't. */
  refusal(): string | undefined {
    switch (this.#state) {
      case 'fresh':
        return undefined;
      case 'over':
        return `channel ${this.id} is closed`;
      default:
        return `channel ${this.id} has been passed to a call before; make a new one for each call`;
    }
  }

  /** The call that carried the channel has settled. */
  settled(): void {
    this.#unpin();
  }

  /** Ends the channel from the page's side, with the reason. */
  fail(failure: Failure): void {
    if (this.#state !== 'over') this.#over(failure);
  }

  #pin(): void {
    if (++this.#pins === 1) this.#channels.hold(this.id, this.#inner);
  }

  #unpin(): void {
    if (--this.#pins === 0) this.#channels.release(this.id);
  }

  #drain(): void {
    while (!this.#busy && this.#handler && this.#queue.length > 0 && this.#state !== 'over') {
      const [message, ask] = this.#queue.shift() as [unknown, boolean];
      let result: unknown;
      try {
        result = this.#handler(message);
      } catch (error) {
        console.error(error);
      }
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') {
        this.#busy = true;
        const go = (): void => {
          this.#busy = false;
          this.#consume(ask);
          this.#drain();
        };
        Promise.resolve(result as PromiseLike<unknown>)
          .catch((error: unknown) => console.error(error))
          .then(go);
      } else {
        this.#consume(ask);
      }
    }
    if (this.#state === 'ending' && !this.#busy && this.#queue.length === 0) {
      this.#over(this.#failure);
    }
  }

  #consume(ask: boolean): void {
    this.#consumed++;
    if (ask && this.#state === 'open') {
      this.#channels.send({ kind: 'grant', channel: this.id, messages: this.#consumed });
    }
  }

  #finish(failure?: Failure): void {
    if (this.#state === 'over') return;
    this.#state = 'ending';
    this.#failure = failure;
    this.#drain();
  }

  #over(failure: Failure | undefined): void {
    this.#state = 'over';
    this.#queue = [];
    this.#channels.forget(this);
    this.#settle(failure);
    this.#wake?.();
  }
}
