import type { Failure } from '../error.js';
import type { Outbound } from '../wire.js';
import * as wire from '../wire.js';
import { decode, decodeInto } from './bytes.js';
import type { Calls } from './calls.js';
import { type Channel, type Channels, lost } from './channel.js';
import type { Events } from './events.js';
import { indexOf, match, microtask, newBuffer, parse, slice } from './intrinsics.js';
import { report } from './port.js';
import type { Sinks } from './sink.js';
import { errorOf } from './stack.js';

/**
 * Lane delivers what Go sends, in the order in which Go sent it.
 *
 * What hangs directly on the promise of a call runs before anything that Go sent after the result:
 * the lane lets the microtasks go first.
 *
 * A message that can't be read, or whose handler throws, costs none of the others. Nothing here throws, so that the
 * acknowledgement that follows a batch in its script is always sent.
 */
export interface Lane {
  /** Forgets what is half delivered: it belonged to an earlier page. */
  reset(): void;
  piece(size: number, piece: string): void;
  /** Delivers messages. The bytes among them are in `blobs`, from `next` on. */
  batch(text: string, blobs: ArrayLike<string>, next: number): void;
}

/** What a message that can't be read says of itself, as far as it does: its kind, and what it is for. */
type Unreadable = [kind: typeof unreadable, was: number, id: number, ask: boolean];
const unreadable = -1;

/** Reads a batch with messages that are not JSON: each by itself. */
function salvage(text: string): (Outbound | Unreadable)[] {
  const messages: (Outbound | Unreadable)[] = [];
  for (let at = 1, end = 0; at < text.length; at = end + 2) {
    end = indexOf(text, ',\t', at);
    if (end < 0) end = text.length - 1;
    const message = slice(text, at, end);
    try {
      messages[messages.length] = parse(message) as Outbound;
    } catch {
      const found = match(/^\[(\d+),(\d*)/, message);
      const ask = slice(message, -3) === ',1]';
      messages[messages.length] = [unreadable, +(found?.[1] ?? -1), +(found?.[2] ?? -1), ask];
    }
  }
  return messages;
}

const failure: Failure = { code: 'bad_result', message: 'a message from Go can not be read' };

/** What the kinds of messages are for, in their order. */
const subjects = 'call,call,call,channel,channel,channel,event,sink,sink'.split(',');

export function createLane(calls: Calls, channels: Channels, events: Events, sinks: Sinks): Lane {
  /** The text of a message that is larger than a script, as far as it has come. */
  let text = '';
  /** Bytes that are larger than a script, and how much of them has come. */
  let large: ArrayBuffer | undefined;
  let filled = 0;
  /** There is no room for them, or they are not base64. */
  let broken = false;

  const reset = (): void => {
    text = '';
    large = undefined;
    filled = 0;
    broken = false;
  };
  /** Does what is left to do for a message that can't be read: nobody waits for it in vain. */
  const lose = (was: number, id: number, ask: boolean): void => {
    const { code, message } = failure;
    report(errorOf({ code, message: `${message}, and is lost: for ${subjects[was]} ${id}` }));
    switch (was) {
      case wire.settle:
      case wire.settleBytes:
      case wire.settleError:
        calls.refuse(id, failure);
        break;
      case wire.value:
      case wire.bytes:
        channels.find(id)?.deliver(lost, ask);
        break;
      case wire.end:
        channels.finish(id, failure);
        break;
      case wire.stop:
        sinks.stop(id, failure);
        break;
    }
  };
  const run = (
    batch: (Outbound | Unreadable)[],
    from: number,
    blob: () => ArrayBuffer | undefined,
  ): void => {
    // Most messages are for the channel of the one before.
    let channel: Channel | undefined;
    const deliver = (to: number, message: unknown, ask: boolean): void => {
      if (channel?.id !== to) channel = channels.find(to);
      channel?.deliver(message, ask);
    };
    /** Handles a message, and returns whether a promise may have settled. */
    const handle = (message: Outbound | Unreadable): boolean => {
      let bytes: ArrayBuffer | undefined;
      switch (message[0]) {
        case wire.value:
          deliver(message[1], message[2], message[3] === 1);
          return false;
        case wire.bytes:
          bytes = blob();
          if (bytes) deliver(message[1], bytes, message[2] === 1);
          else lose(message[0], message[1], message[2] === 1);
          return false;
        case wire.event:
          events.deliver(message[1], message[2], message[3]);
          return false;
        case wire.grant:
          sinks.grant(message[1], message[2]);
          return true;
        case wire.stop:
          sinks.stop(message[1], message[2]);
          return true;
        case wire.end:
          channels.finish(message[1], message[2]);
          return true;
        case wire.settle:
          calls.answer(message[1], message[2]);
          return true;
        case wire.settleBytes:
          bytes = blob();
          if (bytes) calls.answer(message[1], bytes);
          else lose(message[0], message[1], false);
          return true;
        case wire.settleError:
          calls.refuse(message[1], message[2]);
          return true;
        case unreadable:
          lose(message[1], message[2], message[3]);
          return true;
        default:
          return false;
      }
    };
    for (let at = from; at < batch.length; at++) {
      let settles = true;
      try {
        settles = handle(batch[at] as Outbound);
      } catch (error) {
        report(error);
      }
      // A promise has settled: what hangs on it comes first.
      if (settles && at + 1 < batch.length) {
        microtask(() => run(batch, at + 1, blob));
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
      if (broken) return;
      try {
        large ??= newBuffer(size);
        filled = decodeInto(large, filled, piece);
      } catch (error) {
        broken = true;
        report(error);
      }
    },
    batch(rest, blobs, from) {
      const whole = text + rest;
      let early = large;
      let none = broken;
      reset();
      let batch: (Outbound | Unreadable)[];
      try {
        batch = parse(whole) as Outbound[];
      } catch {
        batch = salvage(whole);
      }
      let next = from;
      run(batch, 0, () => {
        if (none) {
          none = false;
          return undefined;
        }
        if (early) {
          const bytes = early;
          early = undefined;
          return bytes;
        }
        try {
          return decode(blobs[next++] as string);
        } catch (error) {
          report(error);
          return undefined;
        }
      });
    },
  };
}
