import type { Failure } from '../error.js';
import { isBytes, type Payload, stringify, view } from './bytes.js';
import type { Channels } from './channel.js';
import { copyOf, createMap, json } from './intrinsics.js';
import { type Port, report } from './port.js';
import { errorOf } from './stack.js';

/**
 * A notification for the owner of a sink. For `refusal`, the owner returns why the sink can't be
 * passed to a call, or undefined if it can.
 */
export type SinkEvent =
  | ['refusal']
  | ['open']
  | ['grant', messages: number]
  | ['stop', failure: Failure | undefined];

/** The page's end of a stream to Go. `Sink` in `@casement/api/core` is built on it. */
export interface PageSink {
  readonly id: number;
  /**
   * Returns the body of a value. Copies bytes, unless the caller gives them away (`own`). If the
   * value is larger than Go accepts, the stream ends and `pack` throws its error.
   */
  pack(value: unknown, own?: boolean): Payload;
  push(body: Payload, ask: boolean): void;
  /** Ends the stream. The owner gets no more notifications. */
  end(failure?: Failure): void;
  toJSON(): string;
}

/** Sinks makes a page's sinks and notifies their owners of messages from Go. */
export interface Sinks {
  make(on: (...event: SinkEvent) => string | undefined): PageSink;
  grant(id: number, messages: number): void;
  stop(id: number, failure?: Failure): void;
  /** Ends all sinks at once: the page is over. */
  failAll(failure: Failure): void;
}

type On = (...event: SinkEvent) => string | undefined;

export function createSinks({ send, carry, exceeds }: Port, { found }: Channels): Sinks {
  const open = createMap<number, On>();
  let last = 0;
  /** Notifies an owner, which is the page's code and may throw. */
  const notify = (
    on: ((kind: 'grant' | 'stop', about: never) => unknown) | undefined,
    kind: 'grant' | 'stop',
    about: number | Failure | undefined,
  ): void => {
    try {
      on?.(kind, about as never);
    } catch (error) {
      report(error);
    }
  };
  const stop = (id: number, failure?: Failure): void => {
    const on = open.get(id);
    open.delete(id);
    notify(on, 'stop', failure);
  };
  return {
    make(on) {
      const id = ++last;
      const end = (failure?: Failure): void => {
        if (!open.delete(id)) return;
        send(
          { kind: 'end', channel: id, ...(failure && { failed: true }) },
          failure && json(failure),
        );
      };
      return {
        id,
        pack(value, own) {
          const body: Payload = isBytes(value) ? view(value) : stringify(value);
          const failure = exceeds(body);
          if (!failure) return isBytes(body) && !own ? copyOf(body) : body;
          end(failure);
          notify(on, 'stop', failure);
          throw errorOf(failure);
        },
        push: (body, ask) => carry({ kind: 'push', channel: id, ...(ask && { ask }) }, body),
        end,
        toJSON() {
          found({
            id,
            kind: 'sinks',
            refusal: () => on('refusal'),
            open() {
              open.set(id, on);
              on('open');
            },
            settled: () => undefined,
            fail(failure) {
              open.delete(id);
              notify(on, 'stop', failure);
            },
          });
          return `__SINK__:${id}`;
        },
      };
    },
    grant: (id, messages) => notify(open.get(id), 'grant', messages),
    stop,
    failAll(failure) {
      open.forEach((_on, id) => {
        stop(id, failure);
      });
    },
  };
}
