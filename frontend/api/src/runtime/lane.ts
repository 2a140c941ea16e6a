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
 * Lane delivers Go's messages in the order in which Go sent them.
 *
 * It runs the microtasks after each message that settles a promise. So the direct continuation of a
 * call runs before any message that Go sent after the result.
 *
 * A message that can't be read, or whose handler throws, does not affect the others. Lane never
 * throws, so the acknowledgement that follows a batch in its script is always sent.
 */
export interface Lane {
  /** Drops the pieces of an earlier page. */
  reset(): void;
  /**
   * Adds a piece of the next batch's text (`size` is 0), or of its first blob, which has `size`
   * bytes.
   */
  piece(size: number, piece: string): void;
  /** Delivers a batch. Its bytes are in `blobs`, from index `next`. */
  batch(text: string, blobs: ArrayLike<string>, next: number): void;
}

/** A message that can't be read: its kind and the id that it is for, where they are legible. */
type Unreadable = [kind: typeof unreadable, was: number, id: number, ask: boolean];
const unreadable = -1;

/** Reads each message of a batch separately, because some of them are not JSON. */
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

const failure: Failure = { code: 'bad_result', message: 'a message from Go cannot be read' };

/** What each kind of message is for, in the order of the kinds. */
const subjects = 'call,call,call,channel,channel,channel,event,sink,sink'.split(',');

export function createLane(calls: Calls, channels: Channels, events: Events, sinks: Sinks): Lane {
  /** The pieces of a text that is larger than a script. */
  let text = '';
  /** The pieces of a blob that is larger than a script, and their size. */
  let large: ArrayBuffer | undefined;
  let filled = 0;
  /** The blob is lost: there is no memory for it, or it is not base64. */
  let broken = false;

  const reset = (): void => {
    text = '';
    large = undefined;
    filled = 0;
    broken = false;
  };
  /** Fails what waits for a message that can't be read. */
  const lose = (was: number, id: number, ask: boolean): void => {
    const { code, message } = failure;
    report(errorOf({ code, message: `${message} and is lost: for ${subjects[was]} ${id}` }));
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
    // Most messages are for the same channel as the message before.
    let channel: Channel | undefined;
    const deliver = (to: number, message: unknown, ask: boolean): void => {
      if (channel?.id !== to) channel = channels.find(to);
      channel?.deliver(message, ask);
    };
    /** Handles a message and reports whether it may have settled a promise. */
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
      // Continuations of the promise run before the next message.
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
