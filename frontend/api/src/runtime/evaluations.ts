import { json, toText } from './intrinsics.js';
import type { Port } from './port.js';
import { messageOf } from './stack.js';

/** Evaluator answers Go's `EvalResult`. */
export interface Evaluator {
  /**
   * Takes what Go sends.
   *
   * Go sends a script in two forms, one behind the other: as an expression and as a function's body. One
   * of them may be a syntax error and then does nothing; the first that runs counts. Before both comes a call with a 0,
   * and behind both one without a script: if neither ran, the script is no JavaScript.
   */
  evaluate(id: number, script?: (() => unknown) | 0): void;
  /** Says whether a syntax error may be that of a form which does not fit. */
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
