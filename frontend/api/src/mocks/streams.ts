import { type Failure, IpcError } from '../error.js';
import { encode, isBytes, stringify } from '../runtime/bytes.js';
import * as wire from '../wire.js';

/**
 * How far a mocked command may be ahead of the page: `DefaultMessages` of Go's package channels.
 */
const maxMessages = 4096;

const ignore = (): void => undefined;

/**
 * Queues a message, already JSON, for the page. Bytes travel beside it, in base64.
 *
 * @internal
 */
export type Post = (message: string, blob?: string) => void;

/**
 * Returns the failure that an error crosses the wire as.
 *
 * @internal
 */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof IpcError) {
    const { code, message, details } = thrown;
    return { code, message, ...(details !== undefined && { details }) };
  }
  return { code: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/**
 * Go's end of a `Channel`. A mocked command finds it in its arguments.
 *
 * @example
 * ```ts
 * mockIPC(async (_cmd, args) => {
 *   const onTick = args['onTick'] as MockChannel<number>;
 *   for (let n = 1; n <= 3; n++) await onTick.send(n);
 *   onTick.close();
 * });
 * await invoke('count', { onTick: new Channel<number>((n) => console.log(n)) });
 * ```
 */
export class MockChannel<T> {
  readonly id: number;
  /** Resolves when Go or the page has ended the stream. */
  readonly done: Promise<void>;
  readonly #post: Post;
  #over = false;
  #finish: () => void = ignore;
  #sent = 0;
  #consumed = 0;
  #waiting: (() => void)[] = [];

  /** @internal */
  constructor(id: number, post: Post) {
    this.id = id;
    this.#post = post;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /**
   * Sends a message to the page, behind all earlier ones. Resolves at once, or when the page has
   * caught up if it is 4096 messages behind. Rejects with the code `disconnected` when the stream
   * has ended.
   */
  send(message: T): Promise<void> {
    const sent = this.#send(message);
    sent.catch(ignore); // As in Go, a caller may ignore the error.
    return sent;
  }

  async #send(message: T): Promise<void> {
    if (this.#sent - this.#consumed >= maxMessages || this.#waiting.length > 0) {
      await new Promise<void>((go) => this.#waiting.push(go));
    }
    if (this.#over) {
      throw new IpcError({ code: 'disconnected', message: `channel ${this.id} is closed` });
    }
    if (isBytes(message)) this.#post(`[${wire.bytes},${this.id},1]`, encode(message));
    else this.#post(`[${wire.value},${this.id},${stringify(message)},1]`);
    this.#sent++;
  }

  /** Ends the stream, behind all messages. With a reason, the page's `closed` rejects with it. */
  close(reason?: unknown): void {
    if (this.#over) return;
    const failure = reason === undefined ? '' : `,${JSON.stringify(failureOf(reason))}`;
    this.#post(`[${wire.end},${this.id}${failure}]`);
    this.end();
  }

  /**
   * Notes how many messages the page has consumed.
   *
   * @internal
   */
  grant(messages: number): void {
    this.#consumed = messages;
    for (const go of this.#waiting.splice(0, maxMessages - (this.#sent - this.#consumed))) go();
  }

  /**
   * Notes that the page has ended the stream.
   *
   * @internal
   */
  end(): void {
    this.#over = true;
    this.#finish();
    for (const go of this.#waiting.splice(0)) go();
  }
}

/**
 * Go's end of a `Sink`. A mocked command finds it in its arguments and reads it with `for await`.
 * Leaving the loop ends the stream, and the page's writes then reject. The loop throws if the page
 * aborts.
 *
 * @example
 * ```ts
 * mockIPC(async (_cmd, args) => {
 *   let sum = 0;
 *   for await (const n of args['data'] as MockSink<number>) sum += n;
 *   return sum;
 * });
 * const data = new Sink<number>();
 * const sum = invoke<number>('sum', { data });
 * await data.write(1);
 * data.close();
 * console.log(await sum);
 * ```
 */
export class MockSink<T> implements AsyncIterable<T> {
  readonly id: number;
  readonly #post: Post;
  readonly #values: [value: T, ask: boolean][] = [];
  #consumed = 0;
  #over = false;
  #failure: Failure | undefined;
  #wake: () => void = ignore;

  /** @internal */
  constructor(id: number, post: Post) {
    this.id = id;
    this.#post = post;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const next = this.#values.shift();
        if (next) {
          this.#consumed++;
          if (next[1]) this.#post(`[${wire.grant},${this.id},${this.#consumed}]`);
          yield next[0];
        } else if (this.#over) {
          if (this.#failure) throw new IpcError(this.#failure);
          return;
        } else {
          await new Promise<void>((go) => {
            this.#wake = go;
          });
        }
      }
    } finally {
      if (!this.#over) this.#post(`[${wire.stop},${this.id}]`);
    }
  }

  /**
   * Adds a value that the page has written.
   *
   * @internal
   */
  push(value: T, ask: boolean): void {
    this.#values.push([value, ask]);
    this.#wake();
  }

  /**
   * Notes that the page has ended the stream.
   *
   * @internal
   */
  end(failure?: Failure): void {
    this.#over = true;
    this.#failure = failure;
    this.#wake();
  }
}
