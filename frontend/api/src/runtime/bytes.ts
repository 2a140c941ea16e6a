import {
  apply,
  charCodeAt,
  isBuffer,
  isView,
  json,
  newBuffer,
  octetsOf,
  slice,
  valuesOf,
} from './intrinsics.js';

/** Bytes that a page may pass. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** The body of a message: JSON, or bytes. */
export type Payload = string | Uint8Array<ArrayBuffer>;

interface NativeBase64 {
  setFromBase64(text: string): { written: number };
  toBase64(): string;
}

export function isBytes(candidate: unknown): candidate is Bytes {
  return isView(candidate) || isBuffer(candidate);
}

/** Returns bytes as a `Uint8Array`, without a copy. */
export function view(source: Bytes): Uint8Array<ArrayBuffer> {
  if (!isView(source)) return octetsOf(source);
  return octetsOf(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength);
}

const { toBase64, setFromBase64 } = Uint8Array.prototype as Partial<NativeBase64>;
const { fromCharCode } = String;
const { subarray } = Uint8Array.prototype;
const { atob, btoa } = globalThis;

/** Encodes bytes as base64. */
export function encode(source: Bytes): string {
  const octets = view(source);
  if (toBase64) return apply(toBase64, octets, []);
  let binary = '';
  // A call with more than about 64 K arguments overflows the stack of older engines.
  for (let at = 0; at < octets.length; at += 0x8000) {
    binary += apply(fromCharCode, undefined, apply(subarray, octets, [at, at + 0x8000]) as never);
  }
  return btoa(binary);
}

/** Decodes base64 into `target` at `offset` and returns the offset of its end. */
export function decodeInto(target: ArrayBuffer, offset: number, text: string): number {
  const rest = octetsOf(target, offset);
  if (setFromBase64) return offset + apply(setFromBase64, rest, [text]).written;
  const binary = atob(text);
  for (let at = 0; at < binary.length; at++) rest[at] = charCodeAt(binary, at);
  return offset + binary.length;
}

/** Decodes a base64 text. */
export function decode(text: string): ArrayBuffer {
  const padding = +(slice(text, -1) === '=') + +(slice(text, -2) === '==');
  const buffer = newBuffer((text.length / 4) * 3 - padding);
  decodeInto(buffer, 0, text);
  return buffer;
}

/**
 * Returns the size of a text in bytes of UTF-8, or an upper bound if that is no more than `enough`.
 * A unit of UTF-16 takes at most three bytes.
 */
export function sizeOf(text: string, enough: number): number {
  if (3 * text.length <= enough) return 3 * text.length;
  let size = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each unit of a surrogate pair takes two bytes.
    if (unit > 0x7f) size += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return size;
}

/** How many values `stringify` examines before it uses a replacer without looking further. */
const scanBudget = 10_000;

/**
 * Returns arguments as JSON, with bytes at any depth as base64. A replacer makes JSON.stringify
 * several times slower, so `stringify` uses one only if there may be bytes.
 */
export function stringify(args: unknown): string {
  let budget = scanBudget;
  const mayHoldBytes = (candidate: unknown): boolean => {
    if (typeof candidate !== 'object' || candidate === null) return false;
    // An object with a toJSON may hold anything, and reading its properties may have effects.
    if (--budget < 0 || isBytes(candidate) || 'toJSON' in candidate) return true;
    const children = valuesOf(candidate);
    for (let at = 0; at < children.length; at++) {
      const child = children[at];
      if (typeof child === 'object' && mayHoldBytes(child)) return true;
    }
    return false;
  };
  const text = mayHoldBytes(args)
    ? json(args, (_key, child: unknown) => (isBytes(child) ? encode(child) : child))
    : json(args);
  return text ?? 'null'; // A function has no JSON.
}
