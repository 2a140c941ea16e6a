import { IpcError } from './error.js';
import type { Ipc } from './runtime/index.js';

/** Returns the page runtime, which Go puts into each document. Throws outside a Casement window. */
export function runtime(): Ipc {
  const { __ipc: ipc } = globalThis as { __ipc?: Ipc };
  if (ipc) return ipc;
  throw new IpcError({
    code: 'disconnected',
    message: 'this page does not run in a Casement window',
  });
}
