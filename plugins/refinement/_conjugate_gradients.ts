/**
 * Products and solutions with the normal equations of the columns alone.
 *
 * @module
 */
import { OWN, SQUARE, type System } from "./_normal_system.ts";

/** Most steps for each decimal that the residual is to fall by. */
const MOST_CG_STEPS_A_DECADE = 15;

/** Memory of a solution. */
export interface SolverRoom {
  readonly r: Float64Array;
  readonly z: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
}

/**
 * Solves for the columns alone by conjugate gradients, preconditioned by the columns' own blocks, whose
 * diagonals are raised by the damping, until the residual has fallen to a share of the first.
 */
export function conjugateGradients(
  system: System,
  damping: number,
  right: Float64Array,
  x: Float64Array,
  { r, z, p, q }: SolverRoom,
  residual: number,
): void {
  x.fill(0);
  r.set(right);
  applyBlocks(system.inverse, r, z);
  p.set(z);
  let rho = dot(r, z);
  const end = residual * residual * rho;
  const most = MOST_CG_STEPS_A_DECADE * -Math.log10(residual);
  for (let step = 0; step < most && rho > end && rho > 0; step++) {
    multiply(system, damping, p, q);
    const curvature = dot(p, q);
    if (!(curvature > 0)) return;
    const alpha = rho / curvature;
    for (let k = 0; k < x.length; k++) {
      x[k] += alpha * p[k];
      r[k] -= alpha * q[k];
    }
    applyBlocks(system.inverse, r, z);
    const next = dot(r, z);
    const beta = next / rho;
    rho = next;
    for (let k = 0; k < p.length; k++) p[k] = z[k] + beta * p[k];
  }
}

/** One block a column times its part of a vector. */
function applyBlocks(blocks: Float64Array, x: Float64Array, out: Float64Array): void {
  for (let i = 0, b = 0; i < x.length; i += OWN, b += SQUARE) {
    const x0 = x[i], x1 = x[i + 1], x2 = x[i + 2];
    out[i] = blocks[b] * x0 + blocks[b + 1] * x1 + blocks[b + 2] * x2;
    out[i + 1] = blocks[b + 3] * x0 + blocks[b + 4] * x1 + blocks[b + 5] * x2;
    out[i + 2] = blocks[b + 6] * x0 + blocks[b + 7] * x1 + blocks[b + 8] * x2;
  }
}

function multiply(system: System, damping: number, x: Float64Array, out: Float64Array): void {
  const { own, tie, neighborStart, neighbor, count } = system;
  applyBlocks(own, x, out);
  for (let i = 0; i < count; i++) {
    let y0 = 0, y1 = 0, y2 = 0;
    for (let k = neighborStart[i]; k < neighborStart[i + 1]; k++) {
      const at = OWN * neighbor[k], b = SQUARE * k;
      const x0 = x[at], x1 = x[at + 1], x2 = x[at + 2];
      y0 += tie[b] * x0 + tie[b + 1] * x1 + tie[b + 2] * x2;
      y1 += tie[b + 3] * x0 + tie[b + 4] * x1 + tie[b + 5] * x2;
      y2 += tie[b + 6] * x0 + tie[b + 7] * x1 + tie[b + 8] * x2;
    }
    const c = OWN * i, b = SQUARE * i;
    out[c] += y0 + damping * own[b] * x[c];
    out[c + 1] += y1 + damping * own[b + 4] * x[c + 1];
    out[c + 2] += y2 + damping * own[b + 8] * x[c + 2];
  }
}

/** The product of two vectors. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
