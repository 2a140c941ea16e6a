import { IpcError } from '../error.js';
import type { Target } from '../wire.js';
import { createCalls, type InvokeOptions } from './calls.js';
import { type ChannelOptions, createChannels, type Handler, type PageChannel } from './channel.js';
import { createEvaluator } from './evaluations.js';
import { createEvents, type EventHandler } from './events.js';
import { createLane } from './lane.js';
import { createOutlets, type Outlets } from './outlet.js';
import { type Config, createPort, gone } from './port.js';

/** What the runtime puts into `window.__ipc`: the first half for pages, the second for Go. */
export interface Ipc {
  /** The label of the page's window. */
  readonly label: string;
  readonly IpcError: typeof IpcError;
  invoke(command: string, args?: unknown, options?: InvokeOptions): Promise<unknown>;
  channel(handler?: Handler, options?: ChannelOptions): PageChannel;
  outlet: Outlets['create'];
  listen(
    event: string,
    handler: EventHandler,
    target?: Target,
    once?: boolean,
  ): Promise<() => void>;
  emit(event: string, payload?: unknown, target?: Target): Promise<unknown>;

  dispatch(args: [page: string, batch: string, ...blobs: string[]]): void;
  part(args: [page: string, size: number, piece: string]): void;
  ack(args: [page: string, scripts: number]): void;
  evaluate(args: [page: string, id: number, script?: () => unknown]): void;
}

/**
 * Connects the document to Go. Does nothing in a frame, and nothing where it has been done before; in
 * a document of another origin it only tells Go that the window has gone there.
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
  const outlets = createOutlets(port, channels);
  const events = createEvents(port, calls);
  const lane = createLane(calls, channels, events, outlets);
  /** Lets through only what Go sent to this very page. It comes as one literal: see outbox.eval in Go. */
  const own =
    <Rest extends unknown[]>(take: (...rest: Rest) => void) =>
    ([page, ...rest]: [page: string, ...Rest]): void => {
      if (page === port.page()) take(...rest);
    };
  const ipc: Ipc = {
    label: config.label,
    IpcError,
    invoke: calls.invoke,
    channel: channels.create,
    outlet: outlets.create,
    listen: events.listen,
    emit: events.emit,
    dispatch: own(lane.batch),
    part: own(lane.piece),
    ack: own((scripts: number) => port.send({ kind: 'ack', scripts })),
    evaluate: own(createEvaluator(port)),
  };
  Object.defineProperty(scope, '__ipc', { value: Object.freeze(ipc) });

  addEventListener('pagehide', () => {
    port.send({ kind: 'bye' });
    port.end();
    lane.reset();
    calls.rejectAll(gone);
    channels.failAll(gone);
    outlets.failAll(gone);
  });
  addEventListener('pageshow', (event) => {
    // The document comes back out of the history, after its page has ended: a new page begins.
    if (!event.persisted) return;
    port.begin();
    events.resume();
  });
  port.begin();
}
