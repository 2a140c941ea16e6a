import type { Digest } from './bindings.gen.js';
import type { Problem } from './problem.js';

/**
 * State is what the window shows. Each job has a number, so that late actions of earlier jobs are
 * ignored.
 */
export type State =
  | { readonly phase: 'idle' }
  | {
      readonly phase: 'running';
      readonly job: number;
      readonly path: string;
      readonly done: number;
      /** total is null until Go has opened the file. */
      readonly total: number | null;
      readonly cancelling: boolean;
    }
  | { readonly phase: 'done'; readonly digest: Digest; readonly resized: boolean }
  | { readonly phase: 'error'; readonly problem: Problem }
  | {
      readonly phase: 'cancelled';
      readonly path: string;
      readonly done: number;
      readonly total: number | null;
    };

/** Action changes a State. */
export type Action =
  | { readonly type: 'start'; readonly job: number; readonly path: string }
  | { readonly type: 'opened'; readonly job: number; readonly total: number }
  | { readonly type: 'read'; readonly job: number; readonly done: number }
  | { readonly type: 'cancel' }
  | { readonly type: 'finished'; readonly job: number; readonly digest: Digest }
  | { readonly type: 'failed'; readonly job: number; readonly problem: Problem }
  | { readonly type: 'stopped'; readonly job: number }
  | { readonly type: 'refuse'; readonly problem: Problem }
  | { readonly type: 'edit' };

export const IDLE: State = { phase: 'idle' };

/** next returns the state after an action. An action that does not fit changes nothing. */
export function next(state: State, action: Action): State {
  if (state.phase === 'running') {
    return whileRunning(state, action);
  }
  switch (action.type) {
    case 'start':
      return {
        phase: 'running',
        job: action.job,
        path: action.path,
        done: 0,
        total: null,
        cancelling: false,
      };
    case 'refuse':
      return { phase: 'error', problem: action.problem };
    case 'edit':
      return state.phase === 'error' || state.phase === 'cancelled' ? IDLE : state;
    default:
      return state;
  }
}

function whileRunning(state: State & { phase: 'running' }, action: Action): State {
  if ('job' in action && action.job !== state.job) {
    return state;
  }
  switch (action.type) {
    case 'opened':
      return { ...state, total: Math.max(0, action.total) };
    case 'read':
      return action.done > state.done ? { ...state, done: action.done } : state;
    case 'cancel':
      return { ...state, cancelling: true };
    case 'finished':
      return {
        phase: 'done',
        digest: action.digest,
        resized: state.total !== null && state.total !== action.digest.bytes,
      };
    case 'failed':
      return { phase: 'error', problem: action.problem };
    case 'stopped':
      return { phase: 'cancelled', path: state.path, done: state.done, total: state.total };
    default:
      return state;
  }
}
