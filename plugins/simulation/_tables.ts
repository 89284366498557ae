/**
 * The tables of a scene: columns as seen, drift and conditions.
 *
 * @module
 */
import { createTable, selectValues } from "@core";
import type { Conditions } from "./_conditions.ts";
import type { Look, SeenScene } from "./_formation.ts";
import type { Optics } from "./_probe.ts";
import { imageX, scanFraction } from "./_scan.ts";
import type { SceneParams } from "./_scene_params.ts";

/** The columns of a specimen as one exposure sees them. */
export type SeenColumns = ReturnType<typeof seeColumns>;

/** All columns of the specimen as one exposure sees them, inside the image or not. */
export function seeColumns(
  { specimen: { kind, kinds }, look, ...places }: SeenScene,
  exposure: number,
  { width, height, dwell, flyback, flybackDecay }: SceneParams,
) {
  const x = imageX(places.x, flyback, flybackDecay), { y } = places, n = x.length;
  const seconds = width * height * dwell * 1e-6;
  return createTable({
    x,
    y,
    height: selectValues(look.tops, kind),
    sigmaX: selectValues(look.sigmaX, kind),
    sigmaY: selectValues(look.sigmaY, kind),
    angle: selectValues(look.angle, kind),
    time: x.map((_, i) => seconds * (exposure + scanFraction(x[i], y[i], width, height))),
    site: Float64Array.from({ length: n }, (_, i) => i),
    species: Array.from(kind, (k) => kinds[k].species),
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

/** The conditions that show in the images; with a probe, the widths of the brightest kind. */
export function conditionTable(
  conditions: readonly Conditions[],
  looks: readonly Look[],
  brightest: number,
  optics: readonly Optics[],
) {
  const lens = (name: keyof Optics) => Float64Array.from(optics, (lens) => lens[name]);
  const shape = (name: "sigmaX" | "sigmaY" | "angle") =>
    Float64Array.from(
      conditions,
      (condition, e) => optics.length > 0 ? looks[e][name][brightest] : condition[name],
    );
  return createTable({
    exposure: Float64Array.from({ length: conditions.length }, (_, e) => e),
    counts: Float64Array.from(conditions, ({ counts }) => counts),
    sigmaX: shape("sigmaX"),
    sigmaY: shape("sigmaY"),
    angle: shape("angle"),
    ...(optics.length === 0 ? {} : {
      defocus: lens("defocus"),
      twofold: lens("twofold"),
      twofoldAngle: lens("twofoldAngle"),
      threefold: lens("threefold"),
      threefoldAngle: lens("threefoldAngle"),
    }),
  }, {
    ...{ counts: "counts", sigmaX: "px", sigmaY: "px", angle: "rad" },
    ...(optics.length === 0 ? {} : LENS_UNITS),
  });
}

const LENS_UNITS = {
  defocus: "nm",
  twofold: "nm",
  twofoldAngle: "rad",
  threefold: "nm",
  threefoldAngle: "rad",
} as const;
