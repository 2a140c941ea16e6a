import { IpcError } from '../error.js';
import type { EventTarget } from '../event.js';
import { flushBeforeDialogs } from './blocking.js';
import { createCalls, type InvokeOptions } from './calls.js';
import { type ChannelOptions, createChannels, type Handler, type PageChannel } from './channel.js';
import { createEvaluator } from './evaluations.js';
import { createEvents, type EventHandler } from './events.js';
import { freeze } from './intrinsics.js';
import { createLane } from './lane.js';
import { logErrors } from './log.js';
import { type Config, createPort, gone, report } from './port.js';
import { createSinks, type Sinks } from './sink.js';

/** The object `window.__ipc`: the first half is for pages, the second half is for Go. */
export interface Ipc {
  /** The label of the page's window. */
  readonly label: string;
  readonly IpcError: typeof IpcError;
  invoke(command: string, args?: unknown, options?: InvokeOptions): Promise<unknown>;
  channel(handler?: Handler, options?: ChannelOptions): PageChannel;
  sink: Sinks['make'];
  listen(
    event: string,
    handler: EventHandler,
    target?: EventTarget,
    once?: boolean,
  ): Promise<() => void>;
  emit(event: string, payload?: unknown, target?: EventTarget): Promise<unknown>;

  dispatch(args: [page: string, batch: string, ...blobs: string[]]): void;
  part(args: [page: string, size: number, piece: string]): void;
  ack(args: [page: string, scripts: number]): void;
  evaluate(args: [page: string, id: number, script?: (() => unknown) | 0]): void;
}

/**
 * Connects the document to Go, once. Does nothing in a frame. In a document of another origin it
 * only tells Go that the window has left the app.
 */
export function install(config: Config): void {
  const scope = globalThis as typeof globalThis & { __ipc?: Ipc };
  if (scope.top !== scope.self || scope.__ipc) return;
  const port = createPort(config);
  if (location.origin !== config.origin) {
    port.leave();
    return;
  }
  const channels = createChannels(port);
  const calls = createCalls(port, channels);
  const sinks = createSinks(port, channels);
  const events = createEvents(port, calls);
  const lane = createLane(calls, channels, events, sinks);
  /**
   * Calls `take` only for what Go sent to this page. The arguments are one literal, see outbox.eval
   * in Go. Errors are not thrown, because the rest of the script must run.
   */
  const own =
    <Args extends [page: string, ...unknown[]]>(take: (args: Args) => void) =>
    (args: Args): void => {
      try {
        if (args[0] === port.page()) take(args);
      } catch (error) {
        report(error);
      }
    };
  const evaluator = createEvaluator(port);
  const ipc: Ipc = {
    label: config.label,
    IpcError,
    invoke: calls.invoke,
    channel: channels.make,
    sink: sinks.make,
    listen: events.listen,
    emit: events.emit,
    dispatch: own((args) => lane.batch(args[1], args as string[], 2)),
    part: own((args) => lane.piece(args[1], args[2])),
    ack: own((args) => port.send({ kind: 'ack', scripts: args[1] })),
    evaluate: own((args) => evaluator.evaluate(args[1], args[2])),
  };
  Object.defineProperty(scope, '__ipc', { value: freeze(ipc) });
  logErrors(port, evaluator.trying);
  flushBeforeDialogs(port);

  const { addEventListener: on, removeEventListener: off } = scope;
  const end = (): void => {
    port.send({ kind: 'bye' });
    port.end();
    lane.reset();
    calls.rejectAll(gone);
    channels.failAll(gone);
    sinks.failAll(gone);
  };
  on('pagehide', end);
  on('beforeunload', () => {
    // Registering again makes the page's own listeners run first, so their messages are still sent.
    off('pagehide', end);
    on('pagehide', end);
  });
  on('pageshow', (event) => {
    // The document returns from the history after its page has ended: a new page begins.
    if (!event.persisted) return;
    port.begin();
    events.resume();
  });
  port.begin();
}
