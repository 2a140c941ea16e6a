import { type Failure, IpcError } from '../error.js';
import type { EventTarget } from '../event.js';
import { decode, encode, isBytes, stringify } from '../runtime/bytes.js';
import type { Call, Inbound } from '../wire.js';
import * as wire from '../wire.js';
import { createMockEvents } from './events.js';
import { failureOf, MockChannel, MockSink, type Post } from './streams.js';

/** What a mocked command gets beside its arguments. */
export interface MockCall {
  /** Aborted when the caller, or {@link clearMocks}, cancels the call. */
  signal: AbortSignal;
  headers: Record<string, string>;
  /** The argument of a call that was given bytes. The other arguments are then empty. */
  bytes?: ArrayBuffer;
}

/**
 * Mocks all commands. Its result, or that of the promise it returns, settles the call: bytes as
 * bytes, everything else as JSON. If it throws, the call rejects: with an `IpcError` as it is, with
 * anything else under the code `failed`.
 *
 * The arguments are as Go would get them: bytes inside them are base64, a `Channel` is a
 * {@link MockChannel}, and a `Sink` is a {@link MockSink}.
 */
export type MockHandler = (cmd: string, args: Record<string, unknown>, call: MockCall) => unknown;

/** What Go does on its own initiative. */
export interface MockGo {
  /** Emits an event from Go for everybody. The name may be one of the shell's own. */
  emit(event: string, payload?: unknown): void;
  /** Emits an event from Go for one window. */
  emitTo(target: string | EventTarget, event: string, payload?: unknown): void;
}

/**
 * What the test has set up.
 *
 * @internal
 */
export interface Setup {
  handler: MockHandler;
  /** Whether events reach the page's listeners, and not the handler. */
  events: boolean;
  /** The open windows, the page's own first. */
  labels: [own: string, ...others: string[]];
  /** Whether the test has named the windows, so that the mock lists them itself. */
  listed: boolean;
}

/**
 * Go's end of the wire to the page.
 *
 * @internal
 */
export interface Go {
  readonly control: MockGo;
  /** Handles a message from the page. */
  receive(message: Inbound, body: string): void;
  /** Ends all calls and streams: the page is over. */
  end(failure: Failure): void;
}

/** @internal */
export function createGo(setup: Setup, post: Post): Go {
  const calls = new Map<number, AbortController>();
  const channels = new Map<number, MockChannel<unknown>>();
  const sinks = new Map<number, MockSink<unknown>>();
  const background: MockCall = { signal: new AbortController().signal, headers: {} };

  const settle = async (id: number, run: () => unknown): Promise<void> => {
    try {
      const result = await run();
      if (isBytes(result)) {
        post(`[${wire.settleBytes},${id}]`, encode(result));
        return;
      }
      let text: string;
      try {
        text = stringify(result);
      } catch (error) {
        throw new IpcError({ code: 'bad_result', message: (error as Error).message });
      }
      post(`[${wire.settle},${id},${text}]`);
    } catch (thrown) {
      post(`[${wire.settleError},${id},${JSON.stringify(failureOf(thrown))}]`);
    }
  };
  const events = createMockEvents({
    post,
    settle,
    handle: (command, args) => setup.handler(command, args, background),
    mocked: () => setup.events,
    label: () => setup.labels[0],
  });
  /** Returns Go's end of a stream that came with a call, and any other value as it is. */
  const attach = (call: Call, value: unknown): unknown => {
    const [, kind, digits] = /^__(CHANNEL|SINK)__:(\d+)$/.exec(`${value}`) ?? [];
    const id = Number(digits);
    if (kind === 'CHANNEL' && call.channels?.includes(id)) {
      const channel = new MockChannel<unknown>(id, post);
      channels.set(id, channel);
      return channel;
    }
    if (kind === 'SINK' && call.sinks?.includes(id)) {
      const sink = new MockSink<unknown>(id, post);
      sinks.set(id, sink);
      return sink;
    }
    return value;
  };
  const run = (call: Call, body: string): void => {
    const { id, command, headers = {} } = call;
    const abort = new AbortController();
    calls.set(id, abort);
    const about: MockCall = { signal: abort.signal, headers };
    if (call.body) about.bytes = decode(body);
    const args: Record<string, unknown> = call.body
      ? {}
      : JSON.parse(body, (_key, value: unknown) => attach(call, value));
    void settle(id, () => {
      if (command === 'casement:window/list' && setup.listed) return setup.labels;
      return setup.handler(command, args, about);
    }).finally(() => calls.delete(id));
  };
  return {
    control: {
      emit: (event, payload) => events.deliver(event, stringify(payload), null),
      emitTo: (target, event, payload) =>
        events.deliver(
          event,
          stringify(payload),
          null,
          typeof target === 'string' ? { kind: 'AnyLabel', label: target } : target,
        ),
    },
    receive(message, body) {
      switch (message.kind) {
        case 'call':
          run(message, body);
          break;
        case 'cancel':
          calls.get(message.id)?.abort();
          break;
        case 'grant':
          channels.get(message.channel)?.grant(message.messages);
          break;
        case 'close':
          channels.get(message.channel)?.end();
          break;
        case 'push':
          sinks
            .get(message.channel)
            ?.push(message.body ? decode(body) : JSON.parse(body), message.ask === true);
          break;
        case 'end':
          sinks
            .get(message.channel)
            ?.end(message.failed ? (JSON.parse(body) as Failure) : undefined);
          break;
        case 'listen':
          events.listen(message);
          break;
        case 'unlisten':
          events.unlisten(message.listener);
          break;
        case 'emit':
          events.emit(message, body);
          break;
      }
    },
    end(failure) {
      for (const abort of calls.values()) abort.abort();
      for (const channel of channels.values()) channel.end();
      for (const sink of sinks.values()) sink.end(failure);
    },
  };
}
