import type { EventTarget } from '@casement/api/event';

interface Listener {
  id: number;
  event: string;
  handler: (event: object) => void;
  target: EventTarget | undefined;
}

/** FakeRuntime replaces the page runtime of a Casement window. */
export class FakeRuntime {
  readonly label: string;
  /** commands are the functions that `invoke` calls. A missing one rejects. */
  readonly commands: Record<string, (args: Record<string, unknown>) => unknown> = {};
  /** calls are the commands that were called, with their arguments. */
  readonly calls: [command: string, args: unknown][] = [];
  readonly emitted: [event: string, payload: unknown][] = [];
  #listeners: Listener[] = [];
  #last = 0;

  constructor(label: string) {
    this.label = label;
  }

  readonly invoke = async (command: string, args: Record<string, unknown>): Promise<unknown> => {
    this.calls.push([command, args]);
    const run = this.commands[command];
    if (run === undefined) {
      throw new Error(`there is no command ${command}`);
    }
    return await run(args);
  };

  readonly listen = (
    event: string,
    handler: Listener['handler'],
    target?: EventTarget,
  ): Promise<() => void> => {
    const id = ++this.#last;
    this.#listeners.push({ id, event, handler, target });
    return Promise.resolve(() => {
      this.#listeners = this.#listeners.filter((listener) => listener.id !== id);
    });
  };

  readonly emit = (event: string, payload: unknown): Promise<void> => {
    this.emitted.push([event, payload]);
    return Promise.resolve();
  };

  /** deliver delivers an event as Go would: for everybody, or for the mailbox `to`. */
  deliver(
    event: string,
    payload: unknown,
    to: string | null = null,
    source: string | null = null,
  ): void {
    for (const listener of [...this.#listeners]) {
      if (listener.event === event && this.#hears(listener, to)) {
        listener.handler(Object.freeze({ event, id: listener.id, payload, source }));
      }
    }
  }

  #hears({ target }: Listener, to: string | null): boolean {
    const kind = target?.kind;
    if (to === null || kind === 'Any') {
      return true;
    }
    if (kind === 'App') {
      return to === 'app';
    }
    return to === (target !== undefined && 'label' in target ? target.label : this.label);
  }
}
