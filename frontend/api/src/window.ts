/**
 * The page's own window, and all other windows of the app.
 *
 * @module
 */
import { invoke } from './core.js';
import {
  asTarget,
  type EventCallback,
  type EventName,
  emit,
  emitTo,
  listen,
  type Options,
  once,
  type EventTarget as Target,
  type UnlistenFn,
} from './event.js';
import { runtime } from './runtime.js';
import type { Drag, Position, ShellEvents, Size } from './shellevents.gen.js';

/** The names of the shell's own events. Pages can listen for them, but not emit them. */
export const CasementEvent = {
  WINDOW_CREATED: 'casement://window-created',
  WINDOW_DESTROYED: 'casement://destroyed',
  OPEN_FILE: 'casement://open-file',
  OPEN_URL: 'casement://open-url',
  WINDOW_CLOSE_REQUESTED: 'casement://close-requested',
  WINDOW_FOCUS: 'casement://focus',
  WINDOW_BLUR: 'casement://blur',
  WINDOW_RESIZED: 'casement://resize',
  WINDOW_MOVED: 'casement://move',
  WINDOW_SCALE_CHANGED: 'casement://scale-change',
  WINDOW_THEME_CHANGED: 'casement://theme-changed',
  DRAG_ENTER: 'casement://drag-enter',
  DRAG_OVER: 'casement://drag-over',
  DRAG_LEAVE: 'casement://drag-leave',
  DRAG_DROP: 'casement://drag-drop',
  PAGE_LOADED: 'casement://page-loaded',
  PAGE_CRASHED: 'casement://page-crashed',
} as const satisfies Record<string, keyof ShellEvents>;

export type { Position, Size };
/** Files that were dropped on the page, and the position of the drop. */
export type DragDrop = Drag;

/** Options of {@link openWindow}. */
export interface WindowOptions {
  /** A path below the app's origin, such as `/settings.html`. */
  url?: string;
  /** The text of the title bar. Without it, the title bar shows the document's title. */
  title?: string;
  width?: number;
  height?: number;
  minWidth?: number;
  minHeight?: number;
  resizable?: boolean;
}

/** The argument of a handler of {@link Window.onCloseRequested}. */
export interface CloseRequestedEvent {
  /** Keeps the window open. */
  preventDefault(): void;
}

/**
 * A window, by its label. It need not be open.
 *
 * The methods that change a window need the access that the app grants the page's window
 * (`shell.WindowOptions.Access`). Without it they reject with the code `denied`.
 */
export class Window {
  readonly label: string;

  constructor(label: string) {
    this.label = label;
  }

  /** Listens for the events that are for this window. See `listen` in `@casement/api/event`. */
  listen<Name extends keyof ShellEvents>(
    event: Name,
    handler: EventCallback<ShellEvents[Name]>,
    options?: Options,
  ): Promise<UnlistenFn>;
  listen<T>(event: EventName, handler: EventCallback<T>, options?: Options): Promise<UnlistenFn>;
  listen<T>(event: EventName, handler: EventCallback<T>, options?: Options): Promise<UnlistenFn> {
    return listen(event, handler, { target: this.label, ...options });
  }

  /** Listens for the next such event. */
  once<Name extends keyof ShellEvents>(
    event: Name,
    handler: EventCallback<ShellEvents[Name]>,
    options?: Options,
  ): Promise<UnlistenFn>;
  once<T>(event: EventName, handler: EventCallback<T>, options?: Options): Promise<UnlistenFn>;
  once<T>(event: EventName, handler: EventCallback<T>, options?: Options): Promise<UnlistenFn> {
    return once(event, handler, { target: this.label, ...options });
  }

  /** Emits an event for everybody. */
  emit<T>(event: EventName, payload?: T): Promise<void> {
    return emit(event, payload);
  }

  /** Emits an event for one window. */
  emitTo<T>(target: string | Target, event: EventName, payload?: T): Promise<void> {
    return emitTo(asTarget(target) ?? target, event, payload);
  }

  /** Closes the window, unless Go or its page prevents it. */
  close(): Promise<void> {
    return invoke('casement:window/close', { label: this.label });
  }

  /** Closes the window without asking. */
  destroy(): Promise<void> {
    return invoke('casement:window/destroy', { label: this.label });
  }

  /** Brings the window to the front, if the desktop permits it. */
  setFocus(): Promise<void> {
    return invoke('casement:window/focus', { label: this.label });
  }

  /** Sets the text of the title bar. With an empty text it shows the document's title. */
  setTitle(title: string): Promise<void> {
    return invoke('casement:window/set-title', { label: this.label, title });
  }

