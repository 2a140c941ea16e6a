/**
 * Gate pauses a channel: the handler passes each message through it. While the gate is shut, the
 * handler's promise is pending, the page consumes no messages, and Go's Send blocks when the stream
 * is full.
 */
export class Gate {
  #opened: Promise<void> | null = null;
  #open: () => void = () => undefined;

  get shut(): boolean {
    return this.#opened !== null;
  }

  set shut(shut: boolean) {
    if (shut === this.shut) {
      return;
    }
    if (shut) {
      this.#opened = new Promise((resolve) => {
        this.#open = resolve;
      });
    } else {
      this.#opened = null;
      this.#open();
    }
  }

  /** pass calls `take` when the gate is open, and returns its result or the promise of it. */
  pass(take: () => unknown): unknown {
    return this.#opened === null ? take() : this.#wait(take);
  }

  async #wait(take: () => unknown): Promise<unknown> {
    while (this.#opened !== null) {
      await this.#opened;
    }
    return take();
  }
}
