import type { Gauge } from './bindings.gen.js';

/** NOTHING is what a gauge says before there is anything to say. */
export const NOTHING: Gauge = { frames: 0, messages: 0, bytes: 0, held: false };

/** SPAN is over how many milliseconds a rate is measured. */
const SPAN = 1000;

/**
 * Flow counts what the page takes from a stream and measures how fast. A stream that stands still has
 * no rate within a second, where a Meter, which is made for estimates, would take its time to say so.
 * Time is handed in, in milliseconds, so that it needs no clock.
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

  /** measure returns what came a second, in the last second or in the time since the beginning. */
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
