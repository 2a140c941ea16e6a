import type { Octets } from './core.js';
import { type Failure, IpcError } from './error.js';
import type { PageSink, SinkEvent } from './runtime/sink.js';
import { runtime } from './runtime.js';

/** How far a page may be ahead of Go: what Go takes, in `channels/stream.go`. */
const maxMessages = 4096;
const maxBytes = 4 << 20;

/**
 * How much of a Blob is read at a time. Reading costs WebKit some 2 ms whatever its size: make soak takes 8 s
 * for 1 GiB in pieces of 256 KiB and 4 s in pieces of 1 MiB.
 */
const blobPiece = 1 << 20;

/** Options of a {@link Sink}: how far the page may be ahead of Go before a write waits. */
export interface SinkOptions {
  /** Values that Go has not taken; 4096 unless told, and at the most. */
  messages?: number;
  /** Their size, bytes as they are and the rest as JSON; 4 MiB unless told, and at the most. A larger value travels alone. */
  bytes?: number;
}

const dropped: Failure = { code: 'cancelled', message: 'the page has dropped the sink' };

/** A sink's end: what is left to say when the sink itself has been collected. */
interface End {
  readonly sink: PageSink;
  readonly closed: Promise<void>;
  settle(why: Failure | undefined): void;
}

/** Tells Go of sinks that the page has dropped. */
const collected = /* @__PURE__ */ new FinalizationRegistry<End>(({ sink, settle }) => {
  sink.end(dropped);
  settle(dropped);
});

/** The sinks with a write under way, which may not be collected. */
const busy = /* @__PURE__ */ new Set<unknown>();

/**
 * An ordered stream from the page to Go, for one operation.
 *
 * Pass it anywhere inside the arguments of one call, to a field of type `channels.Receiver`. Bytes travel
 * as bytes, everything else as JSON. It ends with {@link close} or {@link abort}, with the page, or when its
 * command returns or nobody in Go reads any more. A sink that has been garbage-collected ends as if it had been aborted.
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
  /** The sizes of what Go has not consumed, oldest first, and their sum. */
  readonly #sizes: number[] = [];
  #size = 0;
  #consumed = 0;
  /** The last value that asked for a grant. While its answer is due, there may be no room. */
  #asked = 0;
  #unaskedMessages = 0;
  #unaskedBytes = 0;
  #writes = 0;
  /** Writers that wait for their turn and for room. */
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor({ messages = maxMessages, bytes = maxBytes }: SinkOptions = {}) {
    if (!(messages >= 1 && bytes >= 1)) {
      throw new RangeError(`a sink of ${messages} messages and ${bytes} bytes can take nothing`);
    }
    this.#messages = Math.min(messages, maxMessages);
    this.#bytes = Math.min(bytes, maxBytes);
    this.#end = Sink.#endOf(new WeakRef<Sink<T>>(this));
    collected.register(this, this.#end, this);
  }

  /** Makes a sink's end, which must not hold the sink. */
  static #endOf<T>(ref: WeakRef<Sink<T>>): End {
    let settle!: End['settle'];
    const closed = new Promise<void>((resolve, reject) => {
      settle = (why) => (why ? reject(new IpcError(why)) : resolve());
    });
    closed.catch(() => undefined); // Whoever does not look at it need not hear of it.
    const sink = runtime().sink((...event) => {
      const owner = ref.deref();
      return owner ? owner.#on(event) : undefined;
    });
    return { sink, closed, settle };
  }

  /** Names the sink; unique among the page's. */
  get id(): number {
    return this.#end.sink.id;
  }

  /** Resolves when the stream has been closed, and rejects with what ended it otherwise. */
  get closed(): Promise<void> {
    return this.#end.closed;
  }

  /**
   * Sends a value, behind those before. Resolves when it is on its way; while Go is behind, that waits.
   * Rejects with an {@link IpcError} if the stream has ended.
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

  /** Ends the stream well, behind what was written. Values that still wait to be written reject. */
  close(): void {
    this.#end.sink.end();
    this.#over(undefined);
  }

  /** Ends the stream with a reason, which is the error that Go reads. */
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
   * Writes all of a stream or, into a sink of bytes, all of a `Blob` such as a `File`, and closes the sink. If
   * the source fails, or nobody reads any more, the sink ends with that and the promise rejects.
   *
   * A Blob is read piece by piece, as Go takes it. The stream that a Blob has of its own is read ahead of whoever
   * takes it by WebKit, up to all of the Blob in memory.
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

  /** The sink as a stream of the web's, for `pipeTo`. */
  get writable(): WritableStream<T> {
    return new WritableStream<T>({
      write: (value) => this.write(value),
      close: () => this.close(),
      abort: (reason) => this.abort(reason),
    });
  }

  /** What stands for the sink in the arguments of a call: `__SINK__:` and its id. */
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
        this.#over(event[1] ?? { code: 'disconnected', message: 'nobody reads the sink any more' });
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

  /** Throws if nothing can be written. */
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
