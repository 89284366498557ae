/**
 * Connected pixels of one exact value.
 *
 * @module
 */

/** Pixels of one value that touch, corners included. */
export interface Component {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Number of pixels. */
  readonly area: number;
  /** Share of the pixels next to it that differ by more than a step. */
  readonly sharp: number;
}

/**
 * All components of a value; none where more pixels than `most` have it.
 *
 * @param step a neighbor that differs by more makes a sharp edge
 */
export function levelComponents(
  pixels: Float32Array,
  width: number,
  height: number,
  level: number,
  step: number,
  most: number,
): Component[] {
  let total = 0;
  for (let i = 0; i < pixels.length; i++) if (pixels[i] === level) total++;
  if (total === 0 || total > most) return [];
  const seen = new Uint8Array(pixels.length);
  const stack = new Int32Array(total);
  const found: Component[] = [];
  for (let start = 0; start < pixels.length; start++) {
    if (pixels[start] !== level || seen[start] === 1) continue;
    found.push(follow(pixels, width, height, start, step, seen, stack));
  }
  return found;
}

function follow(
  pixels: Float32Array,
  width: number,
  height: number,
  start: number,
  step: number,
  seen: Uint8Array,
  stack: Int32Array,
): Component {
  const level = pixels[start];
  let x0 = width, x1 = 0, y0 = height, y1 = 0, area = 0, edges = 0, sharp = 0;
  let top = 0;
  stack[top++] = start;
  seen[start] = 1;
  while (top > 0) {
    const at = stack[--top], x = at % width, y = (at - x) / width;
    area++;
    x0 = Math.min(x0, x), x1 = Math.max(x1, x), y0 = Math.min(y0, y), y1 = Math.max(y1, y);
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        const other = v * width + u;
        if (pixels[other] !== level) {
          edges++;
          if (Math.abs(pixels[other] - level) > step) sharp++;
        } else if (seen[other] === 0) {
          seen[other] = 1;
          stack[top++] = other;
        }
      }
    }
  }
  return {
    x: x0,
    y: y0,
    width: x1 - x0 + 1,
    height: y1 - y0 + 1,
    area,
    sharp: edges === 0 ? 0 : sharp / edges,
  };
}
