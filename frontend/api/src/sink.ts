import type { Octets } from './core.js';
import { type Failure, IpcError } from './error.js';
import type { PageSink, SinkEvent } from './runtime/sink.js';
import { runtime } from './runtime.js';

/**
 * How far a page may be ahead of Go: `DefaultMessages` and `maxUnread` of Go's package channels.
 */
const maxMessages = 4096;
const maxBytes = 4 << 20;

/**
 * The size of the pieces in which a Blob is read. Each read costs WebKit some 2 ms whatever its
 * size: `make soak` takes 8 s for 1 GiB in pieces of 256 KiB, and 4 s in pieces of 1 MiB.
 */
const blobPiece = 1 << 20;

/** Options of a {@link Sink}: how far the page may be ahead of Go before `write` waits. */
export interface SinkOptions {
  /** How many values Go may have yet to consume. 4096 by default and at most. */
  messages?: number;
  /**
   * Their size as raw bytes or JSON. 4 MiB by default and at most. A larger value travels alone.
   */
  bytes?: number;
}

const dropped: Failure = { code: 'cancelled', message: 'the page has dropped the sink' };

/** The part of a sink that outlives its garbage collection. It must not hold the sink. */
interface End {
  readonly sink: PageSink;
  readonly closed: Promise<void>;
  settle(why: Failure | undefined): void;
}

/** Ends the streams of sinks that the page has dropped. */
const collected = /* @__PURE__ */ new FinalizationRegistry<End>(({ sink, settle }) => {
  sink.end(dropped);
  settle(dropped);
});

/** The sinks with a pending write. They must not be collected. */
const busy = /* @__PURE__ */ new Set<unknown>();

/**
 * An ordered stream from the page to Go, for one operation.
 *
 * Pass it anywhere inside the arguments of one call, to a field of type `channels.Receiver`. Bytes
 * travel as bytes, everything else as JSON. The stream ends with {@link close} or {@link abort},
 * with the page, when the command returns, or when Go closes the receiver. A sink that is
 * garbage-collected is aborted.
 *
 * @example
 * ```ts
 * const data = new Sink<Uint8Array>();
 * const digest = invoke<string>('hash_stream', { data });
 * await data.pipe(file);
 * console.log(await digest);
 * ```
 */
export class Sink<T> implements Disposable {
  readonly #end: End;
  readonly #messages: number;
  readonly #bytes: number;
  #state: 'fresh' | 'open' | 'over' = 'fresh';
  #failure: Failure | undefined;
  /** The sizes of the values that Go has not consumed, oldest first, and their sum. */
  readonly #sizes: number[] = [];
  #size = 0;
  #consumed = 0;
  /**
   * The number of the last value that asked for a grant. A write waits for room only while one is
   * due.
   */
  #asked = 0;
  #unaskedMessages = 0;
  #unaskedBytes = 0;
  #writes = 0;
  /** Settles when the last pending write is done. Each write waits for the one before it. */
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor({ messages = maxMessages, bytes = maxBytes }: SinkOptions = {}) {
    if (!(messages >= 1 && bytes >= 1)) {
      throw new RangeError(
        `a sink needs room for 1 message and 1 byte, not ${messages} and ${bytes}`,
      );
    }
    this.#messages = Math.min(messages, maxMessages);
    this.#bytes = Math.min(bytes, maxBytes);
    this.#end = Sink.#endOf(new WeakRef<Sink<T>>(this));
    collected.register(this, this.#end, this);
  }

  /** Makes the end of a sink, which refers to the sink weakly. */
  static #endOf<T>(ref: WeakRef<Sink<T>>): End {
    let settle!: End['settle'];
    const closed = new Promise<void>((resolve, reject) => {
      settle = (why) => (why ? reject(new IpcError(why)) : resolve());
    });
    closed.catch(() => undefined); // A rejection that the page does not read is no error.
    const sink = runtime().sink((...event) => {
      const owner = ref.deref();
      return owner ? owner.#on(event) : undefined;
    });
    return { sink, closed, settle };
  }

  /** The sink's id, unique within the page. */
  get id(): number {
    return this.#end.sink.id;
  }

  /**
   * Resolves when the stream has been closed, and rejects with the error that ended it otherwise.
   */
  get closed(): Promise<void> {
    return this.#end.closed;
  }

