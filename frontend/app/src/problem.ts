import { IpcError } from '@casement/api/core';

/** Problem is a failure as the window shows it: the message, and advice on what to do. */
export interface Problem {
  readonly message: string;
  readonly advice: string;
  /** about is `path` if the path in the field is the cause. */
  readonly about: 'path' | 'program';
}

/** MISSING_PATH is shown when there is nothing to hash. */
export const MISSING_PATH: Problem = {
  message: 'No file is given.',
  advice: 'Type the path of a file, choose one, or drop one on this window.',
  about: 'path',
};

/** isCancellation reports whether a call was cancelled, rather than failed. */
export function isCancellation(reason: unknown): boolean {
  return reason instanceof IpcError && reason.code === 'cancelled';
}

/** explain describes the error of a rejected call for the user. */
export function explain(reason: unknown, path: string): Problem {
  if (!(reason instanceof IpcError)) {
    const message = reason instanceof Error ? reason.message : String(reason);
    return program(`Something went wrong: ${message}`, 'Try again.');
  }
  switch (reason.code) {
    case 'failed':
      return explainFile(reason, path);
    case 'timed_out':
      return program(
        'Reading the file took too long.',
        'Check that its disk responds, then retry.',
      );
    case 'disconnected':
      return program(
        'The connection to the application was lost.',
        'Close the window and reopen it.',
      );
    case 'busy':
      return program('The application is busy.', 'Try again in a moment.');
    default:
      return program(`The application could not hash this file: ${reason.message}`, 'Try again.');
  }
}

function explainFile(reason: IpcError, asked: string): Problem {
  const { kind, path } = fileDetails(reason.details);
  const name = path ?? asked;
  switch (kind) {
    case 'not_found':
      return {
        message: `There is no file at ${name}`,
        advice: 'Check the spelling, or choose the file instead.',
        about: 'path',
      };
    case 'permission':
      return {
        message: `You don’t have permission to read ${name}`,
        advice: 'Ask its owner for read access, or choose another file.',
        about: 'path',
      };
    case 'directory':
      return {
        message: `${name} is a folder, not a file`,
        advice: 'Choose a file inside it.',
        about: 'path',
      };
    case 'not_regular':
      return {
        message: `${name} is not a regular file`,
        advice: 'Devices, pipes and sockets have no end, so they have no digest.',
        about: 'path',
      };
    case 'io':
      return {
        message: `Reading ${name} failed: ${reason.message}`,
        advice: 'Check that its disk is still connected, then try again.',
        about: 'path',
      };
    default:
      return program(reason.message, 'Try again.');
  }
}

function fileDetails(details: unknown): { kind: string | null; path: string | null } {
  if (typeof details !== 'object' || details === null) {
    return { kind: null, path: null };
  }
  return {
    kind: 'kind' in details && typeof details.kind === 'string' ? details.kind : null,
    path: 'path' in details && typeof details.path === 'string' ? details.path : null,
  };
}

function program(message: string, advice: string): Problem {
  return { message, advice, about: 'program' };
}
