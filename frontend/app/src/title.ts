import { baseName, percent } from './format.js';
import type { State } from './state.js';

const NAME = 'Hasher';

/** titleOf returns the window's title for a state. */
export function titleOf(state: State): string {
  switch (state.phase) {
    case 'idle':
      return `${NAME}: SHA-256`;
    case 'running':
      return `${progress(state)}${baseName(state.path)} – ${NAME}`;
    case 'done':
      return `${baseName(state.digest.path)}, hashed – ${NAME}`;
    case 'error':
      return `Not hashed – ${NAME}`;
    case 'cancelled':
      return `${baseName(state.path)}, cancelled – ${NAME}`;
  }
}

function progress({ done, total }: State & { phase: 'running' }): string {
  return total === null ? '' : `${percent(done, total)} % of `;
}

/**
 * Title sets a window's title. Commands run concurrently, so each title waits until the one before
 * it is set. Of the titles that come in between, only the last is set.
 */
export class Title {
  readonly #set: (title: string) => Promise<void>;
  #wanted: string | null = null;
  #shown: string | null = null;
  #busy = false;

  constructor(set: (title: string) => Promise<void>) {
    this.#set = set;
  }

  show(title: string): void {
    this.#wanted = title;
    if (!this.#busy) {
      void this.#work();
    }
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#wanted !== null && this.#wanted !== this.#shown) {
      this.#shown = this.#wanted;
      try {
        await this.#set(this.#shown);
      } catch {
        // The window itself shows the same, so the error is ignored.
        break;
      }
    }
    this.#busy = false;
  }
}
