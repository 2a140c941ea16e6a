import { apply } from './intrinsics.js';
import type { Port } from './port.js';

/** The functions that block the page until the user has answered. */
const dialogs = ['alert', 'confirm', 'prompt', 'print'] as const;

/**
 * Flushes the port before a dialog opens. Otherwise its messages wait until the user has answered.
 */
export function flushBeforeDialogs({ flush }: Port): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  for (const name of dialogs) {
    const open = scope[name];
    if (typeof open !== 'function') continue;
    // A proxy keeps the name, the length and the text of the function.
    scope[name] = new Proxy(open, {
      apply(target, self, args) {
        flush();
        return apply(target, self, args);
      },
    });
  }
}
