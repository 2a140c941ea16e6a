import { expect, test } from 'vitest';
import { covering } from '../src/covering.js';
import { Mosaic, readTile, type Tile } from '../src/tile.js';

/** message returns a tile as Go sends it. */
function message(
  [frame, x, y, width, height]: [number, number, number, number, number],
  bytes = width * height * 4,
): ArrayBuffer {
  const data = new ArrayBuffer(20 + bytes);
  for (const [i, value] of [frame, x, y, width, height].entries()) {
    new DataView(data).setUint32(i * 4, value, true);
  }
  new Uint8Array(data, 20).fill(9);
  return data;
}

test('reads a header and does not copy the pixels', () => {
  const data = message([0x01020304, 128, 256, 3, 2]);
  const tile = readTile(data);
  expect(tile).toMatchObject({ frame: 0x01020304, x: 128, y: 256, width: 3, height: 2 });
  expect(tile.pixels.buffer).toBe(data);
  expect([...tile.pixels]).toEqual(Array(24).fill(9));
});

test.each([
  [new ArrayBuffer(0)],
  [new ArrayBuffer(19)],
  [message([1, 0, 0, 2, 2], 15)],
  [message([1, 0, 0, 2, 2], 17)],
])('refuses a message that is not as long as it says', (data) => {
  expect(() => readTile(data)).toThrow(RangeError);
});

test('a frame is complete with its last tile, in any order', () => {
  const mosaic = new Mosaic(5, 3);
  const tile = (frame: number, width: number, height: number): Tile =>
    readTile(message([frame, 0, 0, width, height]));
  for (const frame of [1, 2]) {
    expect(mosaic.add(tile(frame, 1, 2))).toBe(false);
    expect(mosaic.add(tile(frame, 4, 1))).toBe(false);
    expect(mosaic.add(tile(frame, 1, 1))).toBe(false);
    expect(mosaic.add(tile(frame, 4, 2))).toBe(true);
  }
  // A tile of an incomplete frame does not count for the next frame.
  mosaic.add(tile(3, 4, 3));
  expect(mosaic.add(tile(4, 4, 2))).toBe(false);
});

test.each([
  [{ width: 200, height: 100 }, 100, 50, { x: 0.5, y: 0.5 }],
  [{ width: 200, height: 100 }, 0, 100, { x: 0, y: 1 }],
  [{ width: 400, height: 100 }, 0, 0, { x: 0, y: 0.25 }],
  [{ width: 100, height: 100 }, 100, 100, { x: 0.75, y: 1 }],
])('in a box of %j, %d, %d is %j of the picture', (box, x, y, point) => {
  const at = covering({ width: 704, height: 352 }, box, x, y);
  expect(at.x).toBeCloseTo(point.x);
  expect(at.y).toBeCloseTo(point.y);
});
