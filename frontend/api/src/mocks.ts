/**
 * Stands in for Go where there is none: in tests, and in a plain browser. The rest of the package runs as it
 * does in a window, and so do order, errors, JSON and bytes; only what Go would do is a function here.
 *
 * @module
 */
import { type Failure, IpcError } from './error.js';
import type { EventTarget } from './event.js';
import { decode, encode, isBytes, sizeOf, stringify } from './runtime/bytes.js';
import { createCalls } from './runtime/calls.js';
import { createChannels } from './runtime/channel.js';
import { createEvents } from './runtime/events.js';
import type { Ipc } from './runtime/index.js';
import { createLane } from './runtime/lane.js';
import { gone, type Port, tooLarge } from './runtime/port.js';
import { createSinks } from './runtime/sink.js';
import type { Call, Emit, Inbound, Listen } from './wire.js';
import * as wire from './wire.js';

/** What a mocked command is told beside its arguments. */
export interface MockCall {
  /** Aborted when the caller, or {@link clearMocks}, cancels the call. */
  signal: AbortSignal;
  headers: Record<string, string>;
  /** The arguments of a call that was given bytes; its other arguments are none. */
  bytes?: ArrayBuffer;
}

/**
 * Stands in for all commands. What it returns, or the promise of it, is the result: bytes as bytes, the rest
 * as JSON. What it throws rejects the call: an {@link IpcError} as it is, anything else with the code `failed`.
 *
 * The arguments are what Go would get, so that bytes inside them are base64; a `Channel` is a
 * {@link MockChannel}, and a `Sink` a {@link MockSink}.
 */
export type MockHandler = (cmd: string, args: Record<string, unknown>, call: MockCall) => unknown;

/** Options of {@link mockIPC}. */
export interface MockIPCOptions {
  /**
   * Has the page's events reach the page's listeners. Without it, the handler is called with
   * `casement:event/listen`, `casement:event/unlisten` and `casement:event/emit` instead.
   */
  shouldMockEvents?: boolean;
}

/** Does what Go would do by itself. */
export interface MockGo {
  /** Emits an event from Go for everybody, the shell's own among them. */
  emit(event: string, payload?: unknown): void;
  /** Emits an event from Go for one window. */
  emitTo(target: string | EventTarget, event: string, payload?: unknown): void;
}

/** The largest message of a page, as Go has it unless an app says otherwise. */
const maxMessage = 64 << 20;

/** How far a mocked command may be ahead of the page, as in `channels/stream.go`. */
const maxMessages = 1024;

const ignore = (): void => undefined;

/** Puts one message, already JSON, on its way to the page; its bytes go beside it. */
type Put = (message: string, blob?: string) => void;

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof IpcError) {
    const { code, message, details } = thrown;
    return { code, message, ...(details !== undefined && { details }) };
  }
  return { code: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) };
}

/** Go's end of a `Channel`: a mocked command finds it in its arguments. */
export class MockChannel<T> {
  readonly id: number;
  /** Resolves when the stream has ended, whichever side ended it. */
  readonly done: Promise<void>;
  readonly #put: Put;
  #over = false;
  #finish: () => void = ignore;
  #sent = 0;
  #consumed = 0;
  #waiting: (() => void)[] = [];

