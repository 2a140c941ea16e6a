import { Channel, IpcError, invoke, isCasement, Sink } from '../../src/core.js';
import { test } from './harness.js';

export { names, run } from './harness.js';

/** Texts that some layer has misread. */
const awkward = [
  '',
  '\0',
  '\x7f',
  '\u2028\u2029',
  '\ud800',
  'back\\slash \'single\' "double" `tick` $x',
  '</script><!--',
  '日本語 😀 é',
  '\r\n\t',
  '%7F%25%',
];

test('the page is in a window', (t) => {
  t.ok(isCasement(), 'isCasement() is false');
  t.equal(
    Object.keys(globalThis).filter((key) => key === '__ipc' || key === 'casement'),
    [],
  );
});

test('texts come back unchanged', async (t) => {
  for (const text of awkward) {
    t.equal(await invoke('echo', { value: text }), text, JSON.stringify(text));
  }
});

test('values come back unchanged', async (t) => {
  for (const value of [null, true, 0, -1.5, 1e300, [], {}, [1, 'a', null], { a: { b: [{}] } }]) {
    t.equal(await invoke('echo', { value }), value);
  }
});

test('a key named __proto__ is a key', async (t) => {
  const got = await invoke<object>('echo', { value: JSON.parse('{"__proto__": {"polluted": 1}}') });
  t.ok(Object.hasOwn(got, '__proto__'), 'the key is gone');
  t.ok(!('polluted' in got), 'the prototype is set');
});

test('a megabyte of text comes back', async (t) => {
  const text = '0123456789abcdéf'.repeat(1 << 16);
  t.ok((await invoke('echo', { value: text })) === text, 'it differs');
});

test('bytes go down and up, of any size', async (t) => {
  for (const size of [0, 1, 2, 3, 4095, 65_536, 100_003, 1_000_000]) {
    const sent = new Uint8Array(size).map((_, at) => (at * 31 + (at >> 8)) & 255);
    t.equal(await invoke('echo_bytes', sent), sent.buffer, `${size} bytes`);
    t.equal(
      await invoke('sum_nested', { data: sent.subarray(0, 100) }),
      sum(sent.subarray(0, 100)),
    );
  }
});

function sum(octets: Uint8Array): number {
  return octets.reduce((total, octet) => total + octet, 0);
}

test('every failure rejects with its code', async (t) => {
  await t.rejects(invoke('no_such_command'), 'unknown_command');
  await t.rejects(invoke('greet', { nam: 'x' }), 'bad_arguments');
  await t.rejects(invoke('greet', { name: 1 }), 'bad_arguments');
  await t.rejects(invoke('greet', {}), 'bad_arguments');
  await t.rejects(invoke('fail'), 'failed');
  await t.rejects(invoke('panic'), 'panicked');
  await t.rejects(invoke('nil_dereference'), 'panicked');
  await t.rejects(invoke('only_settings'), 'denied');
  await t.rejects(invoke('large_integer'), 'bad_result');
  t.equal(await invoke('greet', { name: 'still here' }), 'hello still here');
});

test('an error is an IpcError with details', async (t) => {
  try {
    await invoke('fail');
  } catch (error) {
    t.ok(error instanceof IpcError && error instanceof Error, 'it is no IpcError');
    t.equal((error as IpcError).message, 'it broke');
    t.equal((error as IpcError).details, { reason: 'test' });
  }
});

test('a signal cancels at once, and the command learns of it', async (t) => {
  const abort = new AbortController();
  const call = invoke('wait', {}, { signal: abort.signal });
  setTimeout(() => abort.abort(), 10);
  await t.rejects(call, 'cancelled');
  t.equal(await invoke('await_cancelled'), true);
});

test('ten thousand calls at once all settle', async (t) => {
  const calls = Array.from({ length: 10_000 }, (_, n) => invoke<number>('double', { n }));
  const results = await Promise.all(calls);
  t.ok(
    results.every((result, n) => result === 2 * n),
    'a result is wrong',
  );
});

