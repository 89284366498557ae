/**
 * From two tables of positions to the errors of their pairs.
 *
 * @module
 */
import { numberColumn, type Table, wordColumn } from "@core";
import { mutualNearest } from "@core/kernels";
import { type Errors, median } from "./_localization.ts";
import { type Box, insideMargin, type Points } from "./_metrics.ts";
import { type PairingPlace, pairStrictly } from "./_pairing.ts";

type Positions = Table<"x" | "y">;

/** Times the offset of two exposures is measured again on the pairs it gave. */
const OFFSET_ROUNDS = 2;

/** A pairing of found positions with true ones or those of a second exposure. */
export interface Pairing {
  /** Reference row of each found one, or -1. */
  readonly partner: Int32Array;
  /** Of the found positions, px; null where it counts as an error. */
  readonly offset: { readonly x: number; readonly y: number } | null;
}

/** Pairs two exposures whose positions may lie apart by a constant, which is measured. */
export function pairExposures(
  found: Points,
  second: Points,
  matchRadius: number,
  place: PairingPlace,
): Pairing {
  let partner = new Int32Array(found.x.length);
  mutualNearest(found.x, found.y, second.x, second.y, partner);
  let offset = medianOffset(found, second, partner);
  for (let round = 0; round <= OFFSET_ROUNDS; round++) {
    const moved = {
      x: found.x.map((x) => x - offset.x),
      y: found.y.map((y) => y - offset.y),
    };
    partner = pairStrictly(moved, second, matchRadius, place) as Int32Array<ArrayBuffer>;
    if (round < OFFSET_ROUNDS) offset = medianOffset(found, second, partner);
  }
  return { partner, offset };
}

function medianOffset(found: Points, second: Points, partner: Int32Array) {
  const rows = Float64Array.from(partner.keys()).filter((i) => partner[i] >= 0);
  if (rows.length === 0) return { x: 0, y: 0 };
  return {
    x: median(rows.map((i) => found.x[i] - second.x[partner[i]])),
    y: median(rows.map((i) => found.y[i] - second.y[partner[i]])),
  };
}

/** Which rows count. */
export interface Counting {
  readonly box: Box | null;
  /** Whether rows of any status count. */
  readonly anyStatus: boolean;
}

/** The pairs that count, and how many positions do not. */
export interface PairedErrors {
  readonly errors: Errors;
  /** Rows of both tables. */
  readonly foundRows: Float64Array;
  readonly partnerRows: Float64Array;
  readonly unpaired: { readonly found: number; readonly reference: number };
  readonly leftOut: { readonly found: number; readonly reference: number };
}

/** The errors of the pairs whose reference lies inside the margin and whose status is right. */
export function pairedErrors(
  found: Positions,
  reference: Positions,
  { partner, offset }: Pairing,
  { box, anyStatus }: Counting,
): PairedErrors {
  const isSecond = offset !== null;
  const inside = insideMargin(found.columns, reference.columns, box);
  const foundFine = statusFine(found, anyStatus);
  const referenceFine = statusFine(reference, anyStatus || !isSecond);
  const rows: number[] = [];
  const referencePaired = new Uint8Array(reference.length);
  let foundAlone = 0, referenceAlone = 0;
  for (let i = 0; i < partner.length; i++) {
    const j = partner[i];
    if (j >= 0) {
      referencePaired[j] = 1;
      if (inside.truthInside[j] && foundFine[i] && referenceFine[j]) rows.push(i);
    } else foundAlone += inside.foundInside[i] & foundFine[i];
  }
  for (let j = 0; j < referencePaired.length; j++) {
    if (referencePaired[j] === 0) referenceAlone += inside.truthInside[j] & referenceFine[j];
  }
  const foundRows = Float64Array.from(rows), partnerRows = foundRows.map((i) => partner[i]);
  const of = (name: string) => columnAt(found, name, foundRows);
  const ofReference = (name: string) => columnAt(reference, name, partnerRows);
  const [foundX, foundY, x, y] = [of("x"), of("y"), ofReference("x"), ofReference("y")];
  // The errors of two exposures add up.
  const both = (name: string) =>
    known(isSecond ? addSquares(of(name), ofReference(name)) : of(name));
  const covariance = of("covXY");
  return {
    errors: {
      dx: foundX.map((v, k) => v - x[k] - (offset?.x ?? 0)),
      dy: foundY.map((v, k) => v - y[k] - (offset?.y ?? 0)),
      x: isSecond ? foundX : x,
      y: isSecond ? foundY : y,
      foundX,
      foundY,
      statedX: both("errorX"),
      statedY: both("errorY"),
      statedXY: isSecond ? add(covariance, ofReference("covXY")) : covariance,
      boundX: both("boundX"),
      boundY: both("boundY"),
      height: of("height"),
    },
    foundRows,
    partnerRows,
    unpaired: { found: foundAlone, reference: referenceAlone },
    leftOut: {
      found: found.length - rows.length - foundAlone,
      reference: reference.length - rows.length - referenceAlone,
    },
  };
}

/** 1 for the rows whose status is `ok`, or for all where there is none. */
function statusFine(table: Positions, any: boolean): Uint8Array {
  const status = any ? undefined : wordColumn(table, "status");
  return Uint8Array.from(
    { length: table.length },
    (_, i) => status === undefined || status[i] === "ok" ? 1 : 0,
  );
}

/** Some rows of a column, NaN where there is no such column. */
function columnAt(table: Positions, name: string, rows: Float64Array): Float64Array {
  const column = numberColumn(table, name);
  return rows.map((row) => column === undefined ? NaN : column[row]);
}

/** Standard deviations, NaN for what can be none. */
function known(deviations: Float64Array): Float64Array {
  return deviations.map((v) => v > 0 && v < Infinity ? v : NaN);
}

function addSquares(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((v, k) => Math.sqrt(v * v + b[k] * b[k]));
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((v, k) => v + b[k]);
}
