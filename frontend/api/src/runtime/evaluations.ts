import { json, toText } from './intrinsics.js';
import type { Port } from './port.js';
import { messageOf } from './stack.js';

/** Evaluator answers Go's `EvalResult`. */
export interface Evaluator {
  /**
   * Runs a script from Go, unless the evaluation `id` has run already.
   *
   * Go sends each script in two forms: as an expression, and as the body of a function. A form that
   * is a syntax error does nothing, and the first form that runs counts. A call with 0 precedes the
   * forms, and a call without a script follows them. If neither form has run by then, the script is
   * no JavaScript.
   */
  evaluate(id: number, script?: (() => unknown) | 0): void;
  /** Reports whether a syntax error may come from one of the two forms. */
  trying(): boolean;
}

export function createEvaluator({ send }: Port): Evaluator {
  let last = 0;
  let tries = false;
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
  return {
    evaluate(id, script) {
      if (!script) tries = script === 0;
      if (script === 0 || id === last) return;
      last = id;
      void answer(id, script || noScript);
    },
    trying: () => tries,
  };
}
