import { apply } from './intrinsics.js';
import type { Port } from './port.js';

/** What keeps a page from going on until the user has answered. */
const dialogs = ['alert', 'confirm', 'prompt', 'print'] as const;

/** Has everything that waits for the end of the microtask go to Go before a dialog of the page's opens. */
export function flushBeforeDialogs({ flush }: Port): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const name of dialogs) {
    const open = scope[name];
    if (typeof open !== 'function') continue;
    // A proxy keeps the function's name, its length and what it says of itself.
    scope[name] = new Proxy(open, {
      apply(target, self, args) {
        flush();
        return apply(target, self, args);
      },
    });
  }
}