test('messages arrive in order, before the call that sent them settles', async (t) => {
  const got: unknown[] = [];
  const onEvent = new Channel<unknown>((message) => {
    got.push(message instanceof ArrayBuffer ? message.byteLength : message);
  });
  const result = await invoke('mixed', { onEvent, rounds: 50 });
  t.equal(result, 'done');
  t.equal(got.length, 200);
  for (let round = 0; round < 50; round++) {
    const [small, large] = got.slice(4 * round) as [number, string];
    t.ok(small === round, `message ${4 * round} is ${JSON.stringify(small)?.slice(0, 20)}`);
    t.ok(large.length === 300_000 && large.startsWith(String(round)), 'the large one is wrong');
  }
  await onEvent.closed;
});

test('raw bytes arrive over a channel as buffers', async (t) => {
  const lengths: number[] = [];
  let bad = 0;
  const onBytes = new Channel<ArrayBuffer>((message) => {
    const octets = new Uint8Array(message);
    lengths.push(octets.length);
    if (octets.some((octet) => octet !== lengths.length % 256)) bad++;
  });
  await invoke('stream_bytes', { onBytes, sizes: [0, 1, 65_536, 200_000, 3, 1_000_000] });
  await onBytes.closed;
  t.equal(lengths, [0, 1, 65_536, 200_000, 3, 1_000_000]);
  t.equal(bad, 0);
});

test('a producer waits for its reader', async (t) => {
  let release: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let seen = 0;
  const onEvent = new Channel<number>(async () => {
    seen++;
    await gate;
  });
  const flood = invoke<number>('flood', { onEvent, count: 5000 });
  const sent = await invoke<number>('flooded');
  t.ok(sent < 5000, `${sent} messages were sent to a handler that takes none`);
  t.equal(seen, 1);
  release?.();
  t.equal(await flood, 5000);
  await onEvent.closed;
  t.equal(seen, 5000);
});

test('closing a channel stops its producer', async (t) => {
  const onEvent = new Channel<number>((n) => {
    if (n === 10) onEvent.close();
  });
  t.equal(await invoke('endless', { onEvent }), 'closed');
});

test('closing a channel right behind its call stops the producer too', async (t) => {
  for (let round = 0; round < 100; round++) {
    const onEvent = new Channel<number>();
    const call = invoke('endless', { onEvent });
    onEvent.close();
    t.equal(await call, 'closed');
  }
});

test('a channel and a sink that the command does not take end with the call', async (t) => {
  const onEvent = new Channel<number>();
  const data = new Sink<number>();
  await invoke('echo', { value: { onEvent, data } });
  await onEvent.closed;
  await t.rejects(data.closed, 'disconnected');
});

test('a loop over a channel ends with it', async (t) => {
  const onEvent = new Channel<number>();
  const flood = invoke('flood', { onEvent, count: 3000 });
  let total = 0;
  for await (const n of onEvent) total += n;
  t.equal(total, (2999 * 3000) / 2);
  await flood;
});

test('a channel goes with one call only', async (t) => {
  const onEvent = new Channel<number>(() => undefined);
  await invoke('flood', { onEvent, count: 1 });
  await t.rejects(invoke('flood', { onEvent, count: 1 }), 'bad_arguments');
});

test('a channel whose command never ran ends', async (t) => {
  const onEvent = new Channel<number>();
  await t.rejects(invoke('no_such_command', { onEvent }), 'unknown_command');
  await t.rejects(onEvent.closed, 'unknown_command');
});

test('a sink streams values to a command, in order', async (t) => {
  const values = new Sink<number>();
  const total = invoke<number>('sum_stream', { values });
  for (let n = 1; n <= 5000; n++) await values.write(n);
  values.close();
  t.equal(await total, (5000 * 5001) / 2);
  await values.closed;
  await t.rejects(values.write(1), 'disconnected');
});

test('a sink streams bytes to a command', async (t) => {
  const data = new Sink<Uint8Array>();
  const digest = invoke<string>('hash_stream', { data });
  const all = new Uint8Array(3_000_000).map((_, at) => (at * 7) & 255);
  await new Blob([all]).stream().pipeTo(data.writable);
  const want = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  t.equal(await digest, Array.from(want, (octet) => octet.toString(16).padStart(2, '0')).join(''));
});

