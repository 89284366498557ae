/**
 * Connected pixels of one level: the brightest of an image, or the darkest.
 *
 * @module
 */

/** Values that count as one level. */
export interface Level {
  readonly from: number;
  readonly to: number;
}

/** Pixels of one level that touch, corners included. */
export interface Component {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Number of pixels. */
  readonly area: number;
  /** Share of the pixels beside it that differ by more than a step. */
  readonly sharp: number;
  /** The same of those beside it or one farther: edges that were smoothed by a pixel. */
  readonly crisp: number;
}

/**
 * All components of a level; none where more pixels than `most` have it.
 *
 * @param step a neighbor that differs by more makes a sharp edge
 */
export function levelComponents(
  pixels: Float32Array,
  width: number,
  height: number,
  level: Level,
  step: number,
  most: number,
): Component[] {
  let total = 0;
  for (let i = 0; i < pixels.length; i++) if (isIn(level, pixels[i])) total++;
  if (total === 0 || total > most) return [];
  const seen = new Uint8Array(pixels.length);
  const stack = new Int32Array(total);
  const found: Component[] = [];
  for (let start = 0; start < pixels.length; start++) {
    if (seen[start] === 1 || !isIn(level, pixels[start])) continue;
    found.push(follow(pixels, width, height, start, level, step, seen, stack));
  }
  return found;
}

/** The share of the outermost pixels of a component's rectangle that have the level. */
export function frameShare(
  pixels: Float32Array,
  width: number,
  level: Level,
  { x, y, width: w, height: h }: Component,
): number {
  let has = 0;
  const count = (u: number, v: number) => {
    if (isIn(level, pixels[v * width + u])) has++;
  };
  for (let u = x; u < x + w; u++) count(u, y), count(u, y + h - 1);
  for (let v = y; v < y + h; v++) count(x, v), count(x + w - 1, v);
  return has / (2 * (w + h));
}

/** The share of the level among `count` pixels, `step` apart. */
export function levelShare(
  pixels: Float32Array,
  start: number,
  step: number,
  count: number,
  level: Level,
): number {
  let has = 0;
  for (let k = 0; k < count; k++) if (isIn(level, pixels[start + k * step])) has++;
  return has / count;
}

const isIn = ({ from, to }: Level, value: number): boolean => value >= from && value <= to;

function follow(
  pixels: Float32Array,
  width: number,
  height: number,
  start: number,
  level: Level,
  step: number,
  seen: Uint8Array,
  stack: Int32Array,
): Component {
  let x0 = width, x1 = 0, y0 = height, y1 = 0, area = 0, edges = 0, sharp = 0, crisp = 0;
  let top = 0;
  stack[top++] = start;
  seen[start] = 1;
  while (top > 0) {
    const at = stack[--top], x = at % width, y = (at - x) / width;
    area++;
    x0 = Math.min(x0, x), x1 = Math.max(x1, x), y0 = Math.min(y0, y), y1 = Math.max(y1, y);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const u = x + dx, v = y + dy;
        if (u < 0 || v < 0 || u >= width || v >= height) continue;
        const other = v * width + u;
        if (isIn(level, pixels[other])) {
          if (seen[other] === 1) continue;
          seen[other] = 1;
          stack[top++] = other;
          continue;
        }
        edges++;
        const away = Math.abs(pixels[other] - pixels[at]) > step;
        if (away) sharp++;
        if (away || differsBeyond(pixels, width, height, u + dx, v + dy, pixels[at], step)) crisp++;
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
    crisp: edges === 0 ? 0 : crisp / edges,
  };
}

function differsBeyond(
  pixels: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  value: number,
  step: number,
): boolean {
  if (x < 0 || y < 0 || x >= width || y >= height) return false;
  return Math.abs(pixels[y * width + x] - value) > step;
}
