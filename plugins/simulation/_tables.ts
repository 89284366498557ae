/**
 * The tables of a scene: columns as seen, drift and conditions.
 *
 * @module
 */
import { createTable } from "@core";
import type { Conditions } from "./_conditions.ts";
import { scanFraction, type ScanView, viewPoints } from "./_scan.ts";
import type { Specimen } from "./_specimen.ts";

/** The columns of a specimen as one exposure sees them. */
export type SeenColumns = ReturnType<typeof seeColumns>;

/** All columns of the specimen as one exposure sees them, inside the image or not. */
export function seeColumns(
  specimen: Specimen,
  view: ScanView,
  { counts }: Conditions,
  exposure: number,
  { width, height, dwell }: {
    readonly width: number;
    readonly height: number;
    readonly dwell: number;
  },
) {
  const n = specimen.x.length;
  const x = new Float64Array(n), y = new Float64Array(n);
  viewPoints(view, specimen.x, specimen.y, x, y);
  const seconds = width * height * dwell * 1e-6;
  return createTable({
    x,
    y,
    height: specimen.height.map((height) => counts * height),
    sigmaX: new Float64Array(n).fill(view.sigmaX),
    sigmaY: new Float64Array(n).fill(view.sigmaY),
    angle: new Float64Array(n).fill(view.angle),
    time: x.map((_, i) => seconds * (exposure + scanFraction(x[i], y[i], width, height))),
    site: Float64Array.from({ length: n }, (_, i) => i),
    species: specimen.species,
  }, {
    x: "px",
    y: "px",
    height: "counts",
    sigmaX: "px",
    sigmaY: "px",
    angle: "rad",
    time: "s",
  });
}

/** The rows whose center lies in the image's area, half a pixel around the pixels' centers. */
export function rowsInside(
  { columns: { x, y } }: SeenColumns,
  width: number,
  height: number,
): number[] {
  return Array.from(x.keys()).filter((i) =>
    x[i] >= -0.5 && y[i] >= -0.5 && x[i] < width - 0.5 && y[i] < height - 0.5
  );
}

/** True drift, without error. */
export function driftTable(conditions: readonly Conditions[]) {
  const n = conditions.length;
  return createTable({
    exposure: Float64Array.from({ length: n }, (_, e) => e),
    x: Float64Array.from(conditions, ({ driftX }) => driftX),
    y: Float64Array.from(conditions, ({ driftY }) => driftY),
    error: new Float64Array(n),
    sign: new Float64Array(n).fill(1),
    ambiguous: new Float64Array(n),
  }, { x: "px", y: "px", error: "px" });
}

/** The conditions that show in the images. */
export function conditionTable(conditions: readonly Conditions[]) {
  return createTable({
    exposure: Float64Array.from({ length: conditions.length }, (_, e) => e),
    counts: Float64Array.from(conditions, ({ counts }) => counts),
    sigmaX: Float64Array.from(conditions, ({ sigmaX }) => sigmaX),
    sigmaY: Float64Array.from(conditions, ({ sigmaY }) => sigmaY),
    angle: Float64Array.from(conditions, ({ angle }) => angle),
  }, { counts: "counts", sigmaX: "px", sigmaY: "px", angle: "rad" });
}
