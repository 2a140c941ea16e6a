/**
 * Events: fire and forget, from Go or a page to listeners in Go and in all windows.
 *
 * @module
 */

import type { EventHandler } from './runtime/events.js';
import { runtime } from './runtime.js';
import type { ShellEvents } from './shellevents.gen.js';

export type { ShellEvents };

/**
 * A name: 1 to 256 letters, digits and any of `- / : _`. An editor completes the names of the
 * shell's own events, see {@link ShellEvents}.
 */
export type EventName = keyof ShellEvents | (string & {});

/**
 * Who hears an event, or whose events a listener hears. The kinds that carry a label all mean the
 * window with that label.
 */
export type EventTarget =
  | { kind: 'Any' | 'App' }
  | { kind: 'AnyLabel' | 'Window' | 'Webview' | 'WebviewWindow'; label: string };

/**
 * An event as a listener gets it. Each listener gets a frozen object of its own; they share the
 * payload.
 */
export interface Event<T = unknown> {
  readonly event: string;
  /** The listener's id. */
  readonly id: number;
  readonly payload: T;
  /** The label of the window whose page emitted it, or null for Go. */
  readonly source: string | null;
}

/** Handles an event. If it throws, the console shows the error. */
export type EventCallback<T> = (event: Event<T>) => unknown;

/** Ends a listener, at once. Calling it again does nothing. */
export type UnlistenFn = () => void;

/** Options of {@link listen} and {@link once}. */
export interface Options {
  /**
   * Whose events to hear: those of a window, by its label or a target, those of the app, or all. By
   * default those of the page's own window.
   */
  target?: string | EventTarget;
}

/** Returns the target that a label stands for, and any other target as it is. */
export function asTarget(target: string | EventTarget | undefined): EventTarget | undefined {
  return typeof target === 'string' ? { kind: 'AnyLabel', label: target } : target;
}

/**
 * Calls `handler` with each event of this name, in the order of their emission, until you call the
 * function that `listen` resolves to, or the page ends. The listener misses nothing that is emitted
 * after `listen` has resolved.
 *
 * @example
 * ```ts
 * const unlisten = await listen<string>('download-started', (event) => {
 *   console.log(`downloading ${event.payload}`);
 * });
 * // When the component is removed:
 * unlisten();
 * ```
 */
export function listen<Name extends keyof ShellEvents>(
  event: Name,
  handler: EventCallback<ShellEvents[Name]>,
  options?: Options,
): Promise<UnlistenFn>;
export function listen<T>(
  event: EventName,
  handler: EventCallback<T>,
  options?: Options,
): Promise<UnlistenFn>;
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
export function once<Name extends keyof ShellEvents>(
  event: Name,
  handler: EventCallback<ShellEvents[Name]>,
  options?: Options,
): Promise<UnlistenFn>;
export function once<T>(
  event: EventName,
  handler: EventCallback<T>,
  options?: Options,
): Promise<UnlistenFn>;
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
 * Emits an event for one window, by its label, or for a target.
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
 * An event with a typed payload: listeners get an `Out`, and `emit` accepts an `In`. An event
 * without a payload has `null` and `void`.
 */
export interface TypedEvent<Out, In = Out> {
  /** The name of the event. */
  readonly event: EventName;
  /** Listens for the event. See {@link listen}. */
  listen(handler: EventCallback<Out>, options?: Options): Promise<UnlistenFn>;
  /** Listens for the next such event. See {@link once}. */
  once(handler: EventCallback<Out>, options?: Options): Promise<UnlistenFn>;
  /** Emits the event for everybody. See {@link emit}. */
  emit(payload: In): Promise<void>;
  /** Emits the event for one window. See {@link emitTo}. */
  emitTo(target: string | EventTarget, payload: In): Promise<void>;
}

/**
 * Gives an event's name the type of its payload. Generated bindings call it. It sends nothing to
 * Go.
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
