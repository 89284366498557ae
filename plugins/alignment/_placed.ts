/**
 * Where the exposures of an average lie, and the frame it is laid out in; both checked.
 *
 * @module
 */
import {
  AdatomError,
  type Drift,
  type Exposures,
  type Image,
  isInvertible,
  type Transform,
  TRANSFORM_COLUMNS,
  transformOfDrift,
} from "@core";
import { commonFrame, displacementOf, type Frame, overlaps, unionFrame } from "./_frame.ts";

/** Exposures of one size with their places and signs. */
export interface Placed {
  readonly images: readonly Image[];
  readonly width: number;
  readonly height: number;
  readonly transform: Transform;
  /** -1 for an exposure of inverted contrast. */
  readonly sign: Float64Array;
}

/** An average may be so many times as large as an exposure. */
const MOST_EXPOSURES = 16;

/** The exposures with their places from the transform, or else from the drift. */
export function placeExposures(
  { images }: Exposures,
  drift: Drift | undefined,
  transform: Transform | undefined,
): Placed {
  if (images.length === 0) {
    throw new AdatomError("EXPOSURES_TOO_FEW", {
      cannot: "average exposures",
      expected: "at least 1 exposure",
      got: "0",
      hint: "name the files of the exposures",
    }, { port: "exposures" });
  }
  if (drift !== undefined) checkRows("drift", drift.columns.exposure, images.length);
  if (transform !== undefined) checkRows("transform", transform.columns.exposure, images.length);
  const [{ width, height }] = images;
  const places = transform ?? (drift && transformOfDrift(drift, height));
  if (places === undefined) {
    throw new AdatomError("INPUT_MISSING", {
      cannot: "average exposures",
      expected: 'input "drift" or input "transform"',
      got: "neither",
      hint: "measure the drift by alignment.drift",
    }, { port: "drift" });
  }
  checkPlaces(places, transform === undefined ? "drift" : "transform");
  const sign = Float64Array.from(images, (_, e) => (drift?.columns.sign[e] ?? 1) < 0 ? -1 : 1);
  return { images, width, height, transform: places, sign };
}

/** The frame of the average: neither empty nor out of all proportion, and every exposure shows in it. */
export function layOut(placed: Placed, kind: "reference" | "union" | "common"): Frame {
  const { transform, width, height } = placed;
  if (kind === "common") {
    const frame = commonFrame(transform, width, height);
    if (frame.width >= 1 && frame.height >= 1) return frame;
    throw refusal(placed, farthestOf(placed), "IMAGE_TOO_SMALL", "a region that all exposures saw");
  }
  if (kind === "union") {
    const frame = unionFrame(transform, width, height);
    if (frame.width * frame.height <= MOST_EXPOSURES * width * height) return frame;
    const limit = `a frame of at most ${MOST_EXPOSURES} times ${width} x ${height} px`;
    throw refusal(placed, farthestOf(placed), "SIZE_LIMIT", limit);
  }
  const frame = { x: 0, y: 0, width, height };
  for (let e = 0; e < transform.length; e++) {
    if (overlaps(transform, e, width, height, frame)) continue;
    const field = `part of the reference's ${width} x ${height} px in it`;
    throw refusal(placed, e, "IMAGE_TOO_SMALL", field);
  }
  return frame;
}

function checkRows(port: string, exposure: Float64Array, count: number): void {
  const stranger = exposure.findIndex((value, row) => value !== row);
  if (exposure.length === count && stranger < 0) return;
  throw new AdatomError("TABLE_VALUE", {
    cannot: `average ${count} exposures`,
    expected: `${port} of exposures 0 to ${count - 1}, in that order`,
    got: exposure.length === count
      ? `exposure ${exposure[stranger]} in row ${stranger}`
      : `${exposure.length} rows`,
    hint: "use the table that was measured on these exposures",
  }, { port });
}

function checkPlaces(places: Transform, port: string): void {
  for (let e = 0; e < places.length; e++) {
    if (isInvertible(places, e)) continue;
    const numbers = Object.keys(TRANSFORM_COLUMNS).filter((name) => name !== "exposure")
      .map((name) => `${name} = ${places.columns[name][e]}`);
    throw new AdatomError("TABLE_VALUE", {
      cannot: `place exposure ${e}`,
      expected: "finite numbers that have a way back",
      got: numbers.join(", "),
      hint: "leave the exposure out, or measure it again",
    }, { port });
  }
}

function refusal(
  { transform, width, height }: Placed,
  exposure: number,
  code: "IMAGE_TOO_SMALL" | "SIZE_LIMIT",
  expected: string,
): AdatomError {
  const { x, y } = displacementOf(transform, exposure, width, height);
  return new AdatomError(code, {
    cannot: `average exposure ${exposure} with the others`,
    expected,
    got: `one that lies (${x.toFixed(1)}, ${y.toFixed(1)}) px away`,
    hint: "leave it out, or check its drift",
  }, { port: "exposures" });
}

function farthestOf({ transform, width, height }: Placed): number {
  let farthest = 0, most = -1;
  for (let e = 0; e < transform.length; e++) {
    const { x, y } = displacementOf(transform, e, width, height);
    if (Math.hypot(x, y) > most) {
      most = Math.hypot(x, y);
      farthest = e;
    }
  }
  return farthest;
}