test('a sink takes all of a Blob or a stream, and fails with its source', async (t) => {
  const all = new Uint8Array(2_500_000).map((_, at) => (at * 7) & 255);
  const want = await hex(all);
  for (const source of [
    () => new Blob([all]),
    () => new Response(all).body as ReadableStream<Uint8Array<ArrayBuffer>>,
  ]) {
    const data = new Sink<Uint8Array<ArrayBuffer>>();
    const digest = invoke<string>('hash_stream', { data });
    await data.pipe(source());
    await data.closed;
    t.equal(await digest, want);
  }
  const empty = new Sink<Uint8Array>();
  const digest = invoke<string>('hash_stream', { data: empty });
  await empty.pipe(new Blob([]));
  t.equal(await digest, await hex(new Uint8Array()));

  const broken = new Sink<number>();
  const sum = invoke('sum_stream', { values: broken });
  const source = new ReadableStream<number>({
    start(stream) {
      stream.enqueue(1);
      stream.error(new Error('the source is broken'));
    },
  });
  let caught: unknown;
  await broken.pipe(source).catch((error) => {
    caught = error;
  });
  t.equal(String(caught), 'Error: the source is broken');
  await t.rejects(sum, 'cancelled');

  const unread = new Sink<Uint8Array<ArrayBuffer>>();
  void invoke('read_no_bytes', { values: unread });
  await t.rejects(unread.pipe(new Blob([new Uint8Array(20_000_000)])), 'disconnected');
});

async function hex(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return Array.from(digest, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

test('a writer waits for a command that does not read', async (t) => {
  const values = new Sink<string>();
  const call = invoke<number>('read_later', { values });
  const text = 'x'.repeat(10_000);
  let written = 0;
  const writing = (async () => {
    for (let n = 0; n < 1000; n++) {
      await values.write(text);
      written++;
    }
    values.close();
  })();
  await invoke('round_trip');
  t.ok(written < 1000, `${written} values were written to a command that reads none`);
  await invoke('read_now');
  await writing;
  t.equal(await call, 1000);
});

test('a value larger than the window follows a small one', async (t) => {
  const data = new Sink<Uint8Array>();
  const digest = invoke<string>('hash_stream', { data });
  const [small, large] = [new Uint8Array(100_000), new Uint8Array(2_500_000)];
  for (const chunk of [small, large, small, large]) await data.write(chunk);
  data.close();
  const want = await crypto.subtle.digest('SHA-256', new Uint8Array(5_200_000));
  const hex = Array.from(new Uint8Array(want), (octet) => octet.toString(16).padStart(2, '0'));
  t.equal(await digest, hex.join(''));
});

test('inline commands answer in order, among others', async (t) => {
  const answers: number[] = [];
  const calls = Array.from({ length: 1000 }, (_, n) =>
    invoke<number>('inline', { n }).then((twice) => answers.push(twice)),
  );
  const slow = invoke('round_trip');
  await Promise.all(calls);
  await slow;
  t.equal(
    answers,
    Array.from({ length: 1000 }, (_, n) => 2 * n),
  );
  const seen: number[] = [];
  const onEvent = new Channel<number>((n) => {
    seen.push(n);
  });
  t.equal(await invoke('inline', { n: 21, onEvent }), 42);
  await onEvent.closed;
  t.equal(seen, [21]);
});

test('values of all sizes keep their order in a sink', async (t) => {
  const data = new Sink<Uint8Array>();
  const digest = invoke<string>('hash_stream', { data });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const [at, size] of [7, 1 << 20, 1, 32_768, 32_767, 500_000, 0, 2, 50_000, 3].entries()) {
    const part = new Uint8Array(size).fill(at + 1);
    parts.push(part);
    const sent = part.slice();
    await data.write(sent);
    sent.fill(0); // The sink has copied the value.
  }
  data.close();
  t.equal(await digest, await hex(new Uint8Array(await new Blob(parts).arrayBuffer())));
});

test('a message right behind a large call is not lost', async (t) => {
  const padding = 'x'.repeat(1 << 20);
  const onEvent = new Channel<number>();
  const call = invoke<string>('endless', { onEvent, padding });
  onEvent.close();
  t.equal(await call, 'closed');

  const data = new Sink<Uint8Array>();
  const digest = invoke<string>('hash_stream', { data, padding });
  await data.write(new Uint8Array(10));
  data.close();
  t.equal(await digest, await hex(new Uint8Array(10)));
});

test('a command that stops reading ends the sink', async (t) => {
  const values = new Sink<number>();
  const first = invoke<number>('read_one', { values });
  await values.write(7);
  t.equal(await first, 7);
  await t.rejects(values.closed, 'disconnected');
});

test('the command reads the reason of an abort as its error', async (t) => {
  const values = new Sink<number>();
  const total = invoke<number>('sum_stream', { values });
  await values.write(1);
  values.abort(new Error('changed my mind'));
  await t.rejects(total, 'cancelled');
});

test('a channel becomes a ReadableStream of bytes', async (t) => {
  const onBytes = new Channel<ArrayBuffer>();
  const sizes = [0, 1, 70_000, 3, 1_000_000];
  const call = invoke('stream_bytes', { onBytes, sizes });
  const all = new Uint8Array(await new Response(onBytes.readable).arrayBuffer());
  await call;
  const want = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    want.fill(index + 1, at, at + size);
    at += size;
  }
  t.equal(all.buffer, want.buffer);
});

