/** HEADER is the size of a tile's header in bytes: five little-endian uint32s. */
const HEADER = 5 * 4;

/** Tile is a rectangle of a frame, as Go sends it. */
export interface Tile {
  /** frame is the number of its frame, from 1. */
  readonly frame: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** pixels are red, green, blue and alpha, row by row. They share the memory of the message. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** readTile parses a message. It throws if the message's size does not match its header. */
export function readTile(message: ArrayBuffer): Tile {
  if (message.byteLength < HEADER) {
    throw new RangeError(`a tile of ${message.byteLength} bytes has no header`);
  }
  const header = new DataView(message, 0, HEADER);
  const [frame, x, y, width, height] = [0, 4, 8, 12, 16].map((at) =>
    header.getUint32(at, true),
  ) as [number, number, number, number, number];
  if (message.byteLength !== HEADER + width * height * 4) {
    throw new RangeError(`a tile of ${width} × ${height} can't have ${message.byteLength} bytes`);
  }
  return { frame, x, y, width, height, pixels: new Uint8ClampedArray(message, HEADER) };
}

/** Mosaic detects when all tiles of a frame have arrived, in any order. */
export class Mosaic {
  readonly #area: number;
  #frame = 0;
  #covered = 0;

  constructor(width: number, height: number) {
    this.#area = width * height;
  }

  /** add counts a tile and reports whether it completes its frame. */
  add(tile: Tile): boolean {
    if (tile.frame !== this.#frame) {
      this.#frame = tile.frame;
      this.#covered = 0;
    }
    this.#covered += tile.width * tile.height;
    return this.#covered >= this.#area;
  }
}
