/**
 * Events: fire and forget, to every listener that they are for, in Go and in all windows.
 *
 * @module
 */

import type { EventHandler } from './runtime/events.js';
import { runtime } from './runtime.js';

/** A name: letters, digits and any of `- / : _`. */
export type EventName = string;

/**
 * Who hears an event, or whose events a listener hears. The kinds that carry a label all mean the
 * window with that label.
 */
export type EventTarget =
  | { kind: 'Any' | 'App' }
  | { kind: 'AnyLabel' | 'Window' | 'Webview' | 'WebviewWindow'; label: string };

/** What a listener gets. The object is frozen, and each listener has its own; they share the payload. */
export interface Event<T = unknown> {
  readonly event: string;
  /** The listener's own id. */
  readonly id: number;
  readonly payload: T;
  /** The label of the window whose page emitted it, null for Go. */
  readonly source: string | null;
}

/** Handles an event. What it throws is reported to the console. */
export type EventCallback<T> = (event: Event<T>) => unknown;

/** Ends a listener: at once, and as often as one likes. */
export type UnlistenFn = () => void;

/** Options of {@link listen} and {@link once}. */
export interface Options {
  /**
   * Whose events to hear: those of another window, given its label or a target, those of the app, or
   * anybody's. Without it, those of the page's own window.
   */
  target?: string | EventTarget;
}

/** Spells out a target that is given as a label. */
export function asTarget(target: string | EventTarget | undefined): EventTarget | undefined {
  return typeof target === 'string' ? { kind: 'AnyLabel', label: target } : target;
}

/**
 * Calls `handler` with each event of this name, in the order in which they were emitted, until the
 * function it resolves to is called or the page goes. When it resolves, Go knows: nothing emitted
 * after that is missed.
 *
 * @example
 * ```ts
 * const unlisten = await listen<string>('download-started', (event) => {
 *   console.log(`downloading ${event.payload}`);
 * });
 * // When the component goes:
 * unlisten();
 * ```
 */
export async function listen<T>(
  event: EventName,
  handler: EventCallback<T>,
  options?: Options,
): Promise<UnlistenFn> {
  return await runtime().listen(event, handler as EventHandler, asTarget(options?.target));
}

/**
 * Calls `handler` with the next event of this name, once.
 *
 * @example
 * ```ts
 * await once<{ version: string }>('ready', ({ payload }) => console.log(payload.version));
 * ```
 */
export async function once<T>(
  event: EventName,
  handler: EventCallback<T>,
  options?: Options,
): Promise<UnlistenFn> {
  return await runtime().listen(event, handler as EventHandler, asTarget(options?.target), true);
}

/**
 * Emits an event for everybody, in Go and in all windows. Resolves when Go has passed it on.
 *
 * @example
 * ```ts
 * await emit('theme-changed', { dark: true });
 * ```
 */
export async function emit<T>(event: EventName, payload?: T): Promise<void> {
  await runtime().emit(event, payload);
}

/**
 * Emits an event for one window, given its label or a target.
 *
 * @example
 * ```ts
 * await emitTo('settings', 'settings-update', { key: 'notification', value: 'all' });
 * ```
 */
export async function emitTo<T>(
  target: string | EventTarget,
  event: EventName,
  payload?: T,
): Promise<void> {
  await runtime().emit(event, payload, asTarget(target));
}

/**
 * An event with a payload of a known type: `Out` is what arrives, `In` what may be emitted. Where those
 * are the same, one is enough; an event without a payload has `null` and `void`.
 */
export interface TypedEvent<Out, In = Out> {
  /** What the event is called. */
  readonly event: EventName;
  /** Listens for the event, as {@link listen} does. */
  listen(handler: EventCallback<Out>, options?: Options): Promise<UnlistenFn>;
  /** Listens for the next such event, as {@link once} does. */
  once(handler: EventCallback<Out>, options?: Options): Promise<UnlistenFn>;
  /** Emits the event for everybody, as {@link emit} does. */
  emit(payload: In): Promise<void>;
  /** Emits the event for one window, as {@link emitTo} does. */
  emitTo(target: string | EventTarget, payload: In): Promise<void>;
}

/**
 * Gives an event's name the type of its payload. Generated bindings call it; it tells Go nothing.
 *
 * @example
 * ```ts
 * const downloadStarted = defineEvent<{ url: string }>('download-started');
 * await downloadStarted.listen(({ payload }) => console.log(payload.url));
 * ```
 */
export function defineEvent<Out, In = Out>(event: EventName): TypedEvent<Out, In> {
  return {
    event,
    listen: (handler, options) => listen(event, handler, options),
    once: (handler, options) => once(event, handler, options),
    emit: (payload) => emit(event, payload),
    emitTo: (target, payload) => emitTo(target, event, payload),
  };
}