test('Go waits for the reader of a stream, and learns when it is cancelled', async (t) => {
  for (const read of [0, 1, 5]) {
    const onEvent = new Channel<number>();
    const reader = onEvent.readable.getReader();
    const call = invoke<number>('flood', { onEvent, count: 1_000_000 });
    for (let n = 0; n < read; n++) t.equal(await reader.read(), { done: false, value: n });
    await invoke<number>('flooded');
    await reader.cancel();
    await onEvent.closed;
    // The command has stopped at the limit of the page's credit.
    const sent = await invoke<number>('stopped');
    t.ok(
      sent >= 4096 && sent <= 4096 + read + 1024,
      `${sent} messages were sent, ${read} were read`,
    );
    await t.rejects(call, 'failed');
  }
});

test('the error that ends a channel ends its stream', async (t) => {
  const onEvent = new Channel<number>();
  await t.rejects(invoke('no_such_command', { onEvent }), 'unknown_command');
  await t.rejects(onEvent.readable.getReader().read(), 'unknown_command');
});

test('a sink runs no further ahead than its options permit', async (t) => {
  for (const [options, most] of [
    [{ messages: 1 }, 1],
    [{ messages: 10 }, 10],
    [{ bytes: 10_000 }, 20],
    [{}, 4096],
    [{ messages: 1e9, bytes: 1e12 }, 4096],
  ] as const) {
    const values = new Sink<string>(options);
    const call = invoke<number>('read_later', { values });
    let written = 0;
    const writing = (async () => {
      for (let n = 0; n < 5000; n++) {
        await values.write('x'.repeat(498));
        written++;
      }
      values.close();
    })();
    for (let n = 0; n < 5; n++) await invoke('round_trip');
    while (written < most) await invoke('round_trip');
    t.equal(written, most, JSON.stringify(options));
    await invoke('read_now');
    await writing;
    t.equal(await call, 5000);
  }
  for (const options of [{ messages: 0 }, { bytes: -1 }, { messages: Number.NaN }]) {
    let caught: unknown;
    try {
      new Sink(options);
    } catch (error) {
      caught = error;
    }
    t.ok(caught instanceof RangeError, JSON.stringify(options));
  }
});

test('a sink that the page drops ends, and one with a write under way does not', async (t) => {
  const outcomes: Promise<unknown>[] = [];
  for (let n = 0; n < 5; n++) {
    outcomes.push(invoke('sum_stream', { values: new Sink<number>() }).catch((error) => error));
  }
  const write = (): Promise<number> => {
    const values = new Sink<string>({ messages: 1 });
    const call = invoke<number>('read_later', { values });
    void values.write('first');
    void values.write('last').then(() => values.close());
    return call;
  };
  const writing = write();
  let dropped = false;
  const all = Promise.all(outcomes).then((errors) => {
    dropped = true;
    return errors;
  });
  for (let n = 0; !dropped && n < 3000; n++) {
    new Array(200_000).fill(n);
    await new Promise((go) => setTimeout(go, 5));
  }
  t.ok(dropped, 'no sink has been collected');
  for (const error of await all) {
    t.ok(error instanceof IpcError && error.code === 'cancelled', String(error));
  }
  await invoke('read_now');
  t.equal(await writing, 2);
});

test('a sink goes with one call only, and first', async (t) => {
  const values = new Sink<number>();
  await t.rejects(values.write(1), 'disconnected');
  const first = invoke('read_one', { values });
  await t.rejects(invoke('read_one', { values }), 'bad_arguments');
  await values.write(1);
  await first;
});
