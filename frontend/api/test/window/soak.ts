// The pages of internal/soak.
import { Channel, invoke, Sink } from '../../src/core.js';

/** A running hash over 32-bit words, by the steps of FNV-1a. Go's half is internal/soak/hash.go. */
function mix(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193);
}

const start = 0x811c9dc5 | 0;

export interface Seen {
  messages: number;
  hash: number;
  wrong: number;
}

/** Reads buffers whose first word is their number, and hashes all words. */
export async function takeBytes(count: number, size: number): Promise<Seen> {
  const seen: Seen = { messages: 0, hash: start, wrong: 0 };
  const out = new Channel<ArrayBuffer>((buffer) => {
    const words = new Uint32Array(buffer);
    if (words[0] !== seen.messages++ % 2 ** 32) seen.wrong++;
    let { hash } = seen;
    for (const word of words) hash = mix(hash, word);
    seen.hash = hash;
  });
  await invoke('bytes', { out, count, size });
  await out.closed;
  return { ...seen, hash: seen.hash >>> 0 };
}

/** Reads small numbered values, and hashes their numbers and texts. */
export async function takeValues(count: number): Promise<Seen> {
  const seen: Seen = { messages: 0, hash: start, wrong: 0 };
  const out = new Channel<{ n: number; text: string }>(({ n, text }) => {
    if (n !== seen.messages++) seen.wrong++;
    let hash = mix(seen.hash, n);
    for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at));
    seen.hash = hash;
  });
  await invoke('values', { out, count });
  await out.closed;
  return { ...seen, hash: seen.hash >>> 0 };
}

const unread: Disposable[] = [];

/**
 * Opens streams that are never read: one with a handler that never ends, and some without a
 * handler.
 */
export function takeNothing(): void {
  for (const handler of [() => new Promise<never>(() => undefined), undefined]) {
    // A handler would keep them alive, and dropAll drops them.
    const bytes = new Channel<ArrayBuffer>(handler, { keepAlive: false });
    const values = new Channel<string>(handler, { keepAlive: false });
    unread.push(bytes, values);
    void invoke('endless', { bytes, values });
  }
}

/** Closes the streams of {@link takeNothing} and returns the time, in milliseconds since 1970. */
export function closeAll(): number {
  const now = Date.now();
  for (const channel of unread.splice(0)) channel[Symbol.dispose]();
  return now;
}

/** Drops the streams, and produces garbage from then on. */
export function dropAll(): void {
  unread.length = 0;
  setInterval(() => new Array(200_000).fill(0), 2);
}

/**
 * Opens streams at once. The first one's handler takes a number of milliseconds if that is not 0.
 */
export async function race(streams: number, slow: number, millis: number): Promise<number[]> {
  const counts = new Array<number>(streams).fill(0);
  const outs = counts.map(
    (_, at) =>
      new Channel<number>(() => {
        (counts[at] as number)++;
        if (at === 0 && slow > 0) return new Promise((go) => setTimeout(go, slow));
        return undefined;
      }),
  );
  await invoke('race', { outs, millis });
  const result = [...counts];
  for (const out of outs) out.close();
  return result;
}

/**
 * Measures the intervals between animation frames, in milliseconds, with or without a streaming
 * command.
 */
export async function frames(
  what: 'nothing' | 'bytes' | 'values',
  count: number,
): Promise<number[]> {
  const out = new Channel<unknown>();
  let messages = 0;
  out.onmessage = () => {
    messages++;
  };
  const call = what === 'nothing' ? undefined : invoke(`flat_out_${what}`, { out });
  const frame = (): Promise<number> => new Promise((go) => requestAnimationFrame(go));
  for (let n = 0; n < 10; n++) await frame();
  const intervals: number[] = [];
  let last = await frame();
  while (intervals.length < count) {
    const now = await frame();
    intervals.push(now - last);
    last = now;
  }
  out.close();
  await call;
  if (what !== 'nothing' && messages === 0) throw new Error('nothing came');
  return intervals;
}

/**
 * Streams a Blob to Go a number of times and returns Go's digests. Each byte of its n-th MiB is n.
 */
export async function upload(mebibytes: number, times: number): Promise<string[]> {
  const chunk = new Uint8Array(1 << 20);
  const parts: Blob[] = [];
  for (let n = 0; n < mebibytes; n++) parts.push(new Blob([chunk.fill(n)]));
  const blob = new Blob(parts);
  // The Blob is copied to another process. It is complete when its end can be read.
  await blob.slice(-1).arrayBuffer();
  await invoke('uploading');
  const digests: string[] = [];
  for (let n = 0; n < times; n++) {
    const data = new Sink<Uint8Array>();
    const digest = invoke<string>('hash_upload', { data });
    await data.pipe(blob);
    digests.push(await digest);
  }
  return digests;
}
