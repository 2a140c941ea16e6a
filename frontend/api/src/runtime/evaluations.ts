import { json, toText } from './intrinsics.js';
import type { Port } from './port.js';
import { messageOf } from './stack.js';

/**
 * Returns what answers Go's `EvalResult`.
 *
 * Go sends a script in two forms, one behind the other: as an expression and as a function's body. One
 * of them may be a syntax error and then does nothing; the first that runs counts. Behind both comes a
 * call without a script: if neither ran, the script is no JavaScript.
 */
export function createEvaluator({ send }: Port): (id: number, script?: () => unknown) => void {
  let last = 0;
  const noScript = (): never => {
    throw new SyntaxError('neither an expression nor a function body');
  };
  const fail = (id: number, name: string, message: string): void => {
    const failure = { code: 'failed', message, details: { name } };
    send({ kind: 'evaluated', id, failed: true }, json(failure));
  };
  const answer = async (id: number, script: () => unknown): Promise<void> => {
    try {
      send({ kind: 'evaluated', id }, json(await script()) ?? 'null');
    } catch (thrown) {
      try {
        fail(id, toText(thrown instanceof Error ? thrown.name : 'Error'), messageOf(thrown));
      } catch {
        fail(id, 'Error', '?');
      }
    }
  };
  return (id, script = noScript) => {
    if (id === last) return;
    last = id;
    void answer(id, script);
  };
}
