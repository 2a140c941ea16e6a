/** Why a call was rejected or a stream ended. The set is closed. */
export type Code =
  /** No command has this name. */
  | 'unknown_command'
  /** The arguments do not match the command's type. `details.path` names the field. */
  | 'bad_arguments'
  /** This window may not call this command. */
  | 'denied'
  /** The caller's signal, or shutdown, cancelled it. */
  | 'cancelled'
  /** The command's own deadline passed. */
  | 'timed_out'
  /** The command panicked. The app lives on. */
  | 'panicked'
  /** The command returned an error. */
  | 'failed'
  /** The message is larger than the app accepts. */
  | 'too_large'
  /** The page has too many calls in flight. */
  | 'busy'
  /** The command's result can't be represented in JavaScript. */
  | 'bad_result'
  /** The page is going away, or is not connected to Go. */
  | 'disconnected';

/** An error as plain data: what {@link IpcError} is made from. */
export interface Failure {
  code: Code;
  message: string;
  details?: unknown;
}

const brand = Symbol.for('casement.IpcError');

/**
 * The error of a rejected call, and of a stream that ended with an error.
 *
 * `instanceof` also recognises errors of another copy of this class, such as the one inside the
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
  declare readonly code: Code;
  /** What the Go error carries beside its message, if anything. */
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
