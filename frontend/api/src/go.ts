/**
 * What some types of Go's are in JSON. Generated bindings use these names.
 *
 * @module
 */
import type { Octets, Sink } from './core.js';

/** Anything that has JSON: an `any` in Go, or a `json.RawMessage`. */
export type Json = NonNullable<unknown> | null;

/**
 * A `time.Time`, as RFC 3339 has it, such as `2026-03-01T12:00:00.123456789Z`. `new Date(time)` takes it, to
 * the millisecond, and `toISOString` makes one. Go's zero time is in the year 1.
 */
export type Time = string;

/** A `time.Duration`: nanoseconds. */
export type Duration = number;

/** A `[]byte` from Go, among other things: base64. One that stands alone is an `ArrayBuffer` instead. */
export type Base64 = string;

/** A `[]byte` for Go, among other things: bytes, or base64. */
export type Bytes = ArrayBuffer | ArrayBufferView | Base64;

/**
 * An integer with the option `string` in its tag: all its digits, where a number would have no more than 53
 * bits. `BigInt(text)` reads it, and `` `${n}` `` of a bigint makes one.
 */
export type IntegerString = `${bigint}`;

/** A float with the option `string` in its tag. */
export type NumberString = `${number}`;

/** A bool with the option `string` in its tag. */
export type BooleanString = `${boolean}`;

/** A sink of bytes, for a `channels.Receiver[[]byte]`. */
export type ByteSink = Sink<ArrayBuffer> | Sink<Uint8Array> | Sink<Octets>;
