import { Channel } from '@casement/api/core';
import { commands, type Digest, type Progress } from './bindings.gen.js';
import { remember } from './history.js';
import { Meter } from './meter.js';
import { explain, isCancellation, MISSING_PATH } from './problem.js';
import { type Action, IDLE, next, type State } from './state.js';

/** Hasher runs one job at a time and calls `onchange` after each change of its state. */
export class Hasher {
  #state: State = IDLE;
  #meter = new Meter(performance.now());
  #abort: AbortController | null = null;
  #jobs = 0;
  #history: readonly Digest[] = [];
  #keepsHistory = true;
  readonly #onchange: () => void;

  constructor(onchange: () => void) {
    this.#onchange = onchange;
  }

  get state(): State {
    return this.#state;
  }

  /** meter measures the latest job. */
  get meter(): Meter {
    return this.#meter;
  }

  /** earlier holds the digests of this session, the newest first, without the one on show. */
  get earlier(): readonly Digest[] {
    const state = this.#state;
    return this.#history.filter((digest) => state.phase !== 'done' || digest !== state.digest);
  }

  get running(): boolean {
    return this.#state.phase === 'running';
  }

  /** keepsHistory is whether digests are remembered. Setting it to false forgets all. */
  set keepsHistory(keeps: boolean) {
    this.#keepsHistory = keeps;
    if (!keeps && this.#history.length > 0) {
      this.#history = [];
      this.#onchange();
    }
  }

  /** start hashes the file at `path`. It does nothing while a job runs. */
  async start(path: string): Promise<void> {
    if (this.running) {
      return;
    }
    if (path === '') {
      this.#apply({ type: 'refuse', problem: MISSING_PATH });
      return;
    }
    const job = ++this.#jobs;
    const abort = new AbortController();
    this.#abort = abort;
    this.#meter = new Meter(performance.now());
    this.#apply({ type: 'start', job, path });

    const channel = new Channel<Progress>((message) => this.#heard(job, message));
    try {
      const digest = await commands.hashFile({ path, onEvent: channel }, { signal: abort.signal });
      if (this.#keepsHistory) {
        this.#history = remember(this.#history, digest);
      }
      this.#apply({ type: 'finished', job, digest });
    } catch (reason) {
      this.#apply(
        isCancellation(reason) || abort.signal.aborted
          ? { type: 'stopped', job }
          : { type: 'failed', job, problem: explain(reason, path) },
      );
    } finally {
      channel.close();
    }
  }

  /** cancel cancels the job that runs, if there is one. */
  cancel(): void {
    if (this.running) {
      this.#apply({ type: 'cancel' });
      this.#abort?.abort();
    }
  }

  /** edited is called when the path in the field has changed. */
  edited(): void {
    this.#apply({ type: 'edit' });
  }

  /** refuse shows why a job can't start. It does nothing while a job runs. */
  refuse(reason: unknown): void {
    this.#apply({ type: 'refuse', problem: explain(reason, '') });
  }

  #heard(job: number, message: Progress): void {
    switch (message.event) {
      case 'started':
        this.#apply({ type: 'opened', job, total: message.data.totalBytes });
        break;
      case 'chunk':
        if (job === this.#jobs) {
          this.#meter.add(message.data.bytesRead, performance.now());
        }
        this.#apply({ type: 'read', job, done: message.data.bytesRead });
        break;
      case 'done':
        // The command's result holds the same and ends the job.
        this.#apply({ type: 'read', job, done: message.data.bytes });
        break;
    }
  }

  #apply(action: Action): void {
    const state = next(this.#state, action);
    if (state !== this.#state) {
      this.#state = state;
      this.#onchange();
    }
  }
}
