import type { Tile } from './tile.js';

/** Painter puts tiles together out of sight and shows a frame when it is complete. */
export class Painter {
  readonly #canvas: CanvasRenderingContext2D;
  readonly #frame: ImageData;

  constructor(canvas: HTMLCanvasElement) {
    // A canvas that is read often is one in memory, where pixels are put. To carry each frame to and
    // from a graphics card takes many times as long, the more so where a program plays the card.
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (context === null) {
      throw new Error('the page can’t draw');
    }
    this.#canvas = context;
    this.#frame = new ImageData(canvas.width, canvas.height);
  }

  put({ x, y, width, height, pixels }: Tile): void {
    const { data, width: across } = this.#frame;
    for (let row = 0; row < height; row++) {
      const from = row * width * 4;
      data.set(pixels.subarray(from, from + width * 4), ((y + row) * across + x) * 4);
    }
  }

  show(): void {
    this.#canvas.putImageData(this.#frame, 0, 0);
  }
}
