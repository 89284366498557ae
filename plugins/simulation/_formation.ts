/**
 * How the columns of a specimen look in one exposure, and how they are drawn: the formation models.
 *
 * @module
 */
import { selectValues } from "@core";
import type { Conditions } from "./_conditions.ts";
import { addGaussiansInPlace, addWarpedGaussiansInPlace, REACH_SIGMAS } from "./_gaussian.ts";
import type { Pictures } from "./_pictures.ts";
import { addProfilesInPlace, addWarpedProfilesInPlace, type ColumnProfile } from "./_probe.ts";
import { type ScanView, type Shape, viewPoints } from "./_scan.ts";
import type { Specimen } from "./_specimen.ts";

/** How each kind of column looks in an exposure: counts at its top, px, rad. */
export interface Look {
  readonly tops: Float64Array;
  readonly sigmaX: Float64Array;
  readonly sigmaY: Float64Array;
  readonly angle: Float64Array;
  /** Pictures of the kinds; Gaussians of the view's shape without. */
  readonly profiles?: readonly ColumnProfile[];
}

/** Where the beam goes: each row displaced along x, and the place along x of each pixel of a row. */
export interface Beam {
  readonly rowShift: Float64Array;
  /** Undefined where pixel u is taken at u. */
  readonly beamX: Float64Array | undefined;
}

/** What one exposure sees of a specimen. */
export interface SeenScene {
  readonly specimen: Specimen;
  readonly view: ScanView;
  readonly look: Look;
  /** Where the columns are, but for the way of the beam. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly beam: Beam;
}

/** Columns as Gaussians of one shape. */
export function gaussianLook({ kinds }: Specimen, view: ScanView, { counts }: Conditions): Look {
  const n = kinds.length;
  return {
    tops: Float64Array.from(kinds, ({ height }) => counts * height),
    sigmaX: new Float64Array(n).fill(view.sigmaX),
    sigmaY: new Float64Array(n).fill(view.sigmaY),
    angle: new Float64Array(n).fill(view.angle),
  };
}

/** Columns as a probe sees them; the brightest kind of the specimen has the counts at its top. */
export function probeLook({ brightest }: Specimen, pictures: Pictures, counts: number): Look {
  const { tops, ...shapes } = pictures;
  return { ...shapes, tops: tops.map((top) => counts * top / tops[brightest]) };
}

/** Columns drawn between two reports of progress. */
const BLOCK_COLUMNS = 2048;

/** One thing to draw: columns of one look, in blocks. */
type Draw = (first: number, last: number) => void;

/** Adds the columns and the support to an image. */
export function drawColumns(
  expected: Float64Array,
  width: number,
  height: number,
  { specimen, view, look, x, y, beam }: SeenScene,
  report: (part: number) => void,
): void {
  const { support, kind, kinds } = specimen;
  const film = { x: new Float64Array(support.x.length), y: new Float64Array(support.x.length) };
  viewPoints(view, support.x, support.y, film.x, film.y);
  const canvas = [expected, width, height] as const;
  const layers: (readonly [number, Draw])[] = [];
  const add = (x: Float64Array, y: Float64Array, tops: Float64Array, profile?: ColumnProfile) => {
    const draw: Draw = profile === undefined
      ? (first, last) => addGaussians(...canvas, x, y, tops, 1, view.shape, beam, first, last)
      : (first, last) => addProfiles(...canvas, x, y, tops, profile, beam, first, last);
    layers.push([x.length, draw]);
  };
  const { profiles, tops } = look;
  if (profiles === undefined) {
    add(x, y, selectValues(tops, kind));
  } else {
    for (const [k, profile] of profiles.entries()) {
      const own = ofKind(kind, k);
      const at = (values: Float64Array) => selectValues(values, own);
      add(at(x), at(y), new Float64Array(own.length).fill(tops[k]), profile);
    }
  }
  const last = kinds.length - 1;
  add(film.x, film.y, new Float64Array(film.x.length).fill(tops[last]), profiles?.[last]);
  drawInBlocks(layers, report);
}

function drawInBlocks(
  layers: readonly (readonly [number, Draw])[],
  report: (part: number) => void,
) {
  const total = layers.reduce((sum, [length]) => sum + length, 0);
  let done = 0;
  for (const [length, draw] of layers) {
    for (let first = 0; first < length; first += BLOCK_COLUMNS) {
      const last = Math.min(length, first + BLOCK_COLUMNS);
      draw(first, last);
      done += last - first;
      report(done / total);
    }
  }
}

/** The indices of the columns of one kind. */
function ofKind(kind: Int32Array, wanted: number): Int32Array {
  const own = new Int32Array(kind.length);
  let n = 0;
  for (let i = 0; i < kind.length; i++) if (kind[i] === wanted) own[n++] = i;
  return own.subarray(0, n);
}

/** Adds Gaussians along the beam's way. */
export function addGaussians(
  expected: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  factor: number,
  shape: Shape,
  { rowShift, beamX }: Beam,
  first: number,
  last: number,
): void {
  const what = [expected, width, height, x, y, tops, factor, shape, rowShift] as const;
  if (beamX === undefined) addGaussiansInPlace(...what, first, last);
  else addWarpedGaussiansInPlace(...what, beamX, first, last);
}

/** Adds pictures along the beam's way; quicker where a px is a whole number of samples. */
function addProfiles(
  expected: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  profile: ColumnProfile,
  { rowShift, beamX }: Beam,
  first: number,
  last: number,
): void {
  const what = [expected, width, height, x, y, tops, 1, profile, rowShift] as const;
  if (beamX === undefined && Number.isInteger(profile.perPixel)) {
    addProfilesInPlace(...what, first, last);
  } else {
    const steady = beamX ?? Float64Array.from({ length: width }, (_, u) => u);
    addWarpedProfilesInPlace(...what, steady, first, last);
  }
}

/** How far a Gaussian of an exposure reaches, px. */
export function gaussianReach(conditions: readonly Conditions[]): number {
  return conditions.reduce(
    (reach, { sigmaX, sigmaY }) => Math.max(reach, REACH_SIGMAS * Math.max(sigmaX, sigmaY)),
    0,
  );
}
