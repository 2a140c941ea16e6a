/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Calls to Go and streams from it.
 *
 * @module
 */
import type { Handler, PageChannel } from './runtime/channel.js';
import { runtime } from './runtime.js';

export { type Code, type Failure, IpcError } from './error.js';
export { Sink, type SinkOptions } from './sink.js';

/** What a command takes: an object of its arguments, or bytes that reach it as they are. */
export type InvokeArgs = Record<string, unknown> | ArrayBuffer | ArrayBufferView;

/** Options of {@link invoke}. */
export interface InvokeOptions {
  /** Cancels the call: the promise rejects at once and the command's context is cancelled. */
  signal?: AbortSignal;
  /** Reach the command beside its arguments. */
  headers?: Record<string, string>;
}

/** Options of a {@link Channel}. */
export interface ChannelOptions {
  /**
   * Whether the stream holds the channel once it has been passed to a call, even if nobody keeps the object. Without it, it
   * does while there is a handler. `true` holds it without one. With `false`, and no reader, the stream ends when the
   * object is garbage-collected, in spite of a handler.
   */
  keepAlive?: boolean;
  /** Closes the channel, as {@link Channel.close} does. */
  signal?: AbortSignal;
}

/**
 * Says whether the page runs in a Casement window and may talk to Go.
 *
 * @example
 * ```ts
 * if (!isCasement()) document.body.textContent = 'Please start the application.';
 * ```
 */
export function isCasement(): boolean {
  return '__ipc' in globalThis;
}

/**
 * Calls the command `cmd` and returns what it returns, `[]byte` as an `ArrayBuffer`.
 *
 * The command runs once, concurrently with others. The promise settles exactly once: with the result,
 * or with an {@link IpcError}. What the command sent over a channel before it returned is delivered
 * before that.
 *
 * @example
 * ```ts
 * const abort = new AbortController();
 * const digest = await invoke<string>('hash_file', { path: '/etc/hosts' }, { signal: abort.signal });
 * ```
 */
export function invoke<T>(cmd: string, args?: InvokeArgs, options?: InvokeOptions): Promise<T> {
  try {
    return runtime().invoke(cmd, args, options) as Promise<T>;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What a message becomes in {@link Channel.readable}: streams of bytes are of `Uint8Array`s. */
export type Chunk<T> = T extends ArrayBuffer ? Octets : T;

/** A `Uint8Array` of an `ArrayBuffer`. TypeScript before 5.7 has no type parameter there. */
export type Octets = ReturnType<Uint8ArrayConstructor['of']>;

/**
 * An ordered stream from Go to one handler, for one operation.
 *
 * Pass it anywhere inside the arguments of one call. It ends when Go closes it, with {@link close} or its signal,
 * with the page, or if the page itself rejects the call. Until then it is held, whether or not you keep the object, while
 * it has a handler, a pending call, a reader that waits for the next message, or somebody has looked at {@link closed}.
 * A channel that nobody can observe any more ends when it is garbage-collected, which tells the producer to stop.
 *
 * @example
 * ```ts
 * const onEvent = new Channel<Progress>((message) => {
 *   if (message.event === 'chunk') bar.value = message.data.bytesRead;
 * });
 * await invoke('hash_file', { path, onEvent });
 * ```
 *
 * @example
 * ```ts
 * // Goes on until the component goes, though nobody stores the channel.
 * const gone = new AbortController();
 * const onChange = new Channel<string>(console.log, { signal: gone.signal });
 * await invoke('watch', { onChange });
 * // When the component goes:
 * gone.abort();
 * ```
 *
 * @example
 * ```ts
 * const lines = new Channel<string>();
 * await invoke('tail', { path, lines });
 * for await (const line of lines) console.log(line);
 * ```
 */
export class Channel<T> implements AsyncIterable<T>, Disposable {
  readonly #end: PageChannel;

  constructor(onmessage?: (message: T) => unknown, options?: ChannelOptions) {
    this.#end = runtime().channel(onmessage as Handler | undefined, options);
  }

  /** Names the channel; unique within the page. */
  get id(): number {
    return this.#end.id;
  }

  /**
   * Takes each message, in order. A promise it returns is waited for before the next message, and the
   * producer in Go waits too. Messages that come before there is a handler wait for it. If it throws,
   * that message is lost and the error is reported to the console. Setting it to undefined lets go of the channel.
   */
  get onmessage(): ((message: T) => unknown) | undefined {
    return this.#end.onmessage;
  }

  set onmessage(handler: ((message: T) => unknown) | undefined) {
    this.#end.onmessage = handler as Handler | undefined;
  }

  /** Resolves when the stream has ended, and rejects with the error that ended it. */
  get closed(): Promise<void> {
    return this.#end.closed;
  }

  /** Ends the stream. Go's next send fails, which tells the producer to stop. */
  close(): void {
    this.#end.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Yields each message; leaving the loop closes the channel. Takes the place of `onmessage`. */
  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    return this.#end[Symbol.asyncIterator]() as AsyncIterator<T, void, undefined>;
  }

  /**
   * The messages as a stream of the web's, bytes as `Uint8Array`, for `pipeTo`, `pipeThrough` and
   * `Response`. A message is taken when the stream is read, so Go waits for whoever reads. Cancelling the
   * stream closes the channel. Takes the place of `onmessage`.
   *
   * @example
   * ```ts
   * const data = new Channel<ArrayBuffer>();
   * const sent = invoke('read_file', { path, data });
   * const text = await new Response(data.readable).text();
   * await sent;
   * ```
   */
  get readable(): ReadableStream<Chunk<T>> {
    const messages = this[Symbol.asyncIterator]();
    return new ReadableStream<Chunk<T>>(
      {
        pull: async (stream) => {
          const next = await messages.next();
          if (next.done) return stream.close();
          const chunk: unknown = next.value;
          stream.enqueue(
            (chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk) as Chunk<T>,
          );
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  /** What stands for the channel in the arguments of a call: `__CHANNEL__:` and its id. */
  toJSON(): string {
    return this.#end.toJSON();
  }
}
