import type { Failure } from '../wire.js';
import { isBytes, json, type Payload, stringify, view } from './bytes.js';
import type { Channels } from './channel.js';
import type { Port } from './port.js';

/**
 * What an outlet's owner is told. Asked for the `refusal`, it returns why it can't be passed to a call,
 * if it can't.
 */
export type OutletEvent =
  | ['refusal']
  | ['open']
  | ['grant', messages: number]
  | ['stop', failure: Failure | undefined];

/** A way to Go for values, one after the other. It is what `Sink` in `@casement/api/core` stands on. */
export interface Outlet {
  readonly id: number;
  /** Turns a value into what travels. Bytes may change after that, unless they are said to be its own. */
  pack(value: unknown, own?: boolean): Payload;
  push(body: Payload, ask: boolean): void;
  /** Ends the stream: nothing more is sent, and nothing more is told. */
  end(failure?: Failure): void;
  toJSON(): string;
}

/** Outlets makes a page's outlets and tells them what Go says. */
export interface Outlets {
  create(on: (...event: OutletEvent) => string | undefined): Outlet;
  grant(id: number, messages: number): void;
  stop(id: number, failure?: Failure): void;
  /** Ends all of them at once: their page is over. */
  failAll(failure: Failure): void;
}

export function createOutlets({ send, carry }: Port, { found }: Channels): Outlets {
  const open = new Map<number, (...event: OutletEvent) => string | undefined>();
  let last = 0;
  const stop = (id: number, failure?: Failure): void => {
    const on = open.get(id);
    open.delete(id);
    on?.('stop', failure);
  };
  return {
    create(on) {
      const id = ++last;
      return {
        id,
        pack: (value, own) =>
          isBytes(value) ? (own ? view(value) : view(value).slice()) : stringify(value),
        push: (body, ask) => carry({ kind: 'push', channel: id, ...(ask && { ask }) }, body),
        end(failure) {
          if (!open.delete(id)) return;
          send(
            { kind: 'end', channel: id, ...(failure && { failed: true }) },
            failure && json(failure),
          );
        },
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
            fail: (failure) => stop(id, failure),
          });
          return `__SINK__:${id}`;
        },
      };
    },
    grant: (id, messages) => open.get(id)?.('grant', messages),
    stop,
    failAll(failure) {
      for (const id of open.keys()) stop(id, failure);
    },
  };
}
