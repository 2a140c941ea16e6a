import type { Outbound } from '../wire.js';
import * as wire from '../wire.js';
import { decode, decodeInto } from './bytes.js';
import type { Calls } from './calls.js';
import type { Channels, Inlet } from './channel.js';
import type { Events } from './events.js';
import type { Outlets } from './outlet.js';

/**
 * Lane delivers what Go sends, in the order in which Go sent it.
 *
 * What hangs directly on the promise of a call runs before anything that Go sent after the result:
 * the lane lets the microtasks go first.
 */
export interface Lane {
  /** Forgets what is half delivered: it belonged to an earlier page. */
  reset(): void;
  piece(size: number, piece: string): void;
  batch(text: string, ...blobs: string[]): void;
}

export function createLane(
  calls: Calls,
  channels: Channels,
  events: Events,
  outlets: Outlets,
): Lane {
  /** The text of a message that is larger than a script, as far as it has come. */
  let text = '';
  /** Bytes that are larger than a script, and how much of them has come. */
  let large: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;

  const reset = (): void => {
    text = '';
    large = undefined;
    filled = 0;
  };
  const run = (batch: Outbound[], from: number, blob: () => ArrayBuffer): void => {
    // Most messages are for the channel of the one before.
    let inlet: Inlet | undefined;
    const deliver = (to: number, message: unknown, ask: boolean): void => {
      if (inlet?.id !== to) inlet = channels.find(to);
      inlet?.deliver(message, ask);
    };
    for (let at = from; at < batch.length; at++) {
      const message = batch[at] as Outbound;
      switch (message[0]) {
        case wire.value:
          deliver(message[1], message[2], message[3] === 1);
          continue;
        case wire.bytes:
          deliver(message[1], blob(), message[2] === 1);
          continue;
        case wire.event:
          events.deliver(message[1], message[2], message[3]);
          continue;
        case wire.grant:
          outlets.grant(message[1], message[2]);
          break;
        case wire.stop:
          outlets.stop(message[1], message[2]);
          break;
        case wire.end:
          channels.finish(message[1], message[2]);
          break;
        case wire.settle:
          calls.answer(message[1], message[2]);
          break;
        case wire.settleBytes:
          calls.answer(message[1], blob());
          break;
        case wire.settleError:
          calls.refuse(message[1], message[2]);
          break;
      }
      // A promise has settled: what hangs on it comes first.
      if (at + 1 < batch.length) {
        queueMicrotask(() => run(batch, at + 1, blob));
        return;
      }
    }
  };
  return {
    reset,
    piece(size, piece) {
      if (size === 0) {
        text += piece;
        return;
      }
      large ??= new Uint8Array(size);
      filled = decodeInto(large, filled, piece);
    },
    batch(rest, ...blobs) {
      const batch = JSON.parse(text + rest) as Outbound[];
      let early = large?.buffer;
      reset();
      let next = 0;
      run(batch, 0, () => {
        const whole = early ?? decode(blobs[next++] as string);
        early = undefined;
        return whole;
      });
    },
  };
}
