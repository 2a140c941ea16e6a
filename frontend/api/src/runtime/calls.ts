import { IpcError } from '../error.js';
import type { Call, Emit, Failure, Listen } from '../wire.js';
import { isBytes, type Payload, stringify, view } from './bytes.js';
import type { Channels, Stream } from './channel.js';
import { gone, type Port } from './port.js';

/** Options of a call. */
export interface InvokeOptions {
  /** Cancels the call: the promise rejects at once and the command's context is cancelled. */
  signal?: AbortSignal;
  /** Reach the command beside its arguments. */
  headers?: Record<string, string>;
}

/** Calls holds what Go has yet to settle. */
export interface Calls {
  invoke(command: string, args?: unknown, options?: InvokeOptions): Promise<unknown>;
  /** Sends a message other than a call that Go settles; its id is filled in. */
  request(header: Listen | Emit, body?: unknown): Promise<unknown>;
  answer(id: number, result: unknown): void;
  refuse(id: number, failure: Failure): void;
  /** Rejects everything: the page is over. */
  rejectAll(failure: Failure): void;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  streams: Stream[];
  /** Stops listening to the caller's signal. */
  detach?: () => void;
}

/** Rejects what has not been sent. */
type Refuse = (failure: Failure, options?: ErrorOptions) => void;

/** The failures after which the command has never run, so nobody will ever end its channels. */
const neverRan = 'unknown_command bad_arguments denied too_large busy disconnected';

/** Throws if one of them can't go with a call. */
function checkStreams(streams: Stream[]): void {
  for (const [index, stream] of streams.entries()) {
    const why = streams.includes(stream, index + 1) ? 'is passed twice' : stream.refusal();
    if (why) throw new Error(`${stream.kind.slice(0, -1)} ${stream.id} ${why}`);
  }
}

/** Returns the ids of what goes with a call, for its header. */
function passed(streams: Stream[]): Pick<Call, 'channels' | 'sinks'> {
  const ids: Pick<Call, 'channels' | 'sinks'> = {};
  for (const { kind, id } of streams) {
    ids[kind] ??= [];
    ids[kind].push(id);
  }
  return ids;
}

export function createCalls({ config, page, send, carry }: Port, channels: Channels): Calls {
  const pending = new Map<number, Pending>();
  let last = 0;

  /** Takes a call out of the books. Whoever comes second finds nothing. */
  const take = (id: number): Pending | undefined => {
    const call = pending.get(id);
    if (!call) return undefined;
    pending.delete(id);
    call.detach?.();
    for (const stream of call.streams) stream.settled();
    return call;
  };
  const reject = (id: number, failure: Failure): void => {
    const call = take(id);
    if (!call) return;
    if (neverRan.includes(failure.code)) for (const stream of call.streams) stream.fail(failure);
    call.reject(new IpcError(failure));
  };
  /** Begins something that Go settles; what `start` throws is about what was passed. */
  const begin = (
    what: string,
    start: (id: number, call: Pending, refuse: Refuse) => void,
  ): Promise<unknown> =>
    new Promise((resolve, rejectCall) => {
      const refuse: Refuse = ({ code, message }, options) =>
        rejectCall(new IpcError({ code, message: `${what}: ${message}` }, options));
      if (!page()) return refuse(gone);
      const id = ++last;
      const call: Pending = { resolve, reject: rejectCall, streams: [] };
      try {
        start(id, call, refuse);
      } catch (error) {
        refuse({ code: 'bad_arguments', message: (error as Error).message }, { cause: error });
      }
    });
  /** Refuses a body that is more than Go takes. */
  const fits = (size: number, refuse: Refuse): unknown =>
    size <= config.maxMessage ||
    refuse({
      code: 'too_large',
      message: `${size} bytes, more than the app's limit of ${config.maxMessage}`,
    });

  /** Turns arguments into the body of a call. */
  const serialize = (args: unknown): [streams: Stream[], body: Payload] =>
    isBytes(args) ? [[], view(args)] : channels.passing(() => stringify(args ?? {}));

  return {
    invoke: (command, args, { signal, headers } = {}) =>
      begin(command, (id, call, refuse) => {
        const cancel = (): void =>
          refuse({ code: 'cancelled', message: 'cancelled' }, { cause: signal?.reason });
        if (signal?.aborted) return cancel();
        const [streams, body] = serialize(args);
        if (!fits(body.length, refuse)) return;
        checkStreams(streams);
        call.streams = streams;
        pending.set(id, call);
        for (const stream of streams) stream.open();
        const header: Call = { kind: 'call', id, command, headers, ...passed(streams) };
        carry(header, body.slice()); // What the caller does to bytes from here on is not for Go.
        if (!signal) return;
        const abort = (): void => {
          cancel();
          // Go answers all the same, which ends the channels of a command that has not run.
          send({ kind: 'cancel', id });
        };
        signal.addEventListener('abort', abort);
        call.detach = () => signal.removeEventListener('abort', abort);
      }),
    request: (header, payload) =>
      begin(`${header.kind} ${header.event}`, (id, call, refuse) => {
        const body = header.kind === 'emit' ? stringify(payload) : '';
        if (!fits(body.length, refuse)) return;
        header.id = id;
        send(header, body);
        pending.set(id, call);
      }),
    answer: (id, result) => take(id)?.resolve(result),
    refuse: reject,
    rejectAll(failure) {
      for (const id of pending.keys()) reject(id, failure);
    },
  };
}
