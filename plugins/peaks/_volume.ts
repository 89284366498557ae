/**
 * The grid FindFoci works on: an image, or a stack of them, and the neighbors of a pixel.
 *
 * index = (z * height + y) * width + x. Directions 0 to 7 are N, NE, E, SE, S, SW, W, NW with y down;
 * 8 to 15 the same ring one slice before and 16 its middle; 17 to 24 the ring one slice after and 25
 * its middle. Ties are decided by the order of directions, so it is part of the method.
 *
 * @module
 */

/** A grid of pixels and the steps to its neighbors: 8 of them in an image, 26 in a stack. */
export interface Volume {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly length: number;
  readonly stepX: Int8Array;
  readonly stepY: Int8Array;
  readonly stepZ: Int8Array;
  /** Index difference of a step. */
  readonly offset: Int32Array;
  /** 1 for the steps along one axis. */
  readonly isFace: Uint8Array;
}

/** Flags of a pixel: it lies at the border of the grid, so that some neighbors are missing. */
export const BORDER = 1;
/** It takes no part. */
export const EXCLUDED = 2;
/** Its plateau has been looked at. */
export const TESTED = 4;
/** It belongs to a local maximum. */
export const MAXIMUM = 8;
/** It waits to be looked at again. */
export const QUEUED = 16;
/** A flood has met it. */
export const LISTED = 32;

const RING_X = [0, 1, 1, 1, 0, -1, -1, -1];
const RING_Y = [-1, -1, 0, 1, 1, 1, 0, -1];

/** Makes the grid of a stack of `depth` slices. */
export function createVolume(width: number, height: number, depth: number): Volume {
  const slice = (z: number) => RING_X.map((x, d) => [x, RING_Y[d], z]);
  const steps = depth === 1
    ? slice(0)
    : [...slice(0), ...slice(-1), [0, 0, -1], ...slice(1), [0, 0, 1]];
  return {
    width,
    height,
    depth,
    length: width * height * depth,
    stepX: Int8Array.from(steps, (s) => s[0]),
    stepY: Int8Array.from(steps, (s) => s[1]),
    stepZ: Int8Array.from(steps, (s) => s[2]),
    offset: Int32Array.from(steps, (s) => (s[2] * height + s[1]) * width + s[0]),
    isFace: Uint8Array.from(
      steps,
      (s) => Math.abs(s[0]) + Math.abs(s[1]) + Math.abs(s[2]) === 1 ? 1 : 0,
    ),
  };
}

/** Sets {@linkcode BORDER} on the pixels at the border. */
export function markBorder({ width, height, depth }: Volume, flags: Uint8Array): void {
  for (let z = 0; z < depth; z++) {
    const isEndSlice = depth > 1 && (z === 0 || z === depth - 1);
    for (let y = 0; y < height; y++) {
      const row = (z * height + y) * width;
      if (isEndSlice || y === 0 || y === height - 1) {
        for (let i = row; i < row + width; i++) flags[i] |= BORDER;
      } else {
        flags[row] |= BORDER;
        flags[row + width - 1] |= BORDER;
      }
    }
  }
}

/** The neighbor of a pixel in a direction, -1 outside the grid. Slow: for border pixels. */
export function neighborOf(volume: Volume, i: number, direction: number): number {
  const { width, height, depth } = volume;
  const rows = Math.floor(i / width);
  const x = i - rows * width + volume.stepX[direction];
  const y = rows % height + volume.stepY[direction];
  const z = Math.floor(rows / height) + volume.stepZ[direction];
  if (x < 0 || y < 0 || z < 0 || x >= width || y >= height || z >= depth) return -1;
  return i + volume.offset[direction];
}
