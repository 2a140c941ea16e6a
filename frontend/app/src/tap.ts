import { listen } from '@casement/api/event';
import { CasementEvent } from '@casement/api/window';
import { events } from './bindings.gen.js';
import { type Heard, MAILBOXES, type Mailbox } from './eventlog.js';

/**
 * tap hears every event that the app or the shell emits, whoever it is for.
 *
 * An event does not say whom it was emitted for. So there is a listener on each mailbox and, behind
 * those, one on any: listeners are called in the order in which they were registered, and when the
 * last one is called, it is known which of the others were.
 */
export async function tap(heard: (event: Heard) => void): Promise<void> {
  const own = Object.values(events).map(({ event }) => event);
  const names: string[] = [...own, ...Object.values(CasementEvent)];
  await Promise.all(names.map((name) => tapOne(name, heard)));
}

async function tapOne(name: string, heard: (event: Heard) => void): Promise<void> {
  let arrived = new Set<Mailbox>();
  for (const mailbox of MAILBOXES) {
    await listen(name, () => arrived.add(mailbox), {
      target: mailbox === 'app' ? { kind: 'App' } : mailbox,
    });
  }
  await listen(
    name,
    ({ source, payload }) => {
      const mailboxes = arrived;
      arrived = new Set();
      heard({ at: Date.now(), name, source, payload, mailboxes });
    },
    { target: { kind: 'Any' } },
  );
  // What came before the last listener did is nobody's.
  arrived = new Set();
}
