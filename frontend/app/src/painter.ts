import type { Tile } from './tile.js';

/** Painter assembles tiles in memory and shows a frame when it is complete. */
export class Painter {
  readonly #canvas: CanvasRenderingContext2D;
  readonly #frame: ImageData;

  constructor(canvas: HTMLCanvasElement) {
    // willReadFrequently keeps the canvas in memory. Copying each frame to and from a graphics card
    // takes many times as long, the more so with software rendering.
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
