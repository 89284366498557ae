/**
 * Images of columns with exact truth, and running a refining stage on them.
 *
 * @module
 */
import { type AnyStage, type Columns, createTable, type Image, type Peaks } from "@core";
import { createRandom } from "@core/kernels";
import { assertEquals } from "./assert.ts";
import { resolveParams } from "../../core/stage/params.ts";
import { testContext } from "./context.ts";

/** A round column. */
export interface RoundColumn {
  readonly x: number;
  readonly y: number;
}

/** Expected counts of round columns of one width and height on a background. */
export function drawnColumns(
  width: number,
  height: number,
  columns: readonly RoundColumn[],
  sigma: number,
  top: number,
  background: number,
): Float64Array {
  const mean = new Float64Array(width * height).fill(background);
  const reach = Math.ceil(8 * sigma);
  for (const { x, y } of columns) {
    for (let v = Math.max(0, Math.floor(y) - reach); v <= Math.min(height - 1, y + reach); v++) {
      for (let u = Math.max(0, Math.floor(x) - reach); u <= Math.min(width - 1, x + reach); u++) {
        mean[v * width + u] += top * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * sigma ** 2));
      }
    }
  }
  return mean;
}

/** A square lattice over the whole image and beyond its right and lower border, each off its place by up to half a px. */
export function scatteredLattice(size: number, spacing: number): RoundColumn[] {
  const random = createRandom(11);
  const truth: RoundColumn[] = [];
  for (let y = spacing / 2; y < size; y += spacing) {
    for (let x = spacing / 2; x < size; x += spacing) {
      truth.push({ x: x + random() - 0.5, y: y + random() - 0.5 });
    }
  }
  return truth;
}

/** Peaks at the columns, off by up to so many px. */
export function peaksNear(columns: readonly RoundColumn[], off = 0, seed = 3): Peaks {
  const random = createRandom(seed);
  const x = new Float64Array(columns.length), y = new Float64Array(columns.length);
  for (const [i, column] of columns.entries()) {
    const angle = 2 * Math.PI * random(), distance = off * Math.sqrt(random());
    x[i] = column.x + distance * Math.cos(angle);
    y[i] = column.y + distance * Math.sin(angle);
  }
  return createTable({ x, y, height: new Float64Array(x.length).fill(1) });
}

/** Runs a refining stage. */
export async function refineWith(
  stage: AnyStage,
  image: Image,
  peaks: Peaks,
  given: Record<string, unknown> = {},
) {
  const context = testContext();
  const { values, problems } = resolveParams(stage.params, given, stage.id);
  assertEquals(problems.length, 0);
  const run = stage.run as unknown as (...args: unknown[]) => unknown;
  const outputs = await run({ image, peaks }, values, context);
  const { columns } = outputs as { columns: Columns };
  return { columns, context };
}

/** The largest distance from the truth, px, of columns that are not at the border. */
export function largestMiss({ columns }: Columns, truth: readonly RoundColumn[]): number {
  let most = 0;
  for (const [i, { x, y }] of truth.entries()) {
    if (columns.status[i] === "edge") continue;
    most = Math.max(most, Math.hypot(columns.x[i] - x, columns.y[i] - y));
  }
  return most;
}

/** Rms distance and mean square of distance over stated error, of columns not at the border. */
export function spread({ columns }: Columns, truth: readonly RoundColumn[]) {
  let square = 0, ratio = 0, n = 0;
  for (const [i, { x, y }] of truth.entries()) {
    if (columns.status[i] === "edge") continue;
    const dx = columns.x[i] - x, dy = columns.y[i] - y;
    square += dx * dx + dy * dy;
    ratio += ((dx / columns.errorX[i]) ** 2 + (dy / columns.errorY[i]) ** 2) / 2;
    n++;
  }
  return { rms: Math.sqrt(square / n), ratio: ratio / n, n };
}
