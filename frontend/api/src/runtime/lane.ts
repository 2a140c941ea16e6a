import type { Outbound } from '../wire.js';
import * as wire from '../wire.js';
import { decode, decodeInto } from './bytes.js';
import type { Calls } from './calls.js';
import type { Channels } from './channel.js';

/**
 * Lane delivers what Go sends, in the order in which Go sent it.
 *
 * What hangs directly on the promise of a call runs before anything that Go sent after the result:
 * the lane lets the microtasks go first.
 */
export class Lane {
  /** The text of a message that is larger than a script, as far as it has come. */
  #text = '';
  /** Bytes that are larger than a script, and how much of them has come. */
  #blob: Uint8Array | undefined;
  #filled = 0;

  readonly #calls: Calls;
  readonly #channels: Channels;

  constructor(calls: Calls, channels: Channels) {
    this.#calls = calls;
    this.#channels = channels;
  }

  /** Forgets what is half delivered: it belonged to an earlier page. */
  reset(): void {
    this.#text = '';
    this.#blob = undefined;
  }

  part(size: number, piece: string): void {
    if (size === 0) {
      this.#text += piece;
      return;
    }
    if (!this.#blob) {
      this.#blob = new Uint8Array(size);
      this.#filled = 0;
    }
    this.#filled = decodeInto(this.#blob, this.#filled, piece);
  }

  dispatch(text: string, blobs: string[]): void {
    const batch = JSON.parse(this.#text + text) as Outbound[];
    const early = this.#blob?.buffer as ArrayBuffer | undefined;
    this.reset();
    let next = 0;
    const blob = (): ArrayBuffer => {
      if (early && next === 0) {
        next = 1;
        return early;
      }
      return decode(blobs[next++ - (early ? 1 : 0)] as string);
    };
    this.#run(batch, 0, blob);
  }

  #run(batch: Outbound[], from: number, blob: () => ArrayBuffer): void {
    for (let at = from; at < batch.length; at++) {
      const message = batch[at] as Outbound;
      switch (message[0]) {
        case wire.value:
          this.#channels.deliver(message[1], message[2], message[3] === 1);
          continue;
        case wire.bytes:
          this.#channels.deliver(message[1], blob(), message[2] === 1);
          continue;
        case wire.end:
          this.#channels.finish(message[1], message[2]);
          break;
        case wire.settle:
          this.#calls.resolve(message[1], message[2]);
          break;
        case wire.settleBytes:
          this.#calls.resolve(message[1], blob());
          break;
        case wire.settleError:
          this.#calls.reject(message[1], message[2]);
          break;
      }
      // A promise has settled: what hangs on it comes first.
      if (at + 1 < batch.length) {
        queueMicrotask(() => this.#run(batch, at + 1, blob));
        return;
      }
    }
  }
}
