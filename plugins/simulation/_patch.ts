/**
 * One training patch: columns of a random kind in random surroundings, as some microscope sees them.
 *
 * @module
 */
import { selectValues } from "@core";
import { meanNearestDistance, normalRandom } from "@core/kernels";
import { addGaussiansInPlace } from "./_gaussian.ts";
import {
  type Lattices,
  layColumns,
  PATCH_KINDS,
  type PatchColumns,
  type PatchKind,
  ROLE,
} from "./_patch_columns.ts";
import {
  addFieldInPlace,
  burnBarInPlace,
  drawField,
  drawRecording,
  judgeAtoms,
  judgeThin,
  type Recording,
  recordPatch,
  shadeInPlace,
} from "./_patch_field.ts";
import { addProfilesInPlace, type ColumnProfile, columnProfile, profileSigma } from "./_probe.ts";

/** Shares of the kinds, in the order of {@linkcode PATCH_KINDS}. */
const SHARES: readonly number[] = [0.33, 0.07, 0.09, 0.1, 0.18, 0.23];

/** Single atoms are as large as columns of these spacings, px; smaller specks are grain. */
const ATOM_SPACINGS = { least: 8, most: 24 } as const;

/** Narrow lattices are the hardest: this share of them is narrower than so many px. */
const NARROW_SHARE = 0.4, NARROW = 14;

/** Least standard deviation of a column's picture, and of a single atom's, px. */
const LEAST_SIGMA = 0.8, LEAST_ATOM_SIGMA = 1.3;

/** What patches are drawn from. */
export interface PatchRange {
  readonly size: number;
  readonly lattices: Lattices;
  /** Nearest-neighbor distances, px. */
  readonly spacingMin: number;
  readonly spacingMax: number;
}

/** A patch and its truth. */
export interface Patch {
  readonly kind: PatchKind;
  readonly pixels: Float32Array;
  readonly columns: PatchColumns;
  /** Mean nearest-neighbor distance of the columns to be found, px; of single atoms 4 sigma. */
  readonly spacing: number;
  /** Standard deviation of a column's picture, px. */
  readonly sigma: number;
  readonly counts: number;
}

/** Draws one patch of size * size px. */
export function drawPatch(
  { size, lattices, spacingMin, spacingMax }: PatchRange,
  random: () => number,
): Patch {
  const drawn = drawKind(random);
  const kind = lattices === "any" ? drawn : "lattice";
  const [least, most] = kind === "atoms"
    ? [Math.max(ATOM_SPACINGS.least, spacingMin), Math.max(ATOM_SPACINGS.most, spacingMin)]
    : [spacingMin, spacingMax];
  const widest = kind === "lattice" && random() < NARROW_SHARE ? Math.min(most, NARROW) : most;
  const spacing = least * Math.exp(Math.log(widest / least) * random());
  const picture = drawPicture(spacing, kind === "atoms" ? LEAST_ATOM_SIGMA : LEAST_SIGMA, random);
  const margin = Math.min(3 * spacing, 6 * picture.sigma + 4);
  const columns = layColumns(
    kind,
    lattices,
    { size, margin, spacing, sigma: picture.sigma },
    random,
  );
  const expected = new Float64Array(size * size);
  const field = drawField(kind, random);
  const recording = enlargedAtMost(drawRecording(random), mostEnlarged(kind, picture.sigma));
  const rowShift = drawJitter(size, random);
  addColumns(expected, size, withRole(columns, (role) => role === ROLE.faint), picture, rowShift);
  addFieldInPlace(expected, size, field, picture.sigma, spacing, random);
  const bright = withRole(columns, (role) => role !== ROLE.faint);
  if (kind === "atoms") judgeAtoms(columns, expected, size, picture.sigma, recording);
  if (kind === "particle") judgeThin(columns, expected, size, picture.sigma, recording);
  addColumns(expected, size, bright, picture, rowShift);
  shadeInPlace(expected, size, field.gradient, random);
  const pixels = new Float32Array(size * size);
  recordPatch(expected, size, recording, random, pixels);
  if (recording.bar) burnBarInPlace(pixels, size, columns, random);
  return {
    kind,
    pixels,
    columns,
    spacing: kind === "atoms" ? 4 * picture.sigma : trueSpacing(columns, spacing),
    sigma: picture.sigma,
    counts: recording.counts,
  };
}

/** How many times a patch may be enlarged: so that columns were resolved, and single atoms not at all. */
function mostEnlarged(kind: PatchKind, sigma: number): number {
  if (kind === "empty") return Infinity;
  return kind === "atoms" || kind === "particle" ? 1 : Math.max(1, sigma / LEAST_SIGMA);
}

function enlargedAtMost(recording: Recording, most: number): Recording {
  return { ...recording, enlarged: Math.min(recording.enlarged, most) };
}

