import type { Point } from './bindings.gen.js';

/** Size is a width and a height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * covering returns which point of a picture is at `x`, `y` of a box that it covers: with its own
 * proportions and its middle in the middle, so that what does not fit is cut off on two sides.
 */
export function covering(picture: Size, box: Size, x: number, y: number): Point {
  const scale = Math.max(box.width / picture.width, box.height / picture.height);
  return {
    x: 0.5 + (x - box.width / 2) / (picture.width * scale),
    y: 0.5 + (y - box.height / 2) / (picture.height * scale),
  };
}
