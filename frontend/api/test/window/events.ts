import { invoke } from '../../src/core.js';
import { type Event, emit, emitTo, listen, once } from '../../src/event.js';
import { getCurrentWebviewWindow, WebviewWindow } from '../../src/webviewWindow.js';
import { getCurrentWindow, Window } from '../../src/window.js';
import { emitEach, emits, forms, hearers, pageListeners } from '../matrix.js';
import { test } from './harness.js';

// For Go, which drives several windows at once.
export * as event from '../../src/event.js';
export * as windows from '../../src/webviewWindow.js';
export { forms } from '../matrix.js';
export { names, run } from './harness.js';

/** Collects payloads and waits for a number of them. */
function collector<T>(): {
  payloads: T[];
  take: (event: Event<T>) => void;
  until(count: number): Promise<void>;
} {
  const payloads: T[] = [];
  let wake: (() => void) | undefined;
  return {
    payloads,
    take: (event) => {
      payloads.push(event.payload);
      wake?.();
    },
    async until(count) {
      while (payloads.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

test('events from Go arrive in order', async (t) => {
  const heard = collector<number>();
  const unlisten = await listen('counted', heard.take);
  await invoke('emit_many', { event: 'counted', count: 1000 });
  await heard.until(1000);
  t.ok(
    heard.payloads.every((n, at) => n === at),
    'out of order',
  );
  unlisten();
  unlisten();
  await invoke('emit_many', { event: 'counted', count: 10 });
  t.equal(heard.payloads.length, 1000);
});

test('a page hears its own events', async (t) => {
  const heard = collector<unknown>();
  const unlisten = await listen('echoed', heard.take);
  for (const payload of [null, 1, 'text\x7f\u2028', { a: [1] }]) await emit('echoed', payload);
  await emit('echoed');
  await heard.until(5);
  t.equal(heard.payloads, [null, 1, 'text\x7f\u2028', { a: [1] }, null]);
  unlisten();
});

test('an event object is frozen and holds its source', async (t) => {
  const events: Event<string>[] = [];
  const first = await listen<string>('who', (event) => events.push(event));
  const second = await listen<string>('who', (event) => events.push(event));
  await emit('who', 'me');
  await invoke('emit_many', { event: 'who', count: 1 });
  t.equal(events.length, 4);
  t.ok(Object.isFrozen(events[0]), 'it is not frozen');
  t.ok(events[0] !== events[1], 'two listeners share it');
  t.equal(
    events.map((event) => event.source),
    ['main', 'main', null, null],
  );
  t.equal(
    events.map((event) => event.event),
    ['who', 'who', 'who', 'who'],
  );
  first();
  second();
});

test('once hears one event, however fast they come', async (t) => {
  let count = 0;
  await once('thrice', () => {
    count++;
    void emit('thrice');
  });
  await Promise.all([emit('thrice'), emit('thrice'), emit('thrice')]);
  await emit('thrice');
  t.equal(count, 1);
});

test('a listener that throws does not silence the rest', async (t) => {
  let heard = 0;
  const first = await listen('thrown', () => {
    throw new Error('on purpose');
  });
  const second = await listen('thrown', () => heard++);
  await emit('thrown');
  t.equal(heard, 1);
  first();
  second();
});

test('each emit of the matrix reaches its listeners, in the order of registration', async (t) => {
  const heard: string[] = [];
  const all = await Promise.all(
    pageListeners.map(({ name, target }) => {
      const [form] = target ? forms(target) : [];
      return listen('aimed', () => heard.push(name), form ? { target: form } : {});
    }),
  );
  for (const row of emits.filter(({ by }) => by.includes('page'))) {
    await emitEach(row, () => t.equal(heard.splice(0), hearers(row, 'main'), row.name));
  }
  for (const unlisten of all) unlisten();
});

test('a bad name rejects', async (t) => {
  await t.rejects(emit('with space'), 'bad_arguments');
  await t.rejects(emit(''), 'bad_arguments');
  await t.rejects(emit('casement://close'), 'bad_arguments');
  await t.rejects(
    listen('a.b', () => undefined),
    'bad_arguments',
  );
  await t.rejects(
    listen('x', () => undefined, { target: { kind: 'Window', label: 'a b' } }),
    'bad_arguments',
  );
  await t.rejects(emit('cyclic', 1n), 'bad_arguments');
});

test('a retained event reaches a later listener', async (t) => {
  await invoke('retain', { event: 'kept', value: 'last' });
  const heard = collector<string>();
  const unlisten = await listen('kept', heard.take);
  await heard.until(1);
  t.equal(heard.payloads, ['last']);
  unlisten();
});

test('a window object listens for its own mailbox', async (t) => {
  const heard: string[] = [];
  const other = new Window('other');
  const all = [
    await getCurrentWindow().listen('boxed', () => heard.push('current')),
    await getCurrentWebviewWindow().listen('boxed', () => heard.push('webview')),
    await other.listen('boxed', () => heard.push('other')),
    await other.listen('boxed', () => heard.push('other, options'), {}),
    await other.once('boxed', () => heard.push('other once')),
    await other.listen('boxed', () => heard.push('other any'), { target: { kind: 'Any' } }),
  ];
  await emitTo('main', 'boxed');
  t.equal(heard.splice(0), ['current', 'webview', 'other any']);
  await getCurrentWindow().emitTo('other', 'boxed');
  t.equal(heard.splice(0), ['other', 'other, options', 'other once', 'other any']);
  await other.emit('boxed');
  t.equal(heard.splice(0), ['current', 'webview', 'other', 'other, options', 'other any']);
  for (const unlisten of all) unlisten();
  t.ok(getCurrentWindow().label === 'main', 'it is not called main');
  t.ok(getCurrentWebviewWindow() instanceof WebviewWindow, 'it is no WebviewWindow');
});

test('listeners run in the order of registration', async (t) => {
  const heard: number[] = [];
  const all: (() => void)[] = [];
  for (let i = 0; i < 50; i++) {
    const target = [undefined, { kind: 'Any' } as const, 'main'][i % 3];
    all.push(await listen('ordered', () => heard.push(i), target === undefined ? {} : { target }));
  }
  await emit('ordered');
  t.equal(heard, [...Array(50).keys()]);
  for (const unlisten of all) unlisten();
});

test('unlisten takes effect within the event', async (t) => {
  const heard: string[] = [];
  const first = await listen('cut', () => {
    heard.push('first');
    first();
    last();
  });
  const middle = await listen('cut', () => heard.push('middle'));
  const last = await listen('cut', () => heard.push('last'));
  await Promise.all([emit('cut'), emit('cut')]);
  t.equal(heard, ['first', 'middle', 'middle']);
  middle();
});

test('a key named __proto__ is a key', async (t) => {
  const heard = collector<object>();
  const unlisten = await listen('proto', heard.take);
  await emit('proto', JSON.parse('{"__proto__": {"polluted": 1}}'));
  await heard.until(1);
  const got = heard.payloads[0] as object;
  t.ok(Object.hasOwn(got, '__proto__'), 'the key is gone');
  t.ok(!('polluted' in got) && !('polluted' in {}), 'the prototype is set');
  unlisten();
});

test('awkward texts come back unchanged', async (t) => {
  const texts = [
    '',
    '\0',
    '\x7f',
    '\u2028\u2029',
    'back\\slash \'single\' "double" `tick` $x',
    '</script><!--',
    '日本語 😀 é',
    '\r\n\t',
    '\ud800',
    '\ufeff',
    'x'.repeat(300_000),
  ];
  const heard = collector<string>();
  const unlisten = await listen('awkward', heard.take);
  for (const text of texts) await emit('awkward', text);
  await heard.until(texts.length);
  t.equal(heard.payloads, texts);
  unlisten();
});

test('a listener hears all that is emitted after listen has resolved', async (t) => {
  for (let round = 0; round < 100; round++) {
    let heard = 0;
    const unlisten = await listen(`fresh-${round}`, () => heard++);
    await invoke('emit_many', { event: `fresh-${round}`, count: 1 });
    t.equal(heard, 1, `round ${round}`);
    unlisten();
  }
});

test('a thousand emits at once are handled in order', async (t) => {
  const heard: number[] = [];
  const unlisten = await listen<number>('burst', ({ payload }) => heard.push(payload));
  await Promise.all(Array.from({ length: 1000 }, (_, n) => emit('burst', n)));
  t.equal(heard.length, 1000);
  t.ok(
    heard.every((n, at) => n === at),
    'out of order',
  );
  unlisten();
});
