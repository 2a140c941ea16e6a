/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Calls to Go, and streams in both directions.
 *
 * @module
 */
import type { Handler, PageChannel } from './runtime/channel.js';
import { runtime } from './runtime.js';

export { type Code, type Failure, IpcError } from './error.js';
export { Sink, type SinkOptions } from './sink.js';

/** The arguments of a command: an object, or raw bytes. */
export type InvokeArgs = Record<string, unknown> | ArrayBuffer | ArrayBufferView;

/** Options of {@link invoke}. */
export interface InvokeOptions {
  /** Cancels the call: the promise rejects at once and the command's context is cancelled. */
  signal?: AbortSignal;
  /** Travel beside the arguments. */
  headers?: Record<string, string>;
}

/** Options of a {@link Channel}. */
export interface ChannelOptions {
  /**
   * Whether the open stream keeps the channel alive after the page has dropped the object. By
   * default it does while there is a handler. `true` keeps it alive without a handler. With
   * `false`, the stream of a dropped channel ends at the next garbage collection in spite of a
   * handler.
   */
  keepAlive?: boolean;
  /** Closes the channel, as {@link Channel.close} does. */
  signal?: AbortSignal;
}

/**
 * Reports whether the page runs in a Casement window and may talk to Go.
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
 * Calls the command `cmd` and resolves to its result. A `[]byte` becomes an `ArrayBuffer`.
 *
 * The command runs once, concurrently with others. The promise settles exactly once: with the
 * result, or with an {@link IpcError}. It settles after every message that the command sent over a
 * channel.
 *
 * @example
 * ```ts
 * const abort = new AbortController();
 * const { signal } = abort;
 * const digest = await invoke<string>('hash_file', { path: '/etc/hosts' }, { signal });
 * ```
 */
export function invoke<T>(cmd: string, args?: InvokeArgs, options?: InvokeOptions): Promise<T> {
  try {
    return runtime().invoke(cmd, args, options) as Promise<T>;
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A message in {@link Channel.readable}: an `ArrayBuffer` becomes a `Uint8Array`. */
export type Chunk<T> = T extends ArrayBuffer ? Octets : T;

/** A `Uint8Array` of an `ArrayBuffer`. `Uint8Array` has no type parameter before TypeScript 5.7. */
export type Octets = ReturnType<Uint8ArrayConstructor['of']>;

/**
 * An ordered stream from Go to one handler, for one operation.
 *
 * Pass it anywhere inside the arguments of one call. The stream ends when Go closes it, with {@link
 * close} or its signal, with the page, or if the page itself rejects the call. Until then the
 * runtime keeps the channel alive, even if you drop the object, while it has a handler, a pending
 * call, a reader that waits for the next message, or {@link closed} has been read. Otherwise the
 * garbage collector may collect it. That ends the stream, and the producer's next send fails.
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
 * // The stream runs until the component is removed, although nothing stores the channel.
 * const removed = new AbortController();
 * const onChange = new Channel<string>(console.log, { signal: removed.signal });
 * await invoke('watch', { onChange });
 * // When the component is removed:
 * removed.abort();
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

  /** The channel's id, unique within the page. */
  get id(): number {
    return this.#end.id;
  }

  /**
   * Handles each message, in order. If it returns a promise, the next message waits for it, and so
   * does the producer in Go. Messages that arrive before there is a handler wait. If the handler
   * throws, that message is lost and the console shows the error. Setting it to undefined no longer
   * keeps the channel alive.
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

  /** Ends the stream. The producer's next send fails. */
  close(): void {
    this.#end.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Yields each message. Leaving the loop closes the channel. Replaces `onmessage`. */
  [Symbol.asyncIterator](): AsyncIterator<T, void, undefined> {
    return this.#end[Symbol.asyncIterator]() as AsyncIterator<T, void, undefined>;
  }

  /**
   * The messages as a `ReadableStream`, bytes as `Uint8Array`, for `pipeTo`, `pipeThrough` and
   * `Response`. The stream consumes a message when it is read, so Go waits for the reader.
   * Cancelling the stream closes the channel. Replaces `onmessage`.
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

  /** Returns the channel's form in the arguments of a call: `__CHANNEL__:` and its id. */
  toJSON(): string {
    return this.#end.toJSON();
  }
}
