/** TIME_CONSTANT is the time in which two thirds of a change of speed show, in milliseconds. */
const TIME_CONSTANT = 1200;

/** WARM_UP is how long to measure before there is a rate, in milliseconds. */
const WARM_UP = 120;

/**
 * Meter computes a steady rate, and from it the time left, from the number of bytes read so far.
 * The caller passes the time in milliseconds.
 */
export class Meter {
  readonly #start: number;
  #last: number;
  #bytes = 0;
  #rate: number | null = null;

  constructor(now: number) {
    this.#start = now;
    this.#last = now;
  }

  /** add records that `bytes` have been read in total by `now`. It ignores a step back. */
  add(bytes: number, now: number): void {
    const elapsed = now - this.#last;
    const step = bytes - this.#bytes;
    if (!(step >= 0) || elapsed <= 0) {
      return;
    }
    if (this.#rate === null && now - this.#start < WARM_UP) {
      return;
    }
    const speed = (step / elapsed) * 1000;
    const weight = this.#rate === null ? 1 : 1 - Math.exp(-elapsed / TIME_CONSTANT);
    this.#rate = (this.#rate ?? 0) * (1 - weight) + speed * weight;
    this.#bytes = bytes;
    this.#last = now;
  }

  /** rate is in bytes per second, or null until it is known. */
  get rate(): number | null {
    return this.#rate;
  }

  /** timeLeft returns the seconds for the rest of `total`, or null if they are not known. */
  timeLeft(total: number): number | null {
    if (this.#rate === null || this.#rate <= 0 || !Number.isFinite(total)) {
      return null;
    }
    return Math.max(0, total - this.#bytes) / this.#rate;
  }
}
