// Random values of every type that the generator understands, from Go to the page and back. Go
// compares.
import { Channel, Sink } from '../../src/core.js';
import {
  commands,
  events,
  type Line,
  type Optional,
  type OptionalInput,
  type Plain,
  type Progress,
} from '../generated/everything.gen.js';
import { test } from './harness.js';

export { names, run } from './harness.js';

const rounds = 40;

/** Declares a test that sends random values from Go to the page and back. */
function carry<T>(
  name: string,
  give: () => Promise<T>,
  take: (args: { value: T }) => Promise<void>,
): void {
  test(name, async () => {
    for (let round = 0; round < rounds; round++) await take({ value: await give() });
  });
}

carry('bool', commands.giveBool, commands.takeBool);
carry('basic types', commands.givePlain, commands.takePlain);
carry('what may be missing', commands.giveOptional, commands.takeOptional);
carry('slices, arrays, maps and bytes', commands.giveLists, commands.takeLists);
carry('enumerations', commands.giveEnums, commands.takeEnums);
carry('numbers in strings', commands.giveQuoted, commands.takeQuoted);
carry('types with JSON of their own', commands.giveSpecial, commands.takeSpecial);
carry('embedded structs', commands.giveEmbedded, commands.takeEmbedded);
carry('an embedded field with a tag', commands.giveTagged, commands.takeTagged);
carry('instances of generic types', commands.giveGenerics, commands.takeGenerics);
carry('trees', commands.giveTree, commands.takeTree);
carry('nested slices', commands.giveNest, commands.takeNest);
carry('nested maps', commands.giveIndex, commands.takeIndex);
carry('namesakes', commands.giveSettings, commands.takeSettings);
carry('empty structs', commands.giveHolder, commands.takeHolder);
carry('names with signs', commands.giveCommented, commands.takeCommented);
carry('a slice', commands.givePoints, commands.takePoints);
carry('a pointer', commands.givePointer, commands.takePointer);
carry('named bytes', commands.giveBlob, commands.takeBlob);

test('anything', async () => {
  for (let round = 0; round < rounds; round++) {
    await commands.takeAny({ value: (await commands.giveAny()) as never });
  }
});

test('bytes', async () => {
  for (let round = 0; round < rounds; round++) {
    const data = await commands.giveBytes();
    await commands.takeBytes(round % 2 === 0 ? data : new Uint8Array(data));
  }
});

function octetsOf(text: string | null | undefined): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text ?? ''), (octet) => octet.charCodeAt(0));
}

test('bytes in the arguments', async (t) => {
  for (let round = 0; round < rounds; round++) {
    const text = await commands.giveBlob();
    await commands.takeBlob({ value: text === null ? null : octetsOf(text) });
  }
  const given = await commands.giveOptional();
  const longer = new Uint8Array([...octetsOf(given.bytesEmpty), 1]);
  const value = { ...given, bytesEmpty: longer.buffer };
  await t.rejects(commands.takeOptional({ value }), 'failed'); // Go compares it with its own.
});

test('other forms of arguments and results', async (t) => {
  t.equal(await commands.anonymous({ from: 7 }), { To: 7 });
  t.equal(await commands.oddNamesOfURLs({ value: 1 }), { value: 1 });
  t.equal(await commands.byKey({ a: 1 }), { a: 1 });
  t.equal(await commands.byKey(), {});
  t.equal(await commands.byPointer({ X: 1, Y: 2 }), {});
  t.equal(await commands.freeForm({ a: [1] }), { a: [1] });
  await commands.nothing();
  await commands.optionalArguments();
  await commands.optionalArguments({ limit: null, log: new Channel<Line>() });
});

test('a call can be cancelled', async (t) => {
  const options = { signal: AbortSignal.abort() };
  await t.rejects(commands.nothing(options), 'cancelled');
  await t.rejects(commands.takePlain({ value: await commands.givePlain() }, options), 'cancelled');
});

test('streams', async (t) => {
  for (let round = 0; round < rounds; round++) {
    const progress: Progress[] = [];
    const alone: Progress[] = [];
    const input = new Sink<Line>();
    const upload = new Sink<ArrayBuffer>();
    let ticks = 0;
    await commands.streams({
      progress: new Channel((message) => progress.push(message)),
      alone: new Channel((message) => alone.push(message)),
      lines: new Channel(async (line) => {
        await input.write(line);
        input.close();
      }),
      bytes: new Channel(async (data) => {
        t.ok(data instanceof ArrayBuffer, 'bytes are no ArrayBuffer');
        await upload.write(data);
        upload.close();
      }),
      ticks: new Channel((tick) => {
        t.equal(tick, null);
        ticks++;
      }),
      many: { a: new Channel<number>(), b: new Channel<number>() },
      input,
      upload,
    });
    t.equal(ticks, 1, 'ticks');
    t.equal(alone, progress.slice(0, 1), 'what is sent alone');
    const [started, ...others] = progress;
    t.equal(started?.event, 'started');
    t.equal(others, [
      { event: 'moved', data: { by: null } },
      { event: 'stopped', data: {} },
      { event: `na"med'`, data: 'x' },
    ]);
  }
});

test('events', async (t) => {
  const plain: Plain[] = [];
  const optional: Optional[] = [];
  const ready: null[] = [];
  const unlisten = await Promise.all([
    events.plainChanged.listen(({ payload }) => plain.push(payload)),
    events.optionalChanged.listen(({ payload }) => optional.push(payload)),
    events.ready.once(({ payload }) => ready.push(payload)),
  ]);
  for (let round = 0; round < rounds; round++) {
    const sent = await commands.givePlain();
    await events.plainChanged.emit(sent);
    t.equal(plain.pop(), sent);
    const given: OptionalInput = await commands.giveOptional();
    await events.optionalChanged.emitTo('main', given);
    t.equal(optional.pop(), given);
    await events.ready.emit();
  }
  t.equal(ready, [null]);
  for (const end of unlisten) end();
});