  /**
   * Sends a value, behind all earlier ones. Resolves when the value is sent, which waits while Go
   * is behind. Rejects with an {@link IpcError} if the stream has ended.
   */
  write(value: T): Promise<void> {
    return this.#enqueue(value, false);
  }

  #enqueue(value: T, own: boolean): Promise<void> {
    busy.add(this);
    this.#writes++;
    const turn = this.#turn.then(() => this.#write(value, own));
    const done = (): void => {
      if (--this.#writes === 0) busy.delete(this);
    };
    this.#turn = turn.then(done, done);
    return turn;
  }

  /** Ends the stream without an error, behind all values that were sent. Pending writes reject. */
  close(): void {
    this.#end.sink.end();
    this.#over(undefined);
  }

  /** Ends the stream with a reason, which Go's receiver returns as its error. */
  abort(reason?: unknown): void {
    const message = reason instanceof Error ? reason.message : String(reason ?? 'aborted');
    const failure: Failure = { code: 'cancelled', message };
    this.#end.sink.end(failure);
    this.#over(failure);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Writes all of a stream, or all of a `Blob` such as a `File` into a sink of bytes, and closes
   * the sink. If the source fails or the stream ends early, the sink ends with that error and the
   * promise rejects.
   *
   * `pipe` reads a Blob in pieces, as Go consumes them. WebKit reads `Blob.stream()` ahead of its
   * reader, up to the whole Blob in memory.
   *
   * @example
   * ```ts
   * const data = new Sink<Uint8Array>();
   * const digest = invoke<string>('hash_stream', { data });
   * await data.pipe(file);
   * ```
   */
  async pipe(source: ReadableStream<T> | (Octets extends T ? Blob : never)): Promise<void> {
    if (source instanceof ReadableStream) return source.pipeTo(this.writable);
    try {
      for (let at = 0; at < source.size; at += blobPiece) {
        const piece = await source.slice(at, at + blobPiece).arrayBuffer();
        await this.#enqueue(piece as T, true);
      }
    } catch (error) {
      this.abort(error);
      throw error;
    }
    this.close();
  }

  /** The sink as a `WritableStream`, for `pipeTo`. */
  get writable(): WritableStream<T> {
    return new WritableStream<T>({
      write: (value) => this.write(value),
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
  }

  /** Returns the sink's form in the arguments of a call: `__SINK__:` and its id. */
  toJSON(): string {
    return this.#end.sink.toJSON();
  }

  #on(event: SinkEvent): string | undefined {
    switch (event[0]) {
      case 'refusal':
        if (this.#state === 'fresh') return undefined;
        return this.#state === 'over' ? 'is closed' : 'has been passed to a call before';
      case 'open':
        this.#state = 'open';
        break;
      case 'grant':
        for (; this.#consumed < event[1] && this.#sizes.length > 0; this.#consumed++) {
          this.#size -= this.#sizes.shift() ?? 0;
        }
        this.#wake?.();
        break;
      case 'stop':
        this.#over(event[1] ?? { code: 'disconnected', message: 'Go no longer reads the sink' });
        break;
    }
    return undefined;
  }

  #over(failure: Failure | undefined): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#failure = failure;
    this.#end.settle(failure);
    collected.unregister(this);
    this.#wake?.();
  }

  /** Throws unless the sink is open. */
  #check(): void {
    if (this.#state === 'open') return;
    const message =
      this.#state === 'fresh'
        ? `sink ${this.id} has not been passed to a call`
        : `sink ${this.id} is closed`;
    throw new IpcError(this.#failure ?? { code: 'disconnected', message });
  }

  async #write(value: T, own: boolean): Promise<void> {
    this.#check();
    const body = this.#end.sink.pack(value, own);
    while (
      this.#consumed < this.#asked &&
      (this.#sizes.length >= this.#messages || this.#size + body.length > this.#bytes)
    ) {
      await new Promise<void>((go) => {
        this.#wake = go;
      });
      this.#check();
    }
    this.#sizes.push(body.length);
    this.#size += body.length;
    this.#unaskedBytes += body.length;
    const ask =
      ++this.#unaskedMessages >= this.#messages / 4 || this.#unaskedBytes >= this.#bytes / 4;
    if (ask) {
      this.#asked = this.#consumed + this.#sizes.length;
      this.#unaskedMessages = 0;
      this.#unaskedBytes = 0;
    }
    this.#end.sink.push(body, ask);
  }
}
