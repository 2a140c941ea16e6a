import { listen } from '@casement/api/event';
import { CasementEvent } from '@casement/api/window';
import { events } from './bindings.gen.js';
import { type Heard, MAILBOXES, type Mailbox } from './eventlog.js';

/**
 * tap calls `heard` with every event that the app or the shell emits, whatever its target.
 *
 * An event does not carry its target. So tap registers a listener for each mailbox and, behind
 * those, one for `Any`. Listeners run in the order of registration, so when the last one runs, tap
 * knows which of the others have run.
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
  // Ignore events from before the last listener was registered.
  arrived = new Set();
}
