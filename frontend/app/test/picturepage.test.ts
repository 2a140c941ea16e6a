import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import HTML from '../picture.html?raw';
import type { Gauge } from '../src/bindings.gen.js';
import { NOTHING } from '../src/flow.js';
import { get, show } from './page.js';
import { FakeRuntime } from './runtime.js';

const WIDTH = 704;
const HEIGHT = 384;

let go: FakeRuntime;
let onTile: ((message: ArrayBuffer) => unknown) | null;
let onGauge: (gauge: Gauge) => void;
let end: (reason: unknown) => void;
let put: Uint8ClampedArray[];

class FakeImageData {
  readonly width: number;
  readonly data: Uint8ClampedArray;
  constructor(width: number, height: number) {
    this.width = width;
    this.data = new Uint8ClampedArray(width * height * 4);
  }
}

/** half returns the upper or the lower half of a frame, filled with one value. */
function half(frame: number, part: 0 | 1, value: number): ArrayBuffer {
  const height = HEIGHT / 2;
  const message = new ArrayBuffer(20 + WIDTH * height * 4);
  const header = new Uint32Array(message, 0, 5);
  header.set([frame, 0, part * height, WIDTH, height]);
  new Uint8Array(message, 20).fill(value);
  return message;
}

async function open(): Promise<(message: ArrayBuffer) => unknown> {
  void import('../src/picturemain.js');
  return await vi.waitFor(() => {
    if (onTile === null) {
      throw new Error('no picture was asked for');
    }
    return onTile;
  });
}

beforeEach(() => {
  vi.resetModules();
  onTile = null;
  put = [];
  go = new FakeRuntime('picture');
  show(HTML);
  vi.stubGlobal('ImageData', FakeImageData);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({
    putImageData: ({ data }: FakeImageData) => put.push(data.slice()),
  } as unknown as null);
  go.commands['draw_picture'] = (args) => {
    expect([args['width'], args['height']]).toEqual([WIDTH, HEIGHT]);
    onTile = (args['onTile'] as { onmessage: typeof onTile }).onmessage;
    onGauge = (args['onGauge'] as { onmessage: typeof onGauge }).onmessage;
    return new Promise((_, reject) => {
      end = reject;
    });
  };
  Object.assign(globalThis, {
    __ipc: {
      label: go.label,
      listen: go.listen,
      emit: go.emit,
      invoke: go.invoke,
      channel: (onmessage: unknown) => ({ onmessage, close: () => undefined }),
      sink: () => ({ id: 1, end: () => undefined }),
    },
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  Reflect.deleteProperty(globalThis, '__ipc');
});

test('shows a complete frame, and consumes the next after a screen refresh', async () => {
  const take = await open();
  expect(take(half(1, 1, 20))).toBeUndefined();
  expect(put).toEqual([]);
  const shown = take(half(1, 0, 10));
  expect(shown).toBeInstanceOf(Promise);
  expect(put).toHaveLength(1);
  const [pixels] = put;
  expect([pixels?.at(0), pixels?.at(-1)]).toEqual([10, 20]);
  expect(document.body.dataset['state']).toBe('live');
  await shown;
});

test('consumes nothing while it is paused, and shows that Go waits', async () => {
  const take = await open();
  await vi.waitFor(() => expect(get<HTMLButtonElement>('pause').disabled).toBe(false));
  get('pause').click();
  const waiting = take(half(1, 0, 1));
  expect(waiting).toBeInstanceOf(Promise);
  onGauge({ ...NOTHING, frames: 3, messages: 30, bytes: 2 << 20, held: true });
  await vi.waitFor(() => expect(document.body.dataset['pace']).toBe('held'));
  expect(get('made').textContent).toBe('frame 3');
  expect(get<HTMLDataElement>('made').value).toBe('3');
  expect(get('messages').textContent).toBe('0 total');
  get('pause').click();
  await waiting;
  await vi.waitFor(() => expect(get('messages').textContent).toBe('1 total'));
});

test('shows an error', async () => {
  await open();
  end(new Error('no more'));
  await vi.waitFor(() => expect(get('problem').hidden).toBe(false));
  expect(get('problem').textContent).toBe('no more');
  expect(get<HTMLButtonElement>('pause').disabled).toBe(true);
});

test('shows a notice in a browser', async () => {
  Reflect.deleteProperty(globalThis, '__ipc');
  await import('../src/picturemain.js');
  expect(get('notice').hidden).toBe(false);
});

test('has no inline script or style, which a strict policy refuses', () => {
  expect(HTML).not.toMatch(/<style|style=|\son[a-z]+=|<script(?![^>]*\ssrc=)/);
});