  /** Resizes the content. */
  setSize({ width, height }: Size): Promise<void> {
    return invoke('casement:window/set-size', { label: this.label, width, height });
  }

  /** Calls `handler` when the window gains or loses the keyboard focus. */
  async onFocusChanged(handler: EventCallback<boolean>): Promise<UnlistenFn> {
    const focus = await this.listen(CasementEvent.WINDOW_FOCUS, (event) =>
      handler(Object.freeze({ ...event, payload: true })),
    );
    const blur = await this.listen(CasementEvent.WINDOW_BLUR, (event) =>
      handler(Object.freeze({ ...event, payload: false })),
    );
    return () => {
      focus();
      blur();
    };
  }

  /** Calls `handler` when the size of the content changes. */
  onResized(handler: EventCallback<Size>): Promise<UnlistenFn> {
    return this.listen(CasementEvent.WINDOW_RESIZED, handler);
  }

  /** Calls `handler` when the window moves. */
  onMoved(handler: EventCallback<Position>): Promise<UnlistenFn> {
    return this.listen(CasementEvent.WINDOW_MOVED, handler);
  }

  /** Calls `handler` when the window's scale factor changes, such as on another screen. */
  onScaleChanged(handler: EventCallback<{ scale: number }>): Promise<UnlistenFn> {
    return this.listen(CasementEvent.WINDOW_SCALE_CHANGED, handler);
  }

  /** Calls `handler` when the desktop switches between dark and light. */
  onThemeChanged(handler: EventCallback<{ dark: boolean }>): Promise<UnlistenFn> {
    return this.listen(CasementEvent.WINDOW_THEME_CHANGED, handler);
  }

  /** Calls `handler` with files that are dropped on the page. */
  onDragDrop(handler: EventCallback<DragDrop>): Promise<UnlistenFn> {
    return this.listen(CasementEvent.DRAG_DROP, handler);
  }

  /**
   * Calls `handler` before the page's own window closes, and waits for the promise it returns.
   * After `shell.Options.CloseTimeout` without an answer the window closes. Of several handlers,
   * only the latest that is still registered is called.
   *
   * @example
   * ```ts
   * await getCurrentWindow().onCloseRequested((event) => {
   *   if (unsaved && !confirm('Discard the changes?')) event.preventDefault();
   * });
   * ```
   */
  async onCloseRequested(
    handler: (event: CloseRequestedEvent) => void | Promise<void>,
  ): Promise<UnlistenFn> {
    const own = {};
    const unlisten = await listen(
      CasementEvent.WINDOW_CLOSE_REQUESTED,
      async ({ payload: { id } }) => {
        if (closers.at(-1) !== own) return;
        let prevent = false;
        try {
          await handler({
            preventDefault: () => {
              prevent = true;
            },
          });
        } finally {
          await invoke('casement:window/reply-close', { id, prevent });
        }
      },
    );
    const end = (): void => {
      unlisten();
      const at = closers.indexOf(own);
      if (at >= 0) closers.splice(at, 1);
    };
    closers.push(own);
    // To Go, a document that returns from the history is a new page.
    addEventListener('pageshow', askAgain);
    try {
      await askClose();
    } catch (error) {
      end();
      throw error;
    }
    return () => {
      end();
      askClose().catch(() => undefined);
    };
  }
}

/** The registered handlers of close requests, the latest last. */
const closers: object[] = [];
let asked: Promise<unknown> = Promise.resolve();

/**
 * Tells Go whether the page handles close requests. Commands run concurrently, so one call waits
 * for the other.
 */
function askClose(): Promise<unknown> {
  asked = asked
    .catch(() => undefined)
    .then(() => invoke('casement:window/ask-close', { ask: closers.length > 0 }));
  return asked;
}

function askAgain({ persisted }: PageTransitionEvent): void {
  if (persisted) askClose().catch((error: unknown) => console.error(error));
}

/**
 * Returns the page's own window.
 *
 * @example
 * ```ts
 * await getCurrentWindow().setTitle('Draft');
 * ```
 */
export function getCurrentWindow(): Window {
  return new Window(runtime().label);
}

/** Lists the open windows, oldest first. */
export async function getAllWindows(): Promise<Window[]> {
  const labels = await invoke<string[]>('casement:window/list');
  return labels.map((label) => new Window(label));
}

/**
 * Opens a window that shows one of the app's own pages.
 *
 * @example
 * ```ts
 * const settings = await openWindow('settings', { url: '/settings.html', title: 'Settings' });
 * ```
 */
export async function openWindow(label: string, options: WindowOptions = {}): Promise<Window> {
  await invoke('casement:window/open', { label, ...options });
  return new Window(label);
}
