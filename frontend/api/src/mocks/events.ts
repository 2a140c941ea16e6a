import { IpcError } from '../error.js';
import type { EventTarget } from '../event.js';
import type { Emit, Listen } from '../wire.js';
import * as wire from '../wire.js';
import type { Post } from './streams.js';

interface Listener {
  id: number;
  event: string;
  target: EventTarget | undefined;
}

/** What events need from the rest of the mock. */
export interface EventsOptions {
  post: Post;
  /** Settles a request with what `run` returns or throws. */
  settle(id: number, run: () => unknown): Promise<void>;
  /** Calls the test's handler. */
  handle(command: string, args: Record<string, unknown>): unknown;
  /** Whether events reach the page's listeners, and not the handler. */
  mocked(): boolean;
  /** The label of the page's window. */
  label(): string;
}

/** Events mocks Go's event bus for one page. */
export interface Events {
  listen(message: Listen): void;
  unlisten(id: number): void;
  emit(message: Emit, payload: string): void;
  /** Delivers an event to the listeners that it is for. The payload is JSON. */
  deliver(event: string, payload: string, source: string | null, target?: EventTarget): void;
}

const nameForm = /^[\p{L}\p{N}\-/:_]{1,256}$/u;

/** Throws if a page may not use this name. */
function checkName(event: string, emits: boolean): void {
  const reserved = emits && event.startsWith('casement://');
  if (!reserved && nameForm.test(event)) return;
  const why = reserved
    ? 'is reserved for the shell'
    : 'must be 1 to 256 letters, digits and any of - / : _';
  throw new IpcError({
    code: 'bad_arguments',
    message: `the name ${JSON.stringify(event)} ${why}`,
  });
}

/** Reports whether a listener of the window `label` hears an event that is for `target`. */
function hears(label: string, listener: Listener, target: EventTarget | undefined): boolean {
  if (!target || target.kind === 'Any' || listener.target?.kind === 'Any') return true;
  if (target.kind === 'App') return listener.target?.kind === 'App';
  if (!('label' in target) || listener.target?.kind === 'App') return false;
  const { target: mailbox } = listener;
  return target.label === (mailbox && 'label' in mailbox ? mailbox.label : label);
}

export function createMockEvents({ post, settle, handle, mocked, label }: EventsOptions): Events {
  let listeners: Listener[] = [];

  const deliver: Events['deliver'] = (event, payload, source, target) => {
    const ids = listeners
      .filter((listener) => listener.event === event && hears(label(), listener, target))
      .map(({ id }) => id);
    if (ids.length > 0) {
      post(`[${wire.event},${JSON.stringify(ids)},${payload},${JSON.stringify(source)}]`);
    }
  };
  return {
    deliver,
    listen({ id, listener, event, target }) {
      void settle(id, () => {
        checkName(event, false);
        listeners.push({ id: listener, event, target });
        if (mocked()) return null;
        return handle('casement:event/listen', { event, target: target ?? null });
      });
    },
    unlisten(id) {
      const listener = listeners.find((one) => one.id === id);
      listeners = listeners.filter((one) => one !== listener);
      if (!listener || mocked()) return;
      const { event } = listener;
      void Promise.resolve()
        .then(() => handle('casement:event/unlisten', { event }))
        .catch(() => undefined); // No promise of the page waits for it.
    },
    emit({ id, event, target }, payload) {
      void settle(id, () => {
        checkName(event, true);
        if (mocked()) {
          deliver(event, payload, label(), target);
          return null;
        }
        const args = { event, payload: JSON.parse(payload) as unknown, target: target ?? null };
        return handle('casement:event/emit', args);
      });
    },
  };
}
