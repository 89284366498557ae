/**
 * Carries the columns of one exposure to all others by drift, each cropped to the common region.
 *
 * Images are cropped by whole pixels and never resampled; the rest of the drift goes into the labels.
 * The specimen moves while an exposure is scanned, too: with `rows` the shift of each row against the
 * reference exposure is measured and goes into the labels as well.
 *
 * Input   exposures  as taken
 *         columns    refined in the exposure that `ranking` marks as chosen, in its px
 *         drift      of all exposures, relative to any of them
 *         ranking    says which exposure the columns belong to
 * Output  cropped    the exposures, each through its own window
 *         labels     the same columns in the same order for each, in px of its cropped image
 *         windows    the window of each exposure, in its own px
 *
 * Errors  IMAGE_TOO_SMALL when the exposures have (nearly) no region in common; TABLE_VALUE when the
 *         tables do not speak of these exposures
 *
 * @module
 */
import {
  AdatomError,
  type Columns,
  createTable,
  defineStage,
  type Drift,
  type Image,
  selectRows,
  type Stage,
  type Table,
  withColumns,
} from "@core";
import { medianNearestDistance } from "@core/kernels";
import { measureRowDrift } from "./_row_drift.ts";
import { smoothed } from "./_smoothed.ts";
import { commonWindows, cropImage, type Windows } from "./_windows.ts";

const inputs = {
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures as taken" },
  columns: { kind: "columns", description: "Columns of the chosen exposure" },
  drift: { kind: "drift", description: "Drift of all exposures" },
  ranking: {
    kind: "table",
    columns: { exposure: "", chosen: "" },
    description: "Marks the exposure the columns belong to with chosen = 1",
  },
} as const;

const outputs = {
  cropped: { kind: "exposures", axes: "tyx", description: "The common region in each exposure" },
  labels: { kind: "columns", axes: "t", description: "The columns in each cropped exposure" },
  windows: {
    kind: "table",
    columns: { exposure: "", x: "px", y: "px", width: "px", height: "px" },
    description: "The window of each exposure",
  },
} as const;

const params = {
  rows: {
    type: "boolean",
    default: true,
    description: "Whether drift within the exposures, from row to row, is measured and followed",
  },
  leastSize: {
    type: "integer",
    default: 16,
    minimum: 1,
    unit: "px",
    level: "advanced",
    description: "Smallest width and height of the common region",
  },
} as const;

/** Exposures are smoothed by this share of the columns' width before rows are compared. */
const SMOOTHING = 0.7;

/** `annotation.transfer` */
export const transfer: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "annotation.transfer",
  version: "1.0.0",
  api: "^1.0",
  summary: "Carries the columns of one exposure to all others by drift",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ exposures: { images }, columns, drift, ranking }, { rows, leastSize }, context) {
    const chosen = chosenExposure(ranking, drift, images.length);
    const [{ width, height }] = images;
    const dx = drift.columns.x.map((d) => d - drift.columns.x[chosen]);
    const dy = drift.columns.y.map((d) => d - drift.columns.y[chosen]);
    const windows = commonWindows(width, height, dx, dy);
    checkRegion(windows, Math.min(leastSize, width, height), dx, dy);
    const inverted = drift.columns.sign.findIndex((s) => s !== drift.columns.sign[chosen]);
    if (inverted >= 0) {
      context.warn("CONTRAST_INVERTED", `exposure ${inverted} shows columns in inverted contrast`);
    }
    const cropped = images.map((image, e) => {
      context.progress(0.2 * (e + 1) / images.length);
      return cropImage(image, windows.x[e], windows.y[e], windows.width, windows.height);
    });
    const rest = images.map((_, e) => ({ x: dx[e] - windows.x[e], y: dy[e] - windows.y[e] }));
    const spacing = medianNearestDistance(columns.columns.x, columns.columns.y);
    const follow = rows && columns.length > 1
      ? rowFollower(cropped, chosen, rest, columns, spacing, drift.columns.sign)
      : undefined;
    const moved = images.map((_, e) => {
      context.progress(0.2 + 0.7 * (e + 1) / images.length);
      const table = movedColumns(columns, rest[e].x, rest[e].y, drift.columns.error[e]);
      return follow === undefined || e === chosen ? table : follow(table, e);
    });
    if (follow !== undefined) context.chose({ rowsFollowed: follow.count() });
    const inside = rowsInside(moved, windows);
    const half = Number.isFinite(spacing) ? spacing / 2 : 0;
    context.progress(1);
    return {
      cropped: { images: cropped },
      labels: moved.map((table) => markEdges(selectRows(table, inside), windows, half)),
      windows: createTable({
        exposure: Float64Array.from(images, (_, e) => e),
        x: Float64Array.from(windows.x),
        y: Float64Array.from(windows.y),
        width: Float64Array.from(images, () => windows.width),
        height: Float64Array.from(images, () => windows.height),
      }, outputs.windows.columns),
    };
  },
});

