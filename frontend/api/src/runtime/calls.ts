import { IpcError } from '../error.js';
import type { Failure } from '../wire.js';
import { encode, isBytes, stringify } from './bytes.js';
import type { Channels, PageChannel } from './channel.js';
import type { Port } from './port.js';

/** Options of a call. */
export interface InvokeOptions {
  /** Cancels the call: the promise rejects at once and the command's context is cancelled. */
  signal?: AbortSignal;
  /** Reach the command beside its arguments. */
  headers?: Record<string, string>;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  channels: PageChannel[];
  /** Stops listening to the caller's signal. */
  detach(): void;
}

/** The failures after which the command has never run, so nobody will ever end its channels. */
const neverRan: ReadonlySet<string> = new Set([
  'unknown_command',
  'bad_arguments',
  'denied',
  'too_large',
  'busy',
  'disconnected',
]);

const noop = (): void => undefined;

/** Calls holds the calls in flight. */
export class Calls {
  #last = 0;
  #pending = new Map<number, Pending>();

  readonly #port: Port;
  readonly #channels: Channels;

  constructor(port: Port, channels: Channels) {
    this.#port = port;
    this.#channels = channels;
  }

  invoke(command: string, args: unknown, options: InvokeOptions): Promise<unknown> {
    const { signal, headers } = options;
    return new Promise((resolve, reject) => {
      const refuse = (code: Failure['code'], message: string, cause?: unknown): void =>
        reject(new IpcError({ code, message }, cause === undefined ? {} : { cause }));
      if (signal?.aborted) return refuse('cancelled', `${command}: cancelled`, signal.reason);
      if (!this.#port.page) return refuse('disconnected', `${command}: the page is going away`);

      let body: string;
      let channels: PageChannel[] = [];
      const raw = isBytes(args);
      try {
        if (raw) body = encode(args);
        else [body, channels] = this.#channels.passing(() => stringify(args ?? {}));
      } catch (error) {
        return refuse('bad_arguments', `${command}: ${(error as Error).message}`, error);
      }
      if (body.length > this.#port.config.maxMessage) {
        const limit = this.#port.config.maxMessage;
        return refuse(
          'too_large',
          `${command}: arguments of ${body.length} bytes, more than the app's limit of ${limit}`,
        );
      }
      for (const [index, channel] of channels.entries()) {
        const why = channels.includes(channel, index + 1)
          ? `channel ${channel.id} is passed twice`
          : channel.refusal();
        if (why) return refuse('bad_arguments', `${command}: ${why}`);
      }

      const id = ++this.#last;
      let detach = noop;
      if (signal) {
        const abort = (): void => {
          this.#port.send({ kind: 'cancel', id });
          this.#take(id)?.reject(
            new IpcError(
              { code: 'cancelled', message: `${command}: cancelled` },
              { cause: signal.reason },
            ),
          );
        };
        signal.addEventListener('abort', abort);
        detach = () => signal.removeEventListener('abort', abort);
      }
      for (const channel of channels) channel.open();
      this.#pending.set(id, { resolve, reject, channels, detach });
      this.#port.send(
        {
          kind: 'call',
          id,
          command,
          ...(raw ? { body: 'bytes' } : undefined),
          ...(headers ? { headers } : undefined),
        },
        body,
      );
    });
  }

  resolve(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  reject(id: number, failure: Failure): void {
    const call = this.#take(id);
    if (!call) return;
    if (neverRan.has(failure.code)) for (const channel of call.channels) channel.fail(failure);
    call.reject(new IpcError(failure));
  }

  /** Rejects every call in flight: the page is over. */
  rejectAll(failure: Failure): void {
    for (const id of [...this.#pending.keys()]) this.reject(id, failure);
  }

  /** Takes a call out of the books. Whoever comes second finds nothing. */
  #take(id: number): Pending | undefined {
    const call = this.#pending.get(id);
    if (!call) return undefined;
    this.#pending.delete(id);
    call.detach();
    for (const channel of call.channels) channel.settled();
    return call;
  }
}