/** Fewer columns than these do not tell their spacing. */
const TELLING = 6;

/** The mean nearest-neighbor distance of the columns to be found, px; as planned where few are. */
function trueSpacing({ x, y, role }: PatchColumns, planned: number): number {
  const rows = Array.from(role.keys()).filter((i) => role[i] === ROLE.column);
  if (rows.length < TELLING) return planned;
  return meanNearestDistance(
    selectValues(x, rows),
    selectValues(y, rows),
  );
}

function drawKind(random: () => number): PatchKind {
  let left = random();
  for (const [k, share] of SHARES.entries()) {
    left -= share;
    if (left < 0) return PATCH_KINDS[k];
  }
  return "lattice";
}

/** How one column looks: an elliptical Gaussian with a tail, or a probe. */
type Picture =
  | { readonly sigma: number; readonly profile: ColumnProfile }
  | {
    readonly sigma: number;
    readonly ellipticity: number;
    readonly angle: number;
    readonly tail: number;
    readonly tailWidth: number;
  };

function drawPicture(spacing: number, leastSigma: number, random: () => number): Picture {
  if (random() < 0.45) {
    const probe = drawProbe(spacing, leastSigma, random);
    if (probe !== null) return probe;
  }
  return {
    sigma: Math.max(leastSigma, spacing * (0.15 + 0.2 * random())),
    ellipticity: random() < 0.5 ? 1 : 1 + 0.4 * random(),
    angle: Math.PI * random(),
    tail: random() < 0.6 ? 0 : 0.25 * random(),
    tailWidth: 1.7 + 1.5 * random(),
  };
}

const PROFILE_SIZE = 180;

/** A probe that still resolves the columns; null when three draws did not. */
function drawProbe(spacing: number, leastSigma: number, random: () => number): Picture | null {
  const spacingNm = 0.14 + 0.28 * random();
  const pixelNm = spacingNm / spacing;
  const perPixel = Math.max(1, Math.round(pixelNm / 0.008));
  for (let trial = 1; trial <= 3; trial++) {
    const blurred = 1 / trial;
    const profile = columnProfile(
      {
        voltage: [60, 80, 120, 200, 300][Math.floor(5 * random())],
        convergence: 18 + 17 * random(),
        defocus: blurred * 12 * normalRandom(random),
        spherical: blurred * 20 * (random() - 0.5),
        twofold: blurred * 5 * random() ** 2,
        twofoldAngle: Math.PI * random(),
        threefold: blurred * 120 * random() ** 2,
        threefoldAngle: Math.PI * random(),
      },
      0.02 + 0.03 * random(),
      pixelNm / perPixel,
      PROFILE_SIZE,
      perPixel,
    );
    const sigma = profileSigma(profile), half = PROFILE_SIZE >> 1;
    const middle = profile.values[half * PROFILE_SIZE + half];
    if (sigma > leastSigma && sigma < 0.42 * spacing && middle > 0.9) return { sigma, profile };
  }
  return null;
}

/** How far the scan displaces each row, px. */
function drawJitter(size: number, random: () => number): Float64Array {
  const jitter = random() < 0.4 ? 0 : 0.35 * random();
  return Float64Array.from({ length: size }, () => jitter * normalRandom(random));
}

function withRole(
  { x, y, height, role }: PatchColumns,
  keeps: (role: number) => boolean,
): PatchColumns {
  const pick = (values: number[]) => values.filter((_, i) => keeps(role[i]));
  return { x: pick(x), y: pick(y), height: pick(height), role: pick(role) };
}

/** Adds the columns' pictures. */
function addColumns(
  expected: Float64Array,
  size: number,
  columns: PatchColumns,
  picture: Picture,
  rowShift: Float64Array,
): void {
  const x = Float64Array.from(columns.x), y = Float64Array.from(columns.y);
  const tops = Float64Array.from(columns.height);
  if ("profile" in picture) {
    addProfilesInPlace(expected, size, size, x, y, tops, 1, picture.profile, rowShift, 0, x.length);
    return;
  }
  const { sigma, ellipticity, angle, tail, tailWidth } = picture;
  const along = sigma * Math.sqrt(ellipticity), across = sigma / Math.sqrt(ellipticity);
  const shape = (scale: number) => {
    const a = 1 / (scale * along) ** 2, b = 1 / (scale * across) ** 2;
    const c = Math.cos(angle), s = Math.sin(angle);
    return { xx: a * c * c + b * s * s, xy: (a - b) * c * s, yy: a * s * s + b * c * c };
  };
  addGaussiansInPlace(expected, size, size, x, y, tops, 1 - tail, shape(1), rowShift, 0, x.length);
  if (tail === 0) return;
  addGaussiansInPlace(
    expected,
    size,
    size,
    x,
    y,
    tops,
    tail,
    shape(tailWidth),
    rowShift,
    0,
    x.length,
  );
}
