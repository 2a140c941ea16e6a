import type { Code, Failure } from './wire.js';

const brand = Symbol.for('casement.IpcError');

/**
 * What a rejected call, and a channel that did not end well, rejects with.
 *
 * `instanceof` also recognises errors made by another copy of this class, such as the one inside the
 * page runtime.
 *
 * @example
 * ```ts
 * try {
 *   await invoke('hash_file', { path });
 * } catch (error) {
 *   if (error instanceof IpcError && error.code === 'cancelled') return;
 *   throw error;
 * }
 * ```
 */
export class IpcError extends Error {
  /** Why, out of a closed set. */
  declare readonly code: Code;
  /** What the Go error has to say beyond its message, if anything. */
  declare readonly details?: unknown;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'IpcError';
    this.code = failure.code;
    if (failure.details !== undefined) this.details = failure.details;
  }

  get [brand](): boolean {
    return true;
  }

  static override [Symbol.hasInstance](candidate: unknown): boolean {
    return (candidate as IpcError | null | undefined)?.[brand] === true;
  }
}
