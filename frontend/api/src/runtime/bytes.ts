/** Bytes a caller may hand over: they travel as base64. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** What goes with a message: JSON, or bytes as octets. */
export type Payload = string | Uint8Array<ArrayBuffer>;

interface NativeBase64 {
  setFromBase64(text: string): { written: number };
  toBase64(): string;
}

export function isBytes(candidate: unknown): candidate is Bytes {
  return candidate instanceof ArrayBuffer || ArrayBuffer.isView(candidate);
}

/** Returns bytes as octets, without copying them. */
export function view(source: Bytes): Uint8Array<ArrayBuffer> {
  // An ArrayBuffer has only the last of the three.
  const {
    buffer = source as ArrayBuffer,
    byteOffset,
    byteLength,
  } = source as ArrayBufferView<ArrayBuffer>;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** `JSON.stringify`, which a minifier can't shorten. */
export const { stringify: json } = JSON;

/** Encodes bytes for the way to Go. */
export function encode(source: Bytes): string {
  const octets = view(source) as Uint8Array & Partial<NativeBase64>;
  if (octets.toBase64) return octets.toBase64();
  let binary = '';
  // A spread of more than about 64 K arguments overflows the stack of older engines.
  for (let at = 0; at < octets.length; at += 0x8000) {
    binary += String.fromCharCode(...octets.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

/** Decodes base64 into `target` from `offset` on and returns where it ended. */
export function decodeInto(target: Uint8Array, offset: number, text: string): number {
  const rest = target.subarray(offset) as Uint8Array & Partial<NativeBase64>;
  if (rest.setFromBase64) return offset + rest.setFromBase64(text).written;
  const binary = atob(text);
  for (let at = 0; at < binary.length; at++) rest[at] = binary.charCodeAt(at);
  return offset + binary.length;
}

/** Decodes one whole base64 text. */
export function decode(text: string): ArrayBuffer {
  const padding = +text.endsWith('=') + +text.endsWith('==');
  const octets = new Uint8Array((text.length / 4) * 3 - padding);
  decodeInto(octets, 0, text);
  return octets.buffer;
}

/** How many values are looked at before a stringifier with a replacer is taken unseen. */
const scanBudget = 10_000;

/**
 * Turns arguments into JSON, with bytes at any depth as base64 strings. A replacer makes
 * JSON.stringify several times slower, so it is used only where bytes may be.
 */
export function stringify(args: unknown): string {
  let budget = scanBudget;
  const mayHoldBytes = (candidate: unknown): boolean => {
    if (typeof candidate !== 'object' || candidate === null) return false;
    // What turns itself into JSON may hold anything, and its own properties are not to be touched.
    if (--budget < 0 || isBytes(candidate) || 'toJSON' in candidate) return true;
    for (const child of Object.values(candidate)) {
      if (typeof child === 'object' && mayHoldBytes(child)) return true;
    }
    return false;
  };
  const text = mayHoldBytes(args)
    ? json(args, (_key, child: unknown) => (isBytes(child) ? encode(child) : child))
    : json(args);
  return text ?? 'null'; // A function, for one, has no JSON.
}
