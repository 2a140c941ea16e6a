import { type Failure, IpcError } from '../error.js';
import { create, defineProperty, indexOf, match, slice, toText } from './intrinsics.js';

/**
 * Matches the runtime's own frames: Go names its script `casement-runtime`, and WebKit names it
 * `user-script:`.
 */
const own = /casement-runtime|user-script:/;

/**
 * How many frames of a stack are kept. The first are the runtime's, the package's and a generated
 * binding's.
 */
const depth = 10;

const OwnError = Error as ErrorConstructor & { stackTraceLimit: number };

/** A place in a script. */
export interface Place {
  url?: string;
  line?: number;
  column?: number;
}

/**
 * Returns an error whose stack is that of the caller. The engine formats the stack when it is read.
 */
export function callSite(): Error | undefined {
  try {
    const limit = OwnError.stackTraceLimit;
    OwnError.stackTraceLimit = depth;
    const site = new OwnError();
    OwnError.stackTraceLimit = limit;
    return site;
  } catch {
    return undefined; // The page may have frozen Error.
  }
}

/** Calls `take` with each line of a stack that is not the runtime's, until it returns true. */
function walk(stack: unknown, take: (line: string) => boolean): void {
  if (typeof stack !== 'string') return;
  for (let at = 0, end = 0; end >= 0; at = end + 1) {
    end = indexOf(stack, '\n', at);
    const line = slice(stack, at, end < 0 ? stack.length : end);
    if (!match(own, line) && take(line)) return;
  }
}

const { prototype } = IpcError;

/**
 * Returns the error of a failure, even if the page has hooked the creation of errors and the hook
 * throws.
 */
export function errorOf(failure: Failure, options?: ErrorOptions): IpcError {
  try {
    return new IpcError(failure, options);
  } catch {
    const error = create(prototype) as Record<string, unknown>;
    for (const name in failure) {
      const value = failure[name as keyof Failure];
      if (value) defineProperty(error, name, { value, writable: true, configurable: true });
    }
    return error as unknown as IpcError;
  }
}

/** Returns the message of a thrown value. */
export function messageOf(thrown: unknown): string {
  try {
    return toText(thrown instanceof OwnError ? thrown.message : thrown);
  } catch {
    return '?'; // The value can't be converted to a text.
  }
}

/** Gives an error the stack of a call site, and returns it. */
export function pointTo<T extends Error>(site: Error | undefined, error: T): T {
  try {
    let stack = '';
    walk(site?.stack, (line) => {
      // V8 begins a stack with the error itself.
      const text = line === 'Error' && !stack ? `${error.name}: ${error.message}` : line;
      stack += stack ? `\n${text}` : text;
      return false;
    });
    if (stack) {
      defineProperty(error, 'stack', { value: stack, writable: true, configurable: true });
    }
  } catch {
    // The error keeps its own stack.
  }
  return error;
}

/** Returns the first place of a stack that is not the runtime's. */
export function placeOf(stack: unknown): Place {
  let place: Place = {};
  walk(stack, (line) => {
    const found = match(/([^\s@(]+):(\d+):(\d+)\)?$/, line);
    if (!found) return false;
    place = { url: found[1] as string, line: Number(found[2]), column: Number(found[3]) };
    return true;
  });
  return place;
}
