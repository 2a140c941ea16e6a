import { IpcError } from './error.js';
import type { Outlet, OutletEvent } from './runtime/outlet.js';
import { runtime } from './runtime.js';
import type { Failure } from './wire.js';

/** How far a page may be ahead of Go. Go's side of it is in `channels/stream.go`. */
const windowMessages = 1024;
const windowBytes = 2 << 20;

/**
 * An ordered stream from the page to Go, for one operation.
 *
 * Pass it anywhere inside the arguments of one call, to a field of type `channels.Receiver`. Bytes travel
 * as bytes, everything else as JSON. It ends with {@link close} or {@link abort}, with the page, or when
 * nobody in Go reads any more.
 *
 * @example
 * ```ts
 * const data = new Sink<Uint8Array>();
 * const digest = invoke<string>('hash_stream', { data });
 * await file.stream().pipeTo(data.writable);
 * console.log(await digest);
 * ```
 */
export class Sink<T> implements Disposable {
  readonly #outlet: Outlet;
  readonly #closed: Promise<void>;
  #state: 'fresh' | 'open' | 'over' = 'fresh';
  #failure: Failure | undefined;
  #settle!: (why: Failure | undefined) => void;
  /** The sizes of what Go has not consumed, oldest first, and their sum. */
  readonly #sizes: number[] = [];
  #bytes = 0;
  #consumed = 0;
  /** The last value that asked for a grant. While its answer is due, there may be no room. */
  #asked = 0;
  #unaskedMessages = 0;
  #unaskedBytes = 0;
  /** Writers that wait for their turn and for room. */
  #turn: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor() {
    this.#outlet = runtime().outlet((...event) => this.#on(event));
    this.#closed = new Promise((resolve, reject) => {
      this.#settle = (why) => (why ? reject(new IpcError(why)) : resolve());
    });
    this.#closed.catch(() => undefined); // Whoever does not look at it need not hear of it.
  }

  /** Names the sink; unique among the page's. */
  get id(): number {
    return this.#outlet.id;
  }

  /** Resolves when the stream has been closed, and rejects with what ended it otherwise. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /**
   * Sends a value, behind those before. Resolves when it is on its way; while Go is behind, that waits.
   * Rejects with an {@link IpcError} if the stream has ended.
   */
  write(value: T): Promise<void> {
    const turn = this.#turn.then(() => this.#write(value));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the stream well, behind what was written. Values that still wait to be written reject. */
  close(): void {
    this.#outlet.end();
    this.#over(undefined);
  }

  /** Ends the stream with a reason, which is the error that Go reads. */
  abort(reason?: unknown): void {
    const message = reason instanceof Error ? reason.message : String(reason ?? 'aborted');
    const failure: Failure = { code: 'cancelled', message };
    this.#outlet.end(failure);
    this.#over(failure);
  }

  [Symbol.dispose](): void {
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
    return this.#outlet.toJSON();
  }

  #on(event: OutletEvent): string | undefined {
    switch (event[0]) {
      case 'refusal':
        if (this.#state === 'fresh') return undefined;
        return `sink ${this.id} ${this.#state === 'over' ? 'is closed' : 'has been passed to a call before'}`;
      case 'open':
        this.#state = 'open';
        break;
      case 'grant':
        for (; this.#consumed < event[1] && this.#sizes.length > 0; this.#consumed++) {
          this.#bytes -= this.#sizes.shift() ?? 0;
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
    this.#settle(failure);
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

  async #write(value: T): Promise<void> {
    this.#check();
    const [body, raw] = this.#outlet.pack(value);
    while (
      this.#consumed < this.#asked &&
      (this.#sizes.length >= windowMessages || this.#bytes + body.length > windowBytes)
    ) {
      await new Promise<void>((go) => {
        this.#wake = go;
      });
      this.#check();
    }
    this.#sizes.push(body.length);
    this.#bytes += body.length;
    this.#unaskedBytes += body.length;
    const ask =
      ++this.#unaskedMessages >= windowMessages / 4 || this.#unaskedBytes >= windowBytes / 4;
    if (ask) {
      this.#asked = this.#consumed + this.#sizes.length;
      this.#unaskedMessages = 0;
      this.#unaskedBytes = 0;
    }
    this.#outlet.push(body, raw, ask);
  }
}
