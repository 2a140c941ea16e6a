/** TIME_CONSTANT is how many milliseconds a change of speed takes to show by two thirds. */
const TIME_CONSTANT = 1200;

/** WARM_UP is how long to measure before a rate is worth showing. */
const WARM_UP = 120;

/**
 * Meter turns "so many bytes by now" into a rate that does not flicker and a time left that
 * follows from it. Time is handed in, in milliseconds, so that it needs no clock.
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

  /** add records that `bytes` in all have been read by `now`; a step back is ignored. */
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

  /** timeLeft is in seconds for what remains of `total`, or null when it can't be known. */
  timeLeft(total: number): number | null {
    if (this.#rate === null || this.#rate <= 0 || !Number.isFinite(total)) {
      return null;
    }
    return Math.max(0, total - this.#bytes) / this.#rate;
  }
}
