import table from '../../../internal/wire/testdata/events.json';
import { type EventTarget, emit, emitTo } from '../src/event.js';

/** A listener that a page registers. The mailbox `own` is that of the page's window. */
interface Listener {
  name: string;
  target?: EventTarget;
  mailbox: string;
}

/** A way to emit, and the mailboxes that it reaches. */
interface Row {
  name: string;
  by: ('go' | 'page')[];
  target?: EventTarget;
  /** The mailboxes that a filter accepts. Only Go has filters. */
  accepts?: string[];
  reaches: string[];
}

/** The event matrix: who hears what. Go runs the same table: see `pagetest.Matrix`. */
export const { windows, pageListeners, emits } = table as {
  windows: string[];
  pageListeners: Listener[];
  emits: Row[];
};

/**
 * Returns the names of the page listeners that hear an emit in the window `label`, in their order.
 */
export function hearers({ reaches }: Row, label: string): string[] {
  return pageListeners
    .filter(({ mailbox }) => reaches.includes(mailbox === 'own' ? label : mailbox))
    .map(({ name }) => name);
}

/** Returns a target in each form that the API accepts. */
export function forms(target: EventTarget): (string | EventTarget)[] {
  return target.kind === 'AnyLabel' ? [target.label, target] : [target];
}

/**
 * Emits a row's event from the page, once for each form of its target, and calls `then` after each.
 */
export async function emitEach({ target }: Row, then: () => unknown): Promise<void> {
  for (const form of target ? forms(target) : [undefined]) {
    await (form ? emitTo(form, 'aimed') : emit('aimed'));
    then();
  }
}
