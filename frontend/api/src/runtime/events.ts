import type { Event, EventTarget } from '../event.js';
import type { Calls } from './calls.js';
import { createMap, freeze } from './intrinsics.js';
import { type Port, report } from './port.js';

export type EventHandler = (event: Event) => unknown;

/** Events holds the page's listeners. Go selects those that an event is for. */
export interface Events {
  listen(
    event: string,
    handler: EventHandler,
    target?: EventTarget,
    once?: boolean,
  ): Promise<() => void>;
  emit(event: string, payload?: unknown, target?: EventTarget): Promise<unknown>;
  deliver(ids: number[], payload: unknown, source: string | null): void;
  /**
   * Adds all listeners in Go again. To Go, a document that returns from the history is a new page.
   */
  resume(): void;
}

interface Listener {
  event: string;
  handler: EventHandler;
  target: EventTarget | undefined;
  once: boolean | undefined;
}

export function createEvents({ send }: Port, { request }: Calls): Events {
  const listeners = createMap<number, Listener>();
  let last = 0;

  const announce = (listener: number, { event, target }: Listener): Promise<unknown> =>
    request({ kind: 'listen', id: 0, listener, event, target });
  const unlisten = (listener: number): void => {
    if (listeners.delete(listener)) send({ kind: 'unlisten', listener });
  };
  return {
    async listen(event, handler, target, once) {
      const id = ++last;
      const listener = { event, handler, target, once };
      listeners.set(id, listener);
      try {
        await announce(id, listener);
      } catch (error) {
        listeners.delete(id);
        throw error;
      }
      return () => unlisten(id);
    },
    emit: (event, payload, target) => request({ kind: 'emit', id: 0, event, target }, payload),
    deliver(ids, payload, source) {
      for (let at = 0; at < ids.length; at++) {
        const id = ids[at] as number;
        const listener = listeners.get(id);
        if (!listener) continue; // It was removed in the meantime.
        if (listener.once) unlisten(id);
        try {
          listener.handler(freeze({ event: listener.event, id, payload, source }));
        } catch (error) {
          report(error);
        }
      }
    },
    resume() {
      listeners.forEach(async (listener, id) => {
        try {
          await announce(id, listener);
        } catch (error) {
          report(error);
        }
      });
    },
  };
}
