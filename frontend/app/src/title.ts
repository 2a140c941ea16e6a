import { baseName, percent } from './format.js';
import type { State } from './state.js';

const NAME = 'Hasher';

/** titleOf puts a state into a window's title, which shows where the window itself does not. */
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
 * Title keeps a window's title up to date. Commands run side by side, so the next text waits until
 * the one before it is set; of those that come meanwhile, the last is set.
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
        // A title that can't be set is missed by nobody who looks at the window.
        break;
      }
    }
    this.#busy = false;
  }
}
