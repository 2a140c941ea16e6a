/**
 * Mocks Go, for tests and for a plain browser. The rest of the package runs as it does in a window,
 * so order, errors, JSON and bytes behave the same. A function replaces the commands.
 *
 * @module
 */
import { IpcError } from '../error.js';
import { encode, isBytes, sizeOf } from '../runtime/bytes.js';
import { createCalls } from '../runtime/calls.js';
import { createChannels } from '../runtime/channel.js';
import { createEvents } from '../runtime/events.js';
import type { Ipc } from '../runtime/index.js';
import { createLane } from '../runtime/lane.js';
import { gone, type Port, tooLarge } from '../runtime/port.js';
import { createSinks } from '../runtime/sink.js';
import type { Inbound } from '../wire.js';
import { createGo, type MockGo, type MockHandler, type Setup } from './go.js';

export type { MockCall, MockGo, MockHandler } from './go.js';
export { MockChannel, MockSink } from './streams.js';

/** Options of {@link mockIPC}. */
export interface MockIPCOptions {
  /**
   * Delivers the page's events to the page's listeners. Without it, the handler is called with
   * `casement:event/listen`, `casement:event/unlisten` and `casement:event/emit` instead.
   */
  shouldMockEvents?: boolean;
}

/** The largest message of a page, as in Go by default. */
const maxMessage = 64 << 20;

const ignore = (): void => undefined;

/** The page that is mocked. */
interface Mock {
  readonly setup: Setup;
  readonly go: MockGo;
  end(): void;
}

let current: Mock | undefined;

function unhandled(cmd: string): never {
  throw new IpcError({ code: 'unknown_command', message: `${cmd}: no handler mocks it` });
}

/** Connects the document to a mock of Go. */
function open(): Mock {
  const scope = globalThis as { __ipc?: Ipc };
  if (scope.__ipc) throw new Error('this page runs in a Casement window, which needs no mocks');
  const setup: Setup = { handler: unhandled, events: false, labels: ['main'], listed: false };
  let alive = true;
  let inbound: [message: Inbound, body: string][] = [];
  let outbound: string[] = [];
  let blobs: string[] = [];

  // Both directions deliver one batch per microtask, so no callback runs inside its caller.
  const receive = (): void => {
    const batch = inbound;
    inbound = [];
    for (const [message, body] of batch) go.receive(message, body);
  };
  const dispatch = (): void => {
    const batch = `[${outbound.join(',\t')}]`;
    const bytes = blobs;
    outbound = [];
    blobs = [];
    if (alive) lane.batch(batch, bytes, 0);
  };
  const port: Port = {
    config: { key: '', origin: '', label: '', maxMessage },
    page: () => (alive ? 'mock' : ''),
    begin: ignore,
    end: ignore,
    leave: ignore,
    flush: ignore,
    exceeds: (body) =>
      tooLarge(isBytes(body) ? body.byteLength : sizeOf(body, maxMessage), maxMessage),
    send(message, body = '') {
      if (alive && inbound.push([message, body]) === 1) queueMicrotask(receive);
    },
    carry(message, body) {
      if (isBytes(body)) message.body = 'bytes';
      port.send(message, isBytes(body) ? encode(body) : body);
    },
  };
  const go = createGo(setup, (message, blob) => {
    if (blob !== undefined) blobs.push(blob);
    if (outbound.push(message) === 1) queueMicrotask(dispatch);
  });
  const channels = createChannels(port);
  const calls = createCalls(port, channels);
  const sinks = createSinks(port, channels);
  const events = createEvents(port, calls);
  const lane = createLane(calls, channels, events, sinks);
  const ipc: Ipc = {
    get label() {
      return setup.labels[0];
    },
    IpcError,
    invoke: (command, args, options = {}) => calls.invoke(command, args, options),
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
  return {
    setup,
    go: go.control,
    end() {
      alive = false;
      calls.rejectAll(gone);
      channels.failAll(gone);
      sinks.failAll(gone);
      go.end(gone);
      delete scope.__ipc;
    },
  };
}

/**
 * Mocks all commands with `handler`, until {@link clearMocks}. Another call replaces the handler.
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
 * const go = mockIPC(() => null, { shouldMockEvents: true });
 * await listen<string>('download-started', (event) => console.log(event.payload));
 * go.emit('download-started', 'a file');
 * ```
 */
export function mockIPC(handler: MockHandler, options: MockIPCOptions = {}): MockGo {
  current ??= open();
  current.setup.handler = handler;
  current.setup.events = options.shouldMockEvents === true;
  return current.go;
}

/**
 * Sets the labels of the open windows: first that of the page's own window, which is `main` by
 * default.
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
  current.setup.labels = [label, ...others];
  current.setup.listed = true;
}

/**
 * Ends the mock as if the page had gone: calls reject with the code `disconnected`, and streams
 * end. Does nothing if there is no mock.
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
