import { type Failure, IpcError } from '../error.js';
import { create, defineProperty, indexOf, match, slice, toText } from './intrinsics.js';

/** What the runtime's own frames have in them: Go gives its script this name, for which WebKit has one of its own. */
const own = /casement-runtime|user-script:/;

/** How many frames of a caller are kept. The runtime's own, the package's and a generated binding's are the first. */
const depth = 10;

const OwnError = Error as ErrorConstructor & { stackTraceLimit: number };

/** A place in a script. */
export interface Place {
  url?: string;
  line?: number;
  column?: number;
}

/** Notes where it is called. The stack becomes text when somebody reads it. */
export function callSite(): Error | undefined {
  try {
    const limit = OwnError.stackTraceLimit;
    OwnError.stackTraceLimit = depth;
    const site = new OwnError();
    OwnError.stackTraceLimit = limit;
    return site;
  } catch {
    return undefined; // The page has made Error read-only, or worse.
  }
}

/** Calls `take` with each line of a stack that is not the runtime's own, until that returns true. */
function walk(stack: unknown, take: (line: string) => boolean): void {
  if (typeof stack !== 'string') return;
  for (let at = 0, end = 0; end >= 0; at = end + 1) {
    end = indexOf(stack, '\n', at);
    const line = slice(stack, at, end < 0 ? stack.length : end);
    if (!match(own, line) && take(line)) return;
  }
}

const { prototype } = IpcError;

/** Makes the error of a failure, even if the page has engines call something as an error is made, and that throws. */
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

/** Says what was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return toText(thrown instanceof OwnError ? thrown.message : thrown);
  } catch {
    return '?'; // It does not even have a text.
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
    // It keeps the stack that it has.
  }
  return error;
}

/** Returns the first place of a stack that is not the runtime's own. */
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
