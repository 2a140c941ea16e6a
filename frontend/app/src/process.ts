import { Channel } from '@casement/api/core';
import { commands, type Gauge, type ProcessEvent } from './bindings.gen.js';
import { Flow, NOTHING } from './flow.js';
import type { Gate } from './gate.js';
import { Lines } from './lines.js';

/** Run is the state of a process that the window shows. */
export type Run =
  | { readonly phase: 'ready' }
  | {
      readonly phase: 'running';
      readonly command: string;
      /** pid is null until the process has started. */
      readonly pid: number | null;
      readonly stopping: boolean;
    }
  | {
      readonly phase: 'ended';
      readonly command: string;
      readonly code: number | null;
      readonly signal: string | null;
      readonly seconds: number;
      /** stopped is whether the user stopped it. */
      readonly stopped: boolean;
    }
  | { readonly phase: 'failed'; readonly command: string; readonly message: string };

/** Process runs one command at a time and calls `onchange` after each change of its state. */
export class Process {
  #run: Run = { phase: 'ready' };
  #lines = new Lines();
  #flow = new Flow(performance.now());
  #gauge = NOTHING;
  #abort = new AbortController();
  readonly #gate: Gate;
  readonly #onchange: () => void;

  constructor(gate: Gate, onchange: () => void) {
    this.#gate = gate;
    this.#onchange = onchange;
  }

  get run(): Run {
    return this.#run;
  }

  get running(): boolean {
    return this.#run.phase === 'running';
  }

  /** lines hold the output of the latest process. */
  get lines(): Lines {
    return this.#lines;
  }

  /** flow measures what the page has consumed of it. */
  get flow(): Flow {
    return this.#flow;
  }

  /** gauge measures what Go has read of it. */
  get gauge(): Gauge {
    return this.#gauge;
  }

  /** start runs a command. It does nothing while one runs. */
  async start(command: string): Promise<void> {
    if (this.running) {
      return;
    }
    if (command.trim() === '') {
      this.#become({ phase: 'failed', command, message: 'Type a command first.' });
      return;
    }
    this.#lines = new Lines();
    this.#flow = new Flow(performance.now());
    this.#gauge = NOTHING;
    this.#abort = new AbortController();
    this.#gate.shut = false;
    this.#become({ phase: 'running', command, pid: null, stopping: false });

    const onEvent = new Channel<ProcessEvent>((event) => this.#gate.pass(() => this.#heard(event)));
    const onGauge = new Channel<Gauge>((gauge) => {
      this.#gauge = gauge;
      this.#onchange();
    });
    try {
      await commands.runProcess({ command, onEvent, onGauge }, { signal: this.#abort.signal });
    } catch (reason) {
      if (!this.#abort.signal.aborted) {
        onEvent.close();
        const message = reason instanceof Error ? reason.message : String(reason);
        this.#become({ phase: 'failed', command, message });
        return;
      }
      // A cancelled call rejects at once. The process still runs, and its channel reports the end.
    }
    // It rejects when the page ends, which then shows nothing.
    await onEvent.closed.catch(() => undefined);
  }

  /** stop ends the process and all that it has started. The page still shows its last output. */
  stop(): void {
    if (this.#run.phase !== 'running' || this.#run.stopping) {
      return;
    }
    this.#become({ ...this.#run, stopping: true });
    this.#gate.shut = false;
    if (this.#run.pid !== null) {
      this.#abort.abort();
    }
  }

  #heard(event: ProcessEvent): void {
    if (this.#run.phase !== 'running') {
      return;
    }
    const { command, stopping } = this.#run;
    switch (event.event) {
      case 'started':
        this.#flow.add(0);
        this.#become({ ...this.#run, pid: event.data.pid });
        if (stopping) {
          this.#abort.abort();
        }
        break;
      case 'output':
        this.#flow.add(event.data.bytes);
        this.#lines.add(event.data.stream, event.data.text);
        this.#onchange();
        break;
      case 'exited':
        this.#flow.add(0);
        this.#become({ phase: 'ended', command, stopped: stopping, ...event.data });
        break;
    }
  }

  #become(run: Run): void {
    this.#run = run;
    this.#onchange();
  }
}
