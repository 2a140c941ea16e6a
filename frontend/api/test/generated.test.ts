import { afterEach, expect, expectTypeOf, test, vi } from 'vitest';
import { Channel, Sink } from '../src/core.js';
import {
  commands,
  type EmbeddedInput,
  type EverythingBlobInput,
  events,
  type Lists,
  Mode,
  type Optional,
  type OptionalInput,
  type Plain,
  type Progress,
  type Quoted,
  type Streams,
  Suit,
} from './generated/everything.gen.js';

afterEach(() => vi.unstubAllGlobals());

test('a generated function calls its command with its arguments and options', async () => {
  const invoke = vi.fn(() => Promise.resolve(null));
  vi.stubGlobal('__ipc', { invoke });
  const options = { headers: { a: 'b' } };
  await commands.takeBool({ value: true }, options);
  expect(invoke).toHaveBeenLastCalledWith('take_bool', { value: true }, options);
  await commands.giveBool(options);
  expect(invoke).toHaveBeenLastCalledWith('give_bool', {}, options);
  const data = new Uint8Array(2);
  await commands.takeBytes(data);
  expect(invoke).toHaveBeenLastCalledWith('take-bytes', data, undefined);
  await commands.optionalArguments();
  expect(invoke).toHaveBeenLastCalledWith('optional_arguments', {}, undefined);
  await commands.oddNamesOfURLs({ value: 1 });
  expect(invoke).toHaveBeenLastCalledWith('odd/names.of|URLs', { value: 1 }, undefined);
});

test('names in Go are values here', () => {
  expect(Suit.Hearts).toBe('hearts');
  expect(Mode.Read | Mode.Run).toBe(5);
});

// The code below never runs. The test is whether it compiles.

/** Fails to compile if a variant is missing. */
function assertNever(left: never): never {
  throw new Error(String(left));
}

export function arguments_(plain: Plain, channel: Channel<Progress>): void {
  void commands.takeBool({ value: true });
  // @ts-expect-error -- an argument of another type
  void commands.takeBool({ value: 1 });
  // @ts-expect-error -- an argument is missing
  void commands.takeBool({});
  // @ts-expect-error -- all arguments are missing
  void commands.takeBool();
  // @ts-expect-error -- there is no such argument
  void commands.takeBool({ value: true, more: 1 });
  // @ts-expect-error -- there is no such command
  void commands.takeBools({ value: true });
  // @ts-expect-error -- undefined is not in JSON
  void commands.takeAny({ value: undefined });
  void commands.takeAny({ value: plain });
  void commands.takePlain({ value: { ...plain, '-': 1 } });
  // @ts-expect-error -- a number is no bigint
  void commands.takePlain({ value: { ...plain, int64: 1n } });
  // @ts-expect-error -- what takes nothing takes options only
  void commands.nothing({ value: 1 });
  // @ts-expect-error -- bytes, and no object
  void commands.takeBytes({ value: 1 });
  void commands.freeForm({ a: [channel] });
}

export function results(): void {
  expectTypeOf(commands.giveBytes).returns.resolves.toEqualTypeOf<ArrayBuffer>();
  expectTypeOf(commands.nothing).returns.resolves.toEqualTypeOf<void>();
  expectTypeOf(commands.givePointer).returns.resolves.toEqualTypeOf<{
    X: number;
    Y: number;
  } | null>();
  expectTypeOf(commands.giveAny).returns.resolves.toEqualTypeOf<unknown>();
  // @ts-expect-error -- a result of another type
  void commands.giveBool().then((value: string) => value);
  // @ts-expect-error -- a nil slice is null
  void commands.givePoints().then((points) => points.length);
}

export function directions(out: Optional, input: OptionalInput, lists: Lists): void {
  void commands.takeOptional({ value: out });
  expectTypeOf(out.pointer).toEqualTypeOf<number | null>();
  expectTypeOf(input.pointer).toEqualTypeOf<number | null | undefined>();
  expectTypeOf(out.sliceEmpty).toEqualTypeOf<string[] | undefined>();
  expectTypeOf(lists.bytes).toEqualTypeOf<string | null>();
  expectTypeOf<EverythingBlobInput>().toEqualTypeOf<ArrayBuffer | ArrayBufferView | string>();
  expectTypeOf<EmbeddedInput['note']>().toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- what may be left out here does arrive
  const arrived: Optional = { ...input };
  void arrived;
}

export function integers(quoted: Quoted): void {
  expectTypeOf(BigInt(quoted.int64)).toEqualTypeOf<bigint>();
  void commands.takeQuoted({ value: { ...quoted, int64: `${2n ** 60n}`, bool: 'true' } });
  // @ts-expect-error -- a number would be rounded
  void commands.takeQuoted({ value: { ...quoted, int64: 5 } });
  // @ts-expect-error -- no integer
  void commands.takeQuoted({ value: { ...quoted, int64: 'five' } });
}

export function enumerations(): void {
  expectTypeOf<Suit>().toEqualTypeOf<'clubs' | 'diamonds' | 'hearts' | 'spades'>();
  void events.suitChanged.emit(Suit.Clubs);
  // @ts-expect-error -- there is no such suit
  void events.suitChanged.emit('stars');
}

export function unions(message: Progress): number | string {
  switch (message.event) {
    case 'started':
      return message.data.total;
    case 'moved':
      return message.data.by ?? 0;
    case 'stopped':
      return 0;
    case 'na"med\'':
      return message.data;
    default:
      return assertNever(message);
  }
}

export function unhandled(message: Progress): number {
  switch (message.event) {
    case 'started':
      // @ts-expect-error -- that is in another variant
      return message.data.by;
    case 'moved':
      return message.data.by ?? 0;
    case 'stopped':
      return 0;
    // @ts-expect-error -- there is no such variant
    case 'halted':
      return 1;
    default:
      // @ts-expect-error -- a variant is not handled
      return assertNever(message);
  }
}

export function streams(given: Streams): void {
  const upload = new Sink<Uint8Array>();
  void commands.streams({ ...given, upload });
  void commands.streams({ ...given, upload: new Sink<ArrayBuffer>() });
  void commands.streams({ ...given, maybe: null });
  void commands.streams({ ...given, progress: new Channel((message) => message.event) });
  // @ts-expect-error -- a channel of something else
  void commands.streams({ ...given, lines: new Channel<number>() });
  // @ts-expect-error -- a channel where a sink is wanted
  void commands.streams({ ...given, input: given.lines });
  // @ts-expect-error -- a sink of something else
  void commands.streams({ ...given, input: new Sink<string>() });
  // @ts-expect-error -- no bytes
  void commands.streams({ ...given, upload: new Sink<string>() });
  void given.input.write({ text: '', tags: null });
  // @ts-expect-error -- a value of another type
  void given.input.write({ text: 1, tags: null });
}

export function payloads(input: OptionalInput): void {
  void events.plainChanged.listen(({ payload }) => expectTypeOf(payload).toEqualTypeOf<Plain>());
  void events.optionalChanged.listen(({ payload }) =>
    expectTypeOf(payload).toEqualTypeOf<Optional>(),
  );
  void events.optionalChanged.emit(input);
  void events.ready.emit();
  // @ts-expect-error -- a payload of another type
  void events.plainChanged.listen(({ payload }: { payload: string }) => payload);
  // @ts-expect-error -- a payload of another type
  void events.plainChanged.emitTo('main', 'plain');
  // @ts-expect-error -- there is no payload
  void events.ready.emit(1);
  // @ts-expect-error -- there is no such event
  void events.optionalChange.emit(input);
}
