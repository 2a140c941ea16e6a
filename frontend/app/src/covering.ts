import type { Point } from './bindings.gen.js';

/** Size is a width and a height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * covering returns the point of a picture at `x`, `y` of the box that the picture covers, as CSS's
 * `object-fit: cover` places it: centred, in its own proportions, and cropped on two sides.
 */
export function covering(picture: Size, box: Size, x: number, y: number): Point {
  const scale = Math.max(box.width / picture.width, box.height / picture.height);
  return {
    x: 0.5 + (x - box.width / 2) / (picture.width * scale),
    y: 0.5 + (y - box.height / 2) / (picture.height * scale),
  };
}
