/**
 * What the refining stages without a joint fit share: checks of the peaks, and the table of columns.
 *
 * @module
 */
import {
  AdatomError,
  COLUMN_COLUMNS,
  type Columns,
  type ColumnStatus,
  type Context,
  createTable,
  type Image,
  type Peaks,
  selectValues,
} from "@core";
import { createKdTree, medianNearestDistance, neighborsWithin } from "@core/kernels";

/** Largest number a table holds for an error of what is not known at all. */
const UNKNOWN = 1e30;

/** Columns nearer than this many spacings are one. */
const TWIN_DISTANCE = 0.3;

/** What a method found of each column, in px and positive up; variances in px^2. */
export interface FoundColumns {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly sigmaX: Float64Array;
  readonly sigmaY: Float64Array;
  readonly angle: Float64Array;
  readonly height: Float64Array;
  readonly background: Float64Array;
  readonly varX: Float64Array;
  readonly varY: Float64Array;
  readonly covXY: Float64Array;
  /** An index into {@linkcode OUTCOMES}. */
  readonly outcome: Uint8Array;
}

/** What may be doubtful, besides the border. */
export const OUTCOMES: readonly ColumnStatus[] = ["ok", "weak", "moved", "diverged", "overlap"];

/** Throws unless every peak is inside the image. */
export function requirePeaksInside(
  { columns: { x, y }, length }: Peaks,
  image: Image,
  stage: string,
): void {
  for (let i = 0; i < length; i++) {
    const inside = x[i] >= -0.5 && y[i] >= -0.5 && x[i] <= image.width - 0.5 &&
      y[i] <= image.height - 0.5;
    if (inside) continue;
    throw new AdatomError("TABLE_VALUE", {
      cannot: "refine the peaks",
      expected: `positions inside the image of ${image.width} x ${image.height} px`,
      got: `x ${x[i]}, y ${y[i]} in row ${i}`,
      hint: "give the peaks of this image, in px",
    }, { stage, port: "peaks" });
  }
}

/** Warns when there is nothing to refine. */
export function warnOfNoPeaks(peaks: Peaks, context: Context): void {
  if (peaks.length > 0) return;
  context.warn("PEAKS_EMPTY", "no peaks were given, so there are no columns");
}

/** Median nearest-neighbor distance, those within a pixel counted once; Infinity for one peak. */
export function peakSpacing({ columns: { x, y } }: Peaks): number {
  let spacing = medianNearestDistance(x, y);
  if (spacing < 1.5) {
    const seen = new Set<string>();
    const rows = [...x.keys()].filter((i) => {
      const place = `${Math.round(x[i] / 2)},${Math.round(y[i] / 2)}`;
      return !seen.has(place) && seen.add(place);
    });
    spacing = medianNearestDistance(
      selectValues(x, rows),
      selectValues(y, rows),
    );
  }
  return spacing >= 1 ? spacing : Number.isNaN(spacing) ? Infinity : 1.5;
}

/** The pixels with columns brighter than what surrounds them. */
export function brightPixels(image: Image, polarity: "bright" | "dark"): Float32Array {
  return polarity === "dark" ? image.data.map((value) => -value) : image.data;
}

/** Runs a computation to its end and reports its fractions as a part of the whole. */
export function follow<R>(work: Generator<number, R>, context: Context, from = 0, to = 1): R {
  for (;;) {
    const { value, done } = work.next();
    if (done) return value as R;
    context.progress(from + (to - from) * (value as number));
  }
}

/**
 * Of columns that ended in one place, all but the one nearest to its start become `overlap` and are
 * told as that one.
 */
export function markTwins(
  found: FoundColumns,
  startX: Float64Array,
  startY: Float64Array,
  spacing: number,
): void {
  const { x, y, outcome } = found;
  const distance = Number.isFinite(spacing) ? TWIN_DISTANCE * spacing : 1;
  const tree = createKdTree(x, y);
  const near = new Int32Array(32);
  const moved = Float64Array.from(x, (_, i) => Math.hypot(x[i] - startX[i], y[i] - startY[i]));
  const order = [...x.keys()].sort((a, b) => moved[a] - moved[b]);
  const taken = new Uint8Array(x.length);
  const twinOf = new Int32Array(x.length).fill(-1);
  for (const i of order) {
    if (taken[i]) continue;
    const count = Math.min(near.length, neighborsWithin(tree, x[i], y[i], distance, i, near));
    for (const j of near.subarray(0, count)) {
      if (taken[j] || moved[j] < moved[i]) continue;
      taken[j] = 1;
      twinOf[j] = i;
    }
  }
  const { sigmaX, sigmaY, angle, height, background, varX, varY, covXY } = found;
  for (let i = 0; i < x.length; i++) {
    if (twinOf[i] < 0) continue;
    outcome[i] = OUTCOMES.indexOf("overlap");
    const lists = [x, y, sigmaX, sigmaY, angle, height, background, varX, varY, covXY];
    for (const list of lists) list[i] = list[twinOf[i]];
  }
}

/** The table of columns, one row a peak. */
export function columnRows(
  found: FoundColumns,
  image: Image,
  spacing: number,
  polarity: "bright" | "dark",
): Columns {
  const { x, y, sigmaX, sigmaY, angle, height } = found;
  const known = Number.isFinite(spacing);
  const farthest = (i: number) => known ? spacing : 4 * sigmaX[i];
  const errorOf = (variance: number, i: number) =>
    Math.min(farthest(i), Math.sqrt(variance >= 0 ? variance : UNKNOWN));
  const status = Array.from(x, (_, i) => {
    const margin = known ? spacing / 2 : 2 * sigmaX[i];
    const nearBorder = x[i] < margin || y[i] < margin || x[i] > image.width - 1 - margin ||
      y[i] > image.height - 1 - margin;
    const outcome = OUTCOMES[found.outcome[i]];
    return nearBorder && outcome !== "overlap" ? "edge" : outcome;
  });
  return createTable({
    x,
    y,
    sigmaX,
    sigmaY,
    angle,
    height,
    background: found.background.map((value) => polarity === "dark" ? -value : value),
    volume: height.map((top, i) => 2 * Math.PI * top * sigmaX[i] * sigmaY[i]),
    errorX: found.varX.map(errorOf),
    errorY: found.varY.map(errorOf),
    covXY: found.covXY.map((value, i) => Math.abs(value) <= farthest(i) ** 2 ? value : 0),
    status,
  }, { ...COLUMN_COLUMNS, covXY: "px^2" });
}

/** Descriptions of the ports and parameters these stages have in common, as of `refinement.gaussian`. */
export const INPUTS = {
  image: { kind: "image", axes: "yx", description: "The image the peaks were found in" },
  peaks: { kind: "peaks", description: "Where to start, within 0.3 spacings of the columns" },
} as const;

export const OUTPUTS = {
  columns: { kind: "columns", description: "One row a peak, in the order of the peaks" },
} as const;

export const POLARITY = {
  type: "string",
  enum: ["bright", "dark"],
  default: "bright",
  description: "Whether columns are brighter or darker than what surrounds them",
} as const;

export const SPACING = {
  type: "number",
  default: "auto",
  auto: true,
  minimum: 1,
  maximum: 10_000,
  unit: "px",
  description: "Typical distance of neighbors; auto = median nearest-neighbor distance of peaks",
} as const;
