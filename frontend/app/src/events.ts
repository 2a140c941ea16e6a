import { emit, type UnlistenFn } from '@casement/api/event';
import { getCurrentWebviewWindow } from '@casement/api/webviewWindow';
import type { Recent, Settings, Theme } from './settings.js';

/** Events are the app's own, with their payloads. Go's half is cmd/app/events.go. */
export interface Events {
  /** What is in force now. Retained: a window that opens later is told at once. */
  'settings-update': Settings;
  /** Likewise. */
  'theme-changed': Theme;
  /** For the settings window only. */
  'recent-update': readonly Recent[];
  /** For the main window only: the path of a file to hash. */
  'open-file': string;
  'hash-started': { readonly path: string };
  'hash-done': {
    readonly path: string;
    readonly outcome: 'done' | 'cancelled' | 'failed';
    readonly sha256?: string;
    readonly bytes?: number;
    readonly seconds?: number;
    readonly error?: string;
  };
  /** From a page that has begun to listen. */
  ready: Record<string, never>;
}

/** NAMES are the names of the app's own events. */
export const NAMES = [
  'ready',
  'settings-update',
  'theme-changed',
  'recent-update',
  'open-file',
  'hash-started',
  'hash-done',
] as const satisfies readonly (keyof Events)[];

/** hear listens for one of the app's events that are for this window, or for all. */
export function hear<Name extends keyof Events>(
  name: Name,
  handler: (payload: Events[Name]) => void,
): Promise<UnlistenFn> {
  return getCurrentWebviewWindow().listen<Events[Name]>(name, ({ payload }) => handler(payload));
}

/** sayReady tells everybody that this page has begun to listen. */
export function sayReady(): Promise<void> {
  return emit<Events['ready']>('ready', {});
}