function chosenExposure(
  ranking: Table<"exposure" | "chosen">,
  drift: Drift,
  count: number,
): number {
  const row = ranking.columns.chosen.indexOf(1);
  const chosen = row < 0 ? -1 : ranking.columns.exposure[row];
  if (drift.length !== count || !(chosen >= 0 && chosen < count)) {
    throw new AdatomError("TABLE_VALUE", {
      cannot: "carry columns to other exposures",
      expected: `drift of ${count} exposures, and a ranking that marks one of them`,
      got: `drift of ${drift.length}, and ${chosen < 0 ? "no mark" : `exposure ${chosen} marked`}`,
      hint: "use the tables of alignment.drift and quality.rank for the same exposures",
    });
  }
  return chosen;
}

function checkRegion(
  { width, height }: Windows,
  least: number,
  dx: Float64Array,
  dy: Float64Array,
): void {
  if (width >= least && height >= least) return;
  const lengths = Array.from(dx, (x, e) => Math.hypot(x, dy[e]));
  const farthest = lengths.indexOf(Math.max(...lengths));
  throw new AdatomError("IMAGE_TOO_SMALL", {
    cannot: "crop the exposures to the region they have in common",
    expected: `a region of at least ${least} x ${least} px`,
    got: `${Math.max(0, width)} x ${Math.max(0, height)} px`,
    hint: `leave out exposure ${farthest}, which lies ${lengths[farthest].toFixed(1)} px away`,
  }, { port: "exposures" });
}

/** The columns moved by a vector, with the error of the drift added to theirs. */
function movedColumns(columns: Columns, dx: number, dy: number, error: number): Columns {
  const { x, y, errorX, errorY } = columns.columns;
  const own = Number.isFinite(error) ? error : 0;
  return withColumns(columns, {
    x: x.map((v) => v + dx),
    y: y.map((v) => v + dy),
    errorX: errorX.map((e) => Math.hypot(e, own)),
    errorY: errorY.map((e) => Math.hypot(e, own)),
  });
}

interface Shift {
  readonly x: number;
  readonly y: number;
}

/** A function that moves the columns of an exposure with its rows, and counts where it had to. */
function rowFollower(
  cropped: readonly Image[],
  chosen: number,
  rest: readonly Shift[],
  columns: Columns,
  spacing: number,
  sign: Float64Array,
) {
  const sigma = SMOOTHING * medianOf(columns.columns.sigmaX);
  const reference = smoothed(cropped[chosen], sigma);
  let followed = 0;
  const follow = (table: Columns, e: number): Columns => {
    const found = measureRowDrift(
      reference,
      smoothed(cropped[e], sigma),
      rest[e].x - rest[chosen].x,
      rest[e].y - rest[chosen].y,
      spacing,
      sign[e] * sign[chosen],
    );
    if (found.degreeX >= 0 || found.degreeY >= 0) followed++;
    const last = found.x.length - 1;
    // strips were cut in the reference exposure: its rows tell the shift
    const { y } = columns.columns;
    const rowOf = (i: number) => Math.min(last, Math.max(0, Math.round(y[i] + rest[chosen].y)));
    return withColumns(table, {
      x: table.columns.x.map((v, i) => v + found.x[rowOf(i)]),
      y: table.columns.y.map((v, i) => v + found.y[rowOf(i)]),
    });
  };
  return Object.assign(follow, { count: () => followed });
}

function medianOf(values: Float64Array): number {
  const finite = values.filter((v) => v > 0).sort();
  return finite.length > 0 ? finite[finite.length >> 1] : 1;
}

/** Rows whose columns lie inside every cropped exposure. */
function rowsInside(tables: readonly Columns[], { width, height }: Windows): number[] {
  const rows: number[] = [];
  for (let i = 0; i < tables[0].length; i++) {
    const inside = tables.every(({ columns: { x, y } }) =>
      x[i] >= -0.5 && y[i] >= -0.5 && x[i] <= width - 0.5 && y[i] <= height - 0.5
    );
    if (inside) rows.push(i);
  }
  return rows;
}

/** Good columns that lie within half a spacing of the new border become edge columns. */
function markEdges(columns: Columns, { width, height }: Windows, half: number): Columns {
  const { x, y, status } = columns.columns;
  const marked = status.map((s, i) => {
    const near = Math.min(x[i], y[i], width - 1 - x[i], height - 1 - y[i]) < half;
    return s === "ok" && near ? "edge" : s;
  });
  return withColumns(columns, { status: marked });
}
