import { type Channel, invoke, type Sink } from '@casement/api/core';
import type { Settings } from './settings.js';

/** Progress is what `hash_file` tells while it reads. */
export type Progress =
  | { event: 'started'; data: { path: string; totalBytes: number } }
  | { event: 'chunk'; data: { bytesRead: number } }
  | { event: 'done'; data: { sha256: string; bytes: number; seconds: number } };

/** Digest is what `hash_file` returns. */
export interface Digest {
  path: string;
  bytes: number;
  sha256: string;
  seconds: number;
}

/** hashFile reads the file at `path` to its end; aborting `signal` stops it. */
export function hashFile(
  path: string,
  onEvent: Channel<Progress>,
  signal: AbortSignal,
): Promise<Digest> {
  return invoke<Digest>('hash_file', { path, onEvent }, { signal });
}

/** pickFile opens the system's file dialog; null means that it was dismissed. */
export function pickFile(): Promise<string | null> {
  return invoke<string | null>('pick_file', {});
}

/** watchDrops sends the paths of every drop on the window for as long as the page lives. */
export function watchDrops(onDrop: Channel<string[]>): Promise<void> {
  return invoke<void>('watch_drops', { onDrop });
}

/** startupFile is the file that was named on the command line. */
export async function startupFile(): Promise<string | null> {
  const startup = await invoke<{ path: string | null }>('startup', {});
  return startup.path;
}

/** Loaded is what `load_settings` returns. */
export interface Loaded {
  settings: Settings;
  /** file is where they are kept; empty if they aren't. */
  file: string;
  /** problem says what was wrong with that file when the application started; empty if nothing was. */
  problem: string;
}

/** loadSettings returns the settings in force. */
export function loadSettings(): Promise<Loaded> {
  return invoke<Loaded>('load_settings', {});
}

/** saveSettings changes some of the settings and returns those in force then. */
export function saveSettings(change: Partial<Settings>): Promise<Settings> {
  return invoke<Settings>('save_settings', change);
}

/** openSettings opens the settings window, or brings it to the front. */
export function openSettings(): Promise<void> {
  return invoke<void>('open_settings', {});
}

/** openRecent has the main window hash a file that was hashed before. */
export function openRecent(path: string): Promise<void> {
  return invoke<void>('open_recent', { path });
}

/** clearRecent forgets which files were hashed. */
export function clearRecent(): Promise<void> {
  return invoke<void>('clear_recent', {});
}

/** openProcess opens the window that runs a process, or brings it to the front. */
export function openProcess(): Promise<void> {
  return invoke<void>('open_process', {});
}

/** openPicture opens the window with the live picture, or brings it to the front. */
export function openPicture(): Promise<void> {
  return invoke<void>('open_picture', {});
}

/** Gauge is what a producer in Go says of itself, five times a second. */
export interface Gauge {
  /** frames are the pictures begun; 0 where there are none. */
  readonly frames: number;
  /** messages are those handed over to the stream. */
  readonly messages: number;
  /** bytes are those produced, the ones that wait for the stream included. */
  readonly bytes: number;
  /** held says that the producer has stood still since the last time: the page takes nothing. */
  readonly held: boolean;
}

/** Stream is one of the two that a process writes. */
export type Stream = 'stdout' | 'stderr';

/** ProcessEvent is what `run_process` tells: `started`, any number of `output`, and `exited`. */
export type ProcessEvent =
  | { event: 'started'; data: { pid: number } }
  | { event: 'output'; data: { stream: Stream; text: string; bytes: number } }
  | { event: 'exited'; data: { code: number | null; signal: string | null; seconds: number } };

/**
 * runProcess runs a line of the platform's shell until it has ended; aborting `signal` stops it, with
 * all that it has started. How it ends is told over `onEvent`, also after that.
 */
export function runProcess(
  command: string,
  onEvent: Channel<ProcessEvent>,
  onGauge: Channel<Gauge>,
  signal: AbortSignal,
): Promise<void> {
  return invoke<void>('run_process', { command, onEvent, onGauge }, { signal });
}

/** Point is a place in a frame, as shares of its width and height. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * drawPicture sends the tiles of one frame after the other, as `tile.ts` reads them, for as long as
 * `onTile` is open; `aim` takes the points to dive at.
 */
export function drawPicture(
  width: number,
  height: number,
  onTile: Channel<ArrayBuffer>,
  onGauge: Channel<Gauge>,
  aim: Sink<Point>,
): Promise<void> {
  return invoke<void>('draw_picture', { width, height, onTile, onGauge, aim });
}
