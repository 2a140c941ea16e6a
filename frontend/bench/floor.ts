import { run } from './peer.js';

declare const webkit: {
  messageHandlers: { floor: { postMessage(message: string): void } };
};
const post = (message: string): void => webkit.messageHandlers.floor.postMessage(message);

type Base64 = typeof Uint8Array & {
  fromBase64(text: string): Uint8Array<ArrayBuffer>;
};
const { fromBase64 } = Uint8Array as Base64;

/** The pending calls, by number. */
const pending = new Map<number, (answer: unknown) => void>();
let last = 0;
let came = 0;
let event: (() => void) | undefined;

function ask<T>(verb: string, rest: string | number): Promise<T> {
  const id = ++last;
  return new Promise((resolve) => {
    pending.set(id, resolve as (answer: unknown) => void);
    post(`${verb}${id} ${rest}`);
  });
}

function done([id, answer]: [id: number, answer?: unknown]): void {
  pending.get(id)?.(answer);
  pending.delete(id);
}

/** The function that the scripts of internal/bench/floor call. */
Object.assign(globalThis, {
  done,
  bytesDone: ([id, text]: [number, string]) => done([id, fromBase64.call(Uint8Array, text).buffer]),
  values([json]: [string]): void {
    for (const value of JSON.parse(json) as unknown[]) {
      if (value !== undefined) came++;
    }
  },
  bytes(texts: string[]): void {
    for (const text of texts)
      came += fromBase64.call(Uint8Array, text).buffer.byteLength > 0 ? 1 : 0;
  },
  events([json]: [string]): void {
    for (const _ of JSON.parse(json) as unknown[]) event?.();
  },
  ack: () => post('a'),
});

const echo = (value: string): Promise<string> => ask('echo ', value);

void run({
  echo,
  echoInline: echo,
  up: (data) => ask('up ', (data as Uint8Array & { toBase64(): string }).toBase64()),
  down: (size) => ask('down ', size),
  listen(handler) {
    event = handler;
    return Promise.resolve(() => undefined);
  },
  emit: (count) => ask('emit ', count),
  async stream(count, size) {
    came = 0;
    await ask('stream ', `${count} ${size ?? 0}`);
    if (came !== count) throw new Error(`${came} of ${count} messages came`);
  },
  row: () => ask('row ', ''),
  report: (line) => ask('report ', line),
});
