import type { Failure } from '../error.js';
import type { Call, Emit, Listen } from '../wire.js';
import { isBytes, type Payload, stringify, view } from './bytes.js';
import type { Channels, Stream } from './channel.js';
import { copyOf, create, createMap, indexOf, promise } from './intrinsics.js';
import { gone, type Port } from './port.js';
import { callSite, errorOf, messageOf, pointTo } from './stack.js';

/** Options of a call. */
export interface InvokeOptions {
  /** Cancels the call: the promise rejects at once and the command's context is cancelled. */
  signal?: AbortSignal;
  /** Travel beside the arguments. */
  headers?: Record<string, string>;
}

/** Calls holds the requests that Go has yet to settle. */
export interface Calls {
  invoke(command: string, args?: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Sends another message that Go settles, and sets its id. */
  request(header: Listen | Emit, body?: unknown): Promise<unknown>;
  answer(id: number, result: unknown): void;
  refuse(id: number, failure: Failure): void;
  /** Rejects all requests: the page is over. */
  rejectAll(failure: Failure): void;
}

/**
 * While no more calls than this are pending, each call notes its call site, for the stack of its
 * rejection. That costs 0.3 to 1 µs, which is nothing beside a single call, and a fifth of a call
 * among thousands.
 */
const maxSites = 32;

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  /** The call site. */
  site: Error | undefined;
  streams: Stream[];
  /** Stops listening to the caller's signal. */
  detach?: () => void;
}

/** Rejects a request that has not been sent. */
type Refuse = (failure: Failure, options?: ErrorOptions) => void;

/**
 * The codes of calls whose command has not run. The page then ends their channels and sinks itself.
 */
const neverRan = 'unknown_command bad_arguments denied too_large busy disconnected';

/** The arguments of a call without arguments. */
const none: unknown = create(null);

/** Throws if one of the streams can't be passed to a call. */
function checkStreams(streams: Stream[]): void {
  for (let at = 0; at < streams.length; at++) {
    const stream = streams[at] as Stream;
    let why = stream.refusal();
    for (let other = 0; other < at; other++) {
      if (streams[other]?.id === stream.id && streams[other]?.kind === stream.kind) {
        why ??= 'is passed twice';
      }
    }
    if (why) throw new Error(`${stream.kind === 'sinks' ? 'sink' : 'channel'} ${stream.id} ${why}`);
  }
}

/** Returns the ids of the streams, for the header of a call. */
function passed(streams: Stream[]): Pick<Call, 'channels' | 'sinks'> {
  const ids: Pick<Call, 'channels' | 'sinks'> = {};
  for (let at = 0; at < streams.length; at++) {
    const { kind, id } = streams[at] as Stream;
    const list = ids[kind] ?? [];
    list[list.length] = id;
    ids[kind] = list;
  }
  return ids;
}

export function createCalls(port: Port, channels: Channels): Calls {
  const { send } = port;
  const pending = createMap<number, Pending>();
  let last = 0;
  let waiting = 0;

  const add = (id: number, call: Pending): void => {
    pending.set(id, call);
    waiting++;
  };
  /** Removes and returns a call. Returns undefined if it is settled already. */
  const take = (id: number): Pending | undefined => {
    const call = pending.get(id);
    if (!call) return undefined;
    pending.delete(id);
    waiting--;
    try {
      call.detach?.();
    } catch {
      // The page may have replaced the signal's method. The listener that remains does nothing.
    }
    for (let at = 0; at < call.streams.length; at++) call.streams[at]?.settled();
    return call;
  };
  const reject = (id: number, failure: Failure): void => {
    const call = take(id);
    if (!call) return;
    if (indexOf(neverRan, failure.code) >= 0) failAll(call.streams, failure);
    call.reject(pointTo(call.site, errorOf(failure)));
  };
  /**
   * Begins a request that Go settles. `what` names it in errors. If `start` throws, the arguments
   * are bad. A request that is refused here ends the channels and sinks among its arguments.
   */
  const begin = (
    what: string,
    args: unknown,
    start: (id: number, call: Pending, refuse: Refuse) => void,
  ): Promise<unknown> => {
    const site = waiting < maxSites ? callSite() : undefined;
    return promise((resolve, rejectCall) => {
      const call: Pending = { resolve, reject: rejectCall, site, streams: [] };
      const id = ++last;
      const refuse: Refuse = ({ code, message }, options) => {
        const failure: Failure = { code, message: `${what}: ${message}` };
        // A stream that another call has taken belongs to that call.
        failAll(take(id)?.streams ?? channels.unused(args), failure);
        rejectCall(pointTo(site, errorOf(failure, options)));
      };
      if (!port.page()) return refuse(gone);
      try {
        start(id, call, refuse);
      } catch (error) {
        refuse({ code: 'bad_arguments', message: messageOf(error) }, { cause: error });
      }
    });
  };

  return {
    invoke: (command, args, options) =>
      begin(command, args, (id, call, refuse) => {
        const { signal, headers } = options ?? {};
        const cancel = (reject: Refuse): void =>
          reject({ code: 'cancelled', message: 'cancelled' }, { cause: signal?.reason });
        if (signal?.aborted) return cancel(refuse);
        const streams: Stream[] = [];
        const body: Payload = isBytes(args)
          ? copyOf(view(args)) // The caller may change the bytes after the call.
          : channels.passing(streams, () => stringify(args ?? none));
        const failure = port.exceeds(body);
        if (failure) return refuse(failure);
        checkStreams(streams);
        if (signal) {
          const abort = (): void => {
            cancel(({ code, message }, cause) =>
              call.reject(
                pointTo(call.site, errorOf({ code, message: `${command}: ${message}` }, cause)),
              ),
            );
            // Go still answers, which ends the channels of a command that has not run.
            send({ kind: 'cancel', id });
          };
          signal.addEventListener('abort', abort);
          call.detach = () => signal.removeEventListener('abort', abort);
        }
        call.streams = streams;
        add(id, call);
        for (let at = 0; at < streams.length; at++) streams[at]?.open();
        port.carry({ kind: 'call', id, command, headers, ...passed(streams) }, body);
      }),
    request: (header, payload) =>
      begin(`${header.kind} ${header.event}`, undefined, (id, call, refuse) => {
        const body = header.kind === 'emit' ? stringify(payload) : '';
        const failure = port.exceeds(body);
        if (failure) return refuse(failure);
        header.id = id;
        add(id, call);
        send(header, body);
      }),
    answer: (id, result) => take(id)?.resolve(result),
    refuse: reject,
    rejectAll(failure) {
      pending.forEach((_call, id) => {
        reject(id, failure);
      });
    },
  };
}

/** Ends the streams of a call that Go does not run. */
function failAll(streams: Stream[], failure: Failure): void {
  for (let at = 0; at < streams.length; at++) streams[at]?.fail(failure);
}
