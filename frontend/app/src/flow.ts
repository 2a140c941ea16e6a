import type { Gauge } from './bindings.gen.js';

/** NOTHING is the gauge of a stream that has not begun. */
export const NOTHING: Gauge = { frames: 0, messages: 0, bytes: 0, held: false };

/** SPAN is the time over which a rate is measured, in milliseconds. */
const SPAN = 1000;

/**
 * Flow counts and measures what the page consumes of a stream. The rate of a stream that stands
 * still is 0 within a second. (A Meter, which is made for estimates, falls more slowly.) The caller
 * passes the time in milliseconds.
 */
export class Flow {
  #messages = 0;
  #bytes = 0;
  #marks: { at: number; messages: number; bytes: number }[];

  constructor(now: number) {
    this.#marks = [{ at: now, messages: 0, bytes: 0 }];
  }

  /** add counts a message. */
  add(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** measure returns the rates per second, over the last second or since the beginning. */
  measure(now: number): { messages: number; bytes: number } {
    while (this.#marks.length > 1 && (this.#marks[1]?.at ?? now) <= now - SPAN) {
      this.#marks.shift();
    }
    const from = this.#marks[0] ?? { at: now, messages: 0, bytes: 0 };
    this.#marks.push({ at: now, messages: this.#messages, bytes: this.#bytes });
    const seconds = (now - from.at) / 1000;
    if (seconds <= 0) {
      return { messages: 0, bytes: 0 };
    }
    return {
      messages: (this.#messages - from.messages) / seconds,
      bytes: (this.#bytes - from.bytes) / seconds,
    };
  }
}
