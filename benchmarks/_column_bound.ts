/**
 * The Cramer-Rao bound of columns in a lattice, from the whole Fisher matrix.
 *
 * @module
 */
import { createRandom, factorInPlace, inverseOfFactor } from "../core/kernels/mod.ts";
import { backgroundAt, type SceneOptions, shapesOf } from "./_column_scene.ts";

/** Columns on a side of a patch. */
const SIDE = 5;
const PATCHES = 8;

/** Which numbers of a column are unknown, beside position and height. */
export interface BoundOptions extends SceneOptions {
  /** The shape is known, as one that all columns share. */
  readonly shared: boolean;
  readonly circular: boolean;
  /** A plane under each column is unknown; then neighbors are known, and pixels are of a window. */
  readonly plane: boolean;
}

/** Radius of a window, in widths. */
const WINDOW_WIDTHS = 3;

/** Root of the mean variance x + y of the middle column, px. */
export function meanBound(options: BoundOptions): number {
  const random = createRandom(1);
  let sum = 0;
  for (let p = 0; p < PATCHES; p++) sum += patchVariance(options, random);
  return Math.sqrt(sum / PATCHES);
}

function patchVariance(options: BoundOptions, random: () => number): number {
  const { spacing, sigma, counts, shared, circular, plane } = options;
  const count = SIDE * SIDE;
  const margin = 3.5 * sigma * Math.sqrt(options.ellipticity ?? 1);
  const size = Math.ceil((SIDE - 1) * spacing * 1.15 + 2 * margin + 2);
  const c = Math.cos(0.1), s = Math.sin(0.1);
  const x = new Float64Array(count), y = new Float64Array(count);
  const shiftX = random(), shiftY = random();
  for (let k = 0; k < count; k++) {
    const i = (k % SIDE) - (SIDE >> 1), j = Math.floor(k / SIDE) - (SIDE >> 1);
    x[k] = size / 2 + shiftX + spacing * (c * i - s * j);
    y[k] = size / 2 + shiftY + spacing * (s * i + c * j);
  }
  const shape = shapesOf(options, count, random);
  const level = backgroundAt(options, random());
  const own = shared ? 3 : circular ? 4 : 6;
  const middle = count >> 1;
  const n = plane ? own + 3 : count * own;
  const fisher = new Float64Array(n * n);
  const row = new Float64Array(n);
  const used: number[] = [];
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      let mean = level;
      used.length = 0;
      for (let k = 0; k < count; k++) {
        const dx = u - x[k], dy = v - y[k];
        const [pxx, pxy, pyy] = shape.subarray(3 * k, 3 * k + 3);
        const q = pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy;
        if (q > 60) continue;
        const e = Math.exp(-q / 2), g = counts * e;
        mean += g;
        const at = plane ? 0 : k * own;
        if (plane && (k !== middle || dx * dx + dy * dy > (WINDOW_WIDTHS * sigma) ** 2)) continue;
        used.push(k);
        if (plane) row.set([1, dx, dy], own);
        row[at] = g * (pxx * dx + pxy * dy);
        row[at + 1] = g * (pxy * dx + pyy * dy);
        row[at + 2] = e;
        if (circular) row[at + 3] = -g * (dx * dx + dy * dy) / 2;
        else if (!shared) {
          row[at + 3] = -g * dx * dx / 2;
          row[at + 4] = -g * dx * dy;
          row[at + 5] = -g * dy * dy / 2;
        }
      }
      if (!(mean > 0) || used.length === 0) continue;
      if (plane) {
        for (let a = 0; a < n; a++) {
          for (let b = 0; b <= a; b++) fisher[a * n + b] += row[a] * row[b] / mean;
        }
        continue;
      }
      for (const k of used) {
        for (const l of used) {
          if (l > k) continue;
          for (let a = 0; a < own; a++) {
            for (let b = 0; b < own; b++) {
              fisher[(k * own + a) * n + l * own + b] += row[k * own + a] * row[l * own + b] / mean;
            }
          }
        }
      }
    }
  }
  const scale = new Float64Array(n), inverse = new Float64Array(n * n);
  if (!factorInPlace(fisher, n, n, scale)) throw new Error("The Fisher matrix is singular");
  inverseOfFactor(fisher, n, n, scale, inverse);
  const at = plane ? 0 : middle * own;
  return inverse[at * n + at] + inverse[(at + 1) * n + at + 1];
}
