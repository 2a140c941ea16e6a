/** The operations of a framework in a benchmark, each as its documentation recommends. */
export interface Peer {
  /** Calls a command that returns its argument. */
  echo(value: string): Promise<string>;
  /** The same, for a command that runs on the thread of the window. */
  echoInline?(value: string): Promise<string>;
  /** Calls a command that takes bytes and returns their number. */
  up?(data: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Calls a command that returns a number of bytes. */
  down?(size: number): Promise<ArrayBuffer | Uint8Array>;
  /** Listens for an event of 50 bytes until the function that it resolves to is called. */
  listen?(handler: () => void): Promise<() => void>;
  /** Makes the backend emit that event a number of times, as fast as it can. */
  emit?(count: number): Promise<unknown>;
  /**
   * Takes `count` messages of 50 bytes, or of `size` raw bytes, that the backend streams as fast as
   * it can.
   */
  stream?(count: number, size: number | undefined): Promise<void>;
  /** The row to run, which the harness has passed to the backend. */
  row(): Promise<string>;
  /** Makes the backend print a line for the harness. */
  report(line: string): Promise<unknown>;
  /** Reports that this window is ready to listen, or has heard a round of events. */
  heard?(round: number): Promise<unknown>;
}

/** The result of a row. */
interface Found {
  /** The row's figure, in its unit. */
  value: number;
  /** The page's frame intervals meanwhile, in milliseconds: the median and the 99th percentile. */
  frames: [median: number, high: number];
}

const text = 'x'.repeat(40); // Some 50 bytes with its JSON.
const mebibyte = 1 << 20;

/** Runs `work` for at least a second and returns the seconds per operation. */
async function perOperation(
  first: number,
  work: (operations: number) => Promise<void>,
): Promise<number> {
  await work(Math.max(1, Math.ceil(first / 10))); // Warms up.
  for (let operations = first; ; ) {
    const began = performance.now();
    await work(operations);
    const took = (performance.now() - began) / 1000;
    if (took >= 0.7) return took / operations;
    operations = Math.ceil(operations * Math.min(8, 1 / Math.max(took, 0.01)));
  }
}

async function repeat(operations: number, work: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < operations; n++) await work();
}

/** Listens, starts the emitter, and resolves when a number of events have arrived. */
async function hear(
  listen: NonNullable<Peer['listen']>,
  count: number,
  start: () => Promise<unknown>,
): Promise<void> {
  let heard = 0;
  let all = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const unlisten = await listen(() => {
    if (++heard === count) all();
  });
  await start();
  await done;
  unlisten();
}

/**
 * How many events each of eight windows hears, to warm up and to measure. The backends use the same
 * numbers.
 */
const rounds = [2_000, 20_000];

/** The rows that a page runs, by name. A row that a framework does not support is undefined. */
function rows(peer: Peer): Record<string, (() => Promise<number>) | undefined> {
  const { echo, echoInline, up, down, listen, emit, stream } = peer;
  const events = listen && emit && ((count: number) => hear(listen, count, () => emit(count)));
  const rate = async (first: number, unit: number, work: (n: number) => Promise<void>) =>
    unit / (await perOperation(first, work));
  const one = async (ask: Peer['echo']) =>
    1e6 * (await perOperation(500, (n) => repeat(n, () => ask(text))));
  const bytes = (size: number) =>
    stream && (() => rate(Math.ceil((8 * mebibyte) / size), size / 1e6, (n) => stream(n, size)));
  return {
    idle: async () => {
      await new Promise((go) => setTimeout(go, 2000));
      return 0;
    },
    'invoke-one': () => one(echo),
    'invoke-inline': echoInline && (() => one(echoInline)),
    'invoke-many': () =>
      rate(1, 10_000, (n) =>
        repeat(n, () => Promise.all(Array.from({ length: 10_000 }, () => echo(text)))),
      ),
    'echo-1MiB': async () => {
      const large = text.repeat(mebibyte / text.length);
      return 1e3 * (await perOperation(5, (n) => repeat(n, () => echo(large))));
    },
    'bytes-up':
      up && (() => rate(5, mebibyte / 1e6, (n) => repeat(n, () => up(new Uint8Array(mebibyte))))),
    'bytes-down': down && (() => rate(5, mebibyte / 1e6, (n) => repeat(n, () => down(mebibyte)))),
    events: events && (() => rate(20_000, 1, events)),
    'channel-50B': stream && (() => rate(50_000, 1, (n) => stream(n, undefined))),
    'channel-4KiB': bytes(4 << 10),
    'channel-64KiB': bytes(64 << 10),
    'channel-1MiB': bytes(mebibyte),
  };
}

/** Records the page's frame intervals until it is stopped. */
function watchFrames(): () => [number, number] {
  const intervals: number[] = [];
  let last = 0;
  let watching = true;
  const frame = (now: number): void => {
    if (last) intervals.push(now - last);
    last = now;
    if (watching) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return () => {
    watching = false;
    intervals.sort((a, b) => a - b);
    const at = (q: number) => intervals[Math.floor(q * (intervals.length - 1))] ?? 0;
    return [at(0.5), at(0.99)];
  };
}

/** Runs the row that the harness has asked for and reports the result. */
export async function run(peer: Peer): Promise<void> {
  const row = await peer.row();
  if (row === 'events-8') {
    const { heard, listen } = peer;
    if (!heard || !listen) return void (await peer.report('none'));
    for (const [round, count] of rounds.entries()) await hear(listen, count, () => heard(round));
    await heard(rounds.length);
    return;
  }
  await peer.report('ready');
  if (row === 'start') return;
  const work = rows(peer)[row];
  if (!work) return void (await peer.report('none'));
  try {
    const stop = watchFrames();
    const found: Found = { value: await work(), frames: stop() };
    await peer.report(JSON.stringify(found));
  } catch (error) {
    await peer.report(`failed: ${error}`);
  }
}
