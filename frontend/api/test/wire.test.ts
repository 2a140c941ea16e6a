/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../src/error.js';
import type { Inbound, Outbound } from '../src/wire.js';

function read(path: string): string {
  return readFileSync(new URL(`../../../internal/wire/${path}`, import.meta.url), 'utf8');
}

interface InboundRow {
  name: string;
  header: Inbound;
  line: string;
}

interface OutboundRow {
  name: string;
  message: Outbound;
  blob?: string;
  does: {
    resolves?: unknown;
    rejects?: Failure;
    receives?: unknown;
    ends?: Failure | null;
    sends?: Inbound;
  };
}

const inbound = JSON.parse(read('testdata/wire/inbound.json')) as InboundRow[];
const outbound = JSON.parse(read('testdata/wire/outbound.json')) as OutboundRow[];

const key = '0'.repeat(32);

/** A document with the bundled runtime in it, as Go embeds it. */
function open() {
  const posted: string[] = [];
  const scope = createContext({
    webkit: {
      messageHandlers: { casement: { postMessage: (text: string) => posted.push(text) } },
    },
    location: { origin: 'app://localhost', href: 'app://localhost/' },
    addEventListener: () => undefined,
    queueMicrotask,
    crypto,
    console,
    atob,
    btoa,
    log: [] as [what: string, json: string | undefined][],
  });
  const config = { key, origin: 'app://localhost', label: 'main', maxMessage: 1_000_000 };
  runInContext(`(config=>{${read('runtime.js')}})(${JSON.stringify(config)})`, scope);
  runInContext(
    `const note = (what) => (v) => {
       const octets = v instanceof ArrayBuffer ? { bytes: [...new Uint8Array(v)] } : v;
       log.push([what, JSON.stringify(octets ?? null)]);
     };
     const failure = ({ code, message, details }) => ({ code, message, details });
     var one = __ipc.channel(note('receives'));
     __ipc.invoke('x', { one }).then(note('resolves'), (e) => note('rejects')(failure(e)));
     one.closed.then(() => note('ends')(null), (e) => note('ends')(failure(e)));`,
    scope,
  );
  const [head = ''] = posted;
  const page = head.split('\n', 1)[0]?.split(' ')[1] ?? '';
  return {
    posted,
    run: (script: string): unknown => runInContext(script, scope),
    log: scope['log'] as [string, string][],
    page,
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('what the page sends', () => {
  test.each(inbound)('$name', ({ header, line }) => {
    expect(JSON.stringify(header)).toBe(line);
  });

  test('begins with the key and the page, and comes in batches', async () => {
    const { posted, page } = open();
    await tick();
    expect(page).toMatch(/^[0-9a-f]{16}$/);
    expect(posted[0]).toBe(`${key} ${page}\n{"kind":"hello"}\n\n`);
    expect(posted[1]).toMatch(
      new RegExp(
        `^${key} ${page}\n\\{"kind":"call","id":1,"command":"x".*\\}\n\\{"one":"__CHANNEL__:1"\\}\n$`,
      ),
    );
  });
});

describe('what Go sends', () => {
  test.each(outbound)('$name', async ({ message, blob, does }) => {
    const { posted, run, log, page } = open();
    await tick();
    const before = posted.length;
    const args = [page, JSON.stringify([message]), ...(blob === undefined ? [] : [blob])];
    run(`__ipc.dispatch(${JSON.stringify(args)})`);
    await tick();
    const { sends, ...noted } = does;
    expect(log).toHaveLength(Object.keys(noted).length);
    expect(Object.fromEntries(log.map(([what, json]) => [what, JSON.parse(json)]))).toEqual(noted);
    const lines = posted.slice(before).flatMap((text) => text.split('\n').slice(1));
    expect(lines.filter((line) => line !== '')).toEqual(sends ? [JSON.stringify(sends)] : []);
  });

  test('a message for another page does nothing', async () => {
    const { posted, run, log } = open();
    await tick();
    const before = posted.length;
    for (const { message } of outbound) {
      run(`__ipc.dispatch(['0123456789abcdef', ${JSON.stringify(JSON.stringify([message]))}, ''])`);
    }
    run(`__ipc.ack(['0123456789abcdef', 1]); __ipc.part(['0123456789abcdef', 0, 'x']);`);
    run(`__ipc.evaluate(['0123456789abcdef', 1, () => log.push(['evaluated'])]);`);
    await tick();
    expect(log).toEqual([]);
    expect(posted.length).toBe(before);
  });
});
