/**
 * The JSON forms of some Go types. Generated bindings use these names.
 *
 * @module
 */
import type { Octets, Sink } from './core.js';

/** Any JSON value: an `any` in Go, or a `json.RawMessage`. */
export type Json = NonNullable<unknown> | null;

/**
 * A `time.Time` in the format of RFC 3339, such as `2026-03-01T12:00:00.123456789Z`. `new
 * Date(time)` reads it to the millisecond, and `toISOString` writes one. Go's zero time is in the
 * year 1.
 */
export type Time = string;

/** A `time.Duration`, in nanoseconds. */
export type Duration = number;

/**
 * A `[]byte` inside a value from Go, in base64. A `[]byte` as a whole result or message is an
 * `ArrayBuffer`.
 */
export type Base64 = string;

/** A `[]byte` inside arguments for Go: bytes, or their base64. */
export type Bytes = ArrayBuffer | ArrayBufferView | Base64;

/**
 * An integer with the option `string` in its tag. It keeps all digits, where a number has only 53
 * bits. `BigInt(text)` reads it, and `` `${n}` `` of a bigint writes one.
 */
export type IntegerString = `${bigint}`;

/** A float with the option `string` in its tag. */
export type NumberString = `${number}`;

/** A bool with the option `string` in its tag. */
export type BooleanString = `${boolean}`;

/** A sink of bytes, for a `channels.Receiver[[]byte]` in Go. */
export type ByteSink = Sink<ArrayBuffer> | Sink<Uint8Array> | Sink<Octets>;