  /** @internal */
  constructor(id: number, put: Put) {
    this.id = id;
    this.#put = put;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /**
   * Hands a message to the page, behind everything before it. Resolves at once or, while the page is behind,
   * when there is room; rejects with the code `disconnected` when the stream has ended.
   */
  send(message: T): Promise<void> {
    const sent = this.#send(message);
    sent.catch(ignore); // Like Go's error: whoever does not look at it need not hear of it.
    return sent;
  }

  async #send(message: T): Promise<void> {
    if (this.#sent - this.#consumed >= maxMessages || this.#waiting.length > 0) {
      await new Promise<void>((go) => this.#waiting.push(go));
    }
    if (this.#over) {
      throw new IpcError({ code: 'disconnected', message: `channel ${this.id} is closed` });
    }
    if (isBytes(message)) this.#put(`[${wire.bytes},${this.id},1]`, encode(message));
    else this.#put(`[${wire.value},${this.id},${stringify(message)},1]`);
    this.#sent++;
  }

  /** Ends the stream, behind what was sent; with a reason, the page's `closed` rejects with it. */
  close(reason?: unknown): void {
    if (this.#over) return;
    const failure = reason === undefined ? '' : `,${JSON.stringify(failureOf(reason))}`;
    this.#put(`[${wire.end},${this.id}${failure}]`);
    this.ended();
  }

  /** @internal */
  granted(messages: number): void {
    this.#consumed = messages;
    for (const go of this.#waiting.splice(0, maxMessages - (this.#sent - this.#consumed))) go();
  }

  /** @internal */
  ended(): void {
    this.#over = true;
    this.#finish();
    for (const go of this.#waiting.splice(0)) go();
  }
}

/**
 * Go's end of a `Sink`: a mocked command finds it in its arguments, and reads it with `for await`. Leaving the
 * loop tells the page that nobody reads any more; a page that aborts makes the loop throw.
 */
export class MockSink<T> implements AsyncIterable<T> {
  readonly id: number;
  readonly #put: Put;
  readonly #values: [value: T, ask: boolean][] = [];
  #consumed = 0;
  #over = false;
  #failure: Failure | undefined;
  #wake: () => void = ignore;

  /** @internal */
  constructor(id: number, put: Put) {
    this.id = id;
    this.#put = put;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const next = this.#values.shift();
        if (next) {
          this.#consumed++;
          if (next[1]) this.#put(`[${wire.grant},${this.id},${this.#consumed}]`);
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
      if (!this.#over) this.#put(`[${wire.stop},${this.id}]`);
    }
  }

  /** @internal */
  pushed(value: T, ask: boolean): void {
    this.#values.push([value, ask]);
    this.#wake();
  }

  /** @internal */
  ended(failure?: Failure): void {
    this.#over = true;
    this.#failure = failure;
    this.#wake();
  }
}

interface Listener {
  id: number;
  event: string;
  target: EventTarget | undefined;
}

/** The page that is mocked, and what stands in for Go. */
interface Mock {
  readonly go: MockGo;
  handler: MockHandler;
  events: boolean;
  /** The windows there are, the page's own first. */
  labels: string[];
  /** Whether somebody has said which windows there are. */
  listed: boolean;
  end(): void;
}

const nameForm = /^[\p{L}\p{N}\-/:_]{1,256}$/u;

/** Throws if a page may not use this name. */
function checkName(event: string, emits: boolean): void {
  const own = emits && event.startsWith('casement://');
  if (!own && nameForm.test(event)) return;
  const why = own
    ? "is one of the shell's own"
    : 'is not made of 1 to 256 letters, digits and - / : _';
  throw new IpcError({
    code: 'bad_arguments',
    message: `the name ${JSON.stringify(event)} ${why}`,
  });
}

/** Says whether a listener of the page hears an event that is for `target`. */
function hears(own: string, listener: Listener, target: EventTarget | undefined): boolean {
  if (!target || target.kind === 'Any' || listener.target?.kind === 'Any') return true;
  if (target.kind === 'App') return listener.target?.kind === 'App';
  if (!('label' in target) || listener.target?.kind === 'App') return false;
  const { target: mailbox } = listener;
  return target.label === (mailbox && 'label' in mailbox ? mailbox.label : own);
}

let current: Mock | undefined;

function noHandler(cmd: string): never {
  throw new IpcError({ code: 'unknown_command', message: `${cmd}: nothing mocks it` });
}

/** Makes a page that is connected to a stand-in. */
function open(): Mock {
  const scope = globalThis as { __ipc?: Ipc };
  if (scope.__ipc) throw new Error('this page runs in a Casement window, which needs no mocks');
  let alive = true;
  let inbox: [header: Inbound, body: string][] = [];
  let outbox: string[] = [];
  let blobs: string[] = [];
  const calls = new Map<number, AbortController>();
  const streams = new Map<number, MockChannel<unknown>>();
  const mockSinks = new Map<number, MockSink<unknown>>();
  let listeners: Listener[] = [];

  // Both directions go by microtask, as one batch: nobody is called back while they still speak.
  const port: Port = {
    config: { key: '', origin: '', label: '', maxMessage },
    page: () => (alive ? 'mock' : ''),
    begin: ignore,
    end: ignore,
    leave: ignore,
    flush: ignore,
    exceeds: (body) =>
      tooLarge(isBytes(body) ? body.byteLength : sizeOf(body, maxMessage), maxMessage),
    send(header, body = '') {
      if (alive && inbox.push([header, body]) === 1) queueMicrotask(takeIn);
    },
    carry(header, body) {
      if (isBytes(body)) header.body = 'bytes';
      port.send(header, isBytes(body) ? encode(body) : body);
    },
  };
  const channels = createChannels(port);
  const pending = createCalls(port, channels);
  const sinks = createSinks(port, channels);
  const events = createEvents(port, pending);
  const lane = createLane(pending, channels, events, sinks);

  const flush = (): void => {
    const batch = `[${outbox.join(',\t')}]`;
    const bytes = blobs;
    outbox = [];
    blobs = [];
    if (alive) lane.batch(batch, bytes, 0);
  };
  const put: Put = (message, blob) => {
    if (blob !== undefined) blobs.push(blob);
    if (outbox.push(message) === 1) queueMicrotask(flush);
  };
  /** Settles a call with what `run` returns or throws. */
  const settle = async (id: number, run: () => unknown): Promise<void> => {
    try {
      const result = await run();
      if (isBytes(result)) {
        put(`[${wire.settleBytes},${id}]`, encode(result));
        return;
      }
      let text: string;
      try {
        text = stringify(result);
      } catch (error) {
        throw new IpcError({ code: 'bad_result', message: (error as Error).message });
      }
      put(`[${wire.settle},${id},${text}]`);
    } catch (thrown) {
      put(`[${wire.settleError},${id},${JSON.stringify(failureOf(thrown))}]`);
    }
  };
  /** Tells the page's listeners of an event. */
  const tell = (
    event: string,
    payload: string,
    source: string | null,
    target?: EventTarget,
  ): void => {
    const ids = listeners
      .filter((l) => l.event === event && hears(mock.labels[0] as string, l, target))
      .map(({ id }) => id);
    if (ids.length > 0) {
      put(`[${wire.event},${JSON.stringify(ids)},${payload},${JSON.stringify(source)}]`);
    }
  };
  const call = (header: Call, body: string): void => {
    const { id, command, headers = {} } = header;
    const abort = new AbortController();
    calls.set(id, abort);
    const about: MockCall = { signal: abort.signal, headers };
    if (header.body) about.bytes = decode(body);
    const args: Record<string, unknown> = header.body
      ? {}
      : JSON.parse(body, (_key, value: unknown) => own(header, value));
    void settle(id, () => {
      if (command === 'casement:window/list' && mock.listed) return mock.labels;
      return mock.handler(command, args, about);
    }).finally(() => calls.delete(id));
  };
  /** Returns Go's end of what came with a call, and any other value as it is. */
  const own = (header: Call, value: unknown): unknown => {
    const [, kind, digits] = /^__(CHANNEL|SINK)__:(\d+)$/.exec(`${value}`) ?? [];
    const id = Number(digits);
    if (kind === 'CHANNEL' && header.channels?.includes(id)) {
      const channel = new MockChannel<unknown>(id, put);
      streams.set(id, channel);
      return channel;
    }
    if (kind === 'SINK' && header.sinks?.includes(id)) {
      const sink = new MockSink<unknown>(id, put);
      mockSinks.set(id, sink);
      return sink;
    }
    return value;
  };
  const background: MockCall = { signal: new AbortController().signal, headers: {} };
  const listen = ({ id, listener, event, target }: Listen): void => {
    void settle(id, () => {
      checkName(event, false);
      listeners.push({ id: listener, event, target });
      if (!mock.events) {
        const args = { event, target: target ?? null };
        return mock.handler('casement:event/listen', args, background);
      }
      return null;
    });
  };
  const unlisten = (id: number): void => {
    const listener = listeners.find((one) => one.id === id);
    listeners = listeners.filter((one) => one !== listener);
    if (!listener || mock.events) return;
    const { event } = listener;
    void Promise.resolve()
      .then(() => mock.handler('casement:event/unlisten', { event }, background))
      .catch(ignore); // Nobody waits for an answer.
  };
  const emit = ({ id, event, target }: Emit, body: string): void => {
    void settle(id, () => {
      checkName(event, true);
      if (!mock.events) {
        const args = { event, payload: JSON.parse(body) as unknown, target: target ?? null };
        return mock.handler('casement:event/emit', args, background);
      }
      tell(event, body, mock.labels[0] ?? null, target);
      return null;
    });
  };
  const take = (header: Inbound, body: string): void => {
    switch (header.kind) {
      case 'call':
        call(header, body);
        break;
      case 'cancel':
        calls.get(header.id)?.abort();
        break;
      case 'grant':
        streams.get(header.channel)?.granted(header.messages);
        break;
      case 'close':
        streams.get(header.channel)?.ended();
        break;
      case 'push':
        mockSinks
          .get(header.channel)
          ?.pushed(header.body ? decode(body) : JSON.parse(body), header.ask === true);
        break;
      case 'end':
        mockSinks
          .get(header.channel)
          ?.ended(header.failed ? (JSON.parse(body) as Failure) : undefined);
        break;
      case 'listen':
        listen(header);
        break;
      case 'unlisten':
        unlisten(header.listener);
        break;
      case 'emit':
        emit(header, body);
        break;
    }
  };
  const takeIn = (): void => {
    const batch = inbox;
    inbox = [];
    for (const [header, body] of batch) take(header, body);
  };

  const go: MockGo = {
    emit: (event, payload) => tell(event, stringify(payload), null),
    emitTo: (target, event, payload) =>
      tell(
        event,
        stringify(payload),
        null,
        typeof target === 'string' ? { kind: 'AnyLabel', label: target } : target,
      ),
  };
  const mock: Mock = {
    go,
    handler: noHandler,
    events: false,
    labels: ['main'],
    listed: false,
    end() {
      alive = false;
      pending.rejectAll(gone);
      channels.failAll(gone);
      sinks.failAll(gone);
      for (const abort of calls.values()) abort.abort();
      for (const channel of streams.values()) channel.ended();
      for (const sink of mockSinks.values()) sink.ended(gone);
      delete scope.__ipc;
    },
  };
  const ipc: Ipc = {
    get label() {
      return mock.labels[0] as string;
    },
    IpcError,
    invoke: (command, args, options = {}) => pending.invoke(command, args, options),
    channel: channels.make,
    sink: sinks.make,
    listen: events.listen,
    emit: events.emit,
    dispatch: ignore,
    part: ignore,
    ack: ignore,
    evaluate: ignore,
  };
  Object.defineProperty(scope, '__ipc', { value: Object.freeze(ipc), configurable: true });
  return mock;
}

/**
 * Has `handler` stand in for all commands, until {@link clearMocks}. Calling it again changes the handler.
 *
 * @example
 * ```ts
 * mockIPC((cmd, args) => {
 *   if (cmd === 'add') return (args['a'] as number) + (args['b'] as number);
 *   throw new IpcError({ code: 'unknown_command', message: cmd });
 * });
 * console.log(await invoke<number>('add', { a: 1, b: 2 }));
 * ```
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
 *
 * @example
 * ```ts
 * const go = mockIPC(() => null, { shouldMockEvents: true });
 * await listen<string>('download-started', (event) => console.log(event.payload));
 * go.emit('download-started', 'a file');
 * ```
 */
export function mockIPC(handler: MockHandler, options: MockIPCOptions = {}): MockGo {
  current ??= open();
  current.handler = handler;
  current.events = options.shouldMockEvents === true;
  return current.go;
}

/**
 * Says which windows there are: the page's own, `main` without this, and others.
 *
 * @example
 * ```ts
 * mockWindows('settings', 'main');
 * console.log(getCurrentWindow().label); // settings
 * console.log((await getAllWindows()).length); // 2
 * ```
 */
export function mockWindows(label: string, ...others: string[]): void {
  current ??= open();
  current.labels = [label, ...others];
  current.listed = true;
}

/**
 * Ends what is mocked, as if the page had gone: calls reject with the code `disconnected`, and channels end.
 * Does nothing where nothing is mocked.
 *
 * @example
 * ```ts
 * afterEach(() => clearMocks());
 * ```
 */
export function clearMocks(): void {
  current?.end();
  current = undefined;
}
