/**
 * Every module of the package, as a namespace. Bundlers omit what a page does not use.
 *
 * @example
 * ```ts
 * import { core, event } from '@casement/api';
 *
 * await event.listen('ready', () => core.invoke('start'));
 * ```
 *
 * @module
 */
export * as core from './core.js';
export * as event from './event.js';
export * as go from './go.js';
export * as mocks from './mocks/index.js';
export * as webviewWindow from './webviewWindow.js';
export * as window from './window.js';
