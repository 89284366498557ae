/**
 * The specimen of a scene: its columns where exposure 0 sees them, support and contamination.
 *
 * @module
 */
import type { Conditions } from "./_conditions.ts";
import type { Kind, Site, Structure } from "./_structures.ts";

/** A rectangle, px. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Columns, px of exposure 0, each of one of several kinds. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly kind: Int32Array;
}

/** A specimen: columns, the support's atoms, and contamination. */
export interface Specimen extends Places {
  readonly kinds: readonly Kind[];
  /** The kind whose top the counts of an exposure are. */
  readonly brightest: number;
  /** Atoms of the support, all of the last kind; they are in no truth. */
  readonly support: { readonly x: Float64Array; readonly y: Float64Array };
  readonly blobs: readonly Blob[];
}

/** A round cloud of contamination, its height over that of a heavy column. */
export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly sigma: number;
  readonly height: number;
}

/** How a specimen is cut, laid and spoiled. */
export interface Growth {
  /** Px in one nm. */
  readonly scale: number;
  readonly rotationRad: number;
  /** By how much the specimen is tilted, and about which axis of the image. */
  readonly tiltRad: number;
  readonly tiltAxisRad: number;
  /** Chance that a heavy column is missing, and that another species stands in its place. */
  readonly vacancies: number;
  readonly substitutions: number;
}

/** What any exposure sees, px of exposure 0, with a margin for columns that only reach in. */
export function regionSeen(
  { width, height, rowJitter }: {
    readonly width: number;
    readonly height: number;
    readonly rowJitter: number;
  },
  conditions: readonly Conditions[],
  reach: number,
): Box {
  let left = 0, right = 0, top = 0, bottom = 0;
  for (const { driftX, driftY, moveX, moveY } of conditions) {
    left = Math.max(left, driftX + Math.abs(moveX));
    right = Math.max(right, Math.abs(moveX) - driftX);
    top = Math.max(top, driftY + Math.abs(moveY));
    bottom = Math.max(bottom, Math.abs(moveY) - driftY);
  }
  const margin = 1.05 * reach + 6 * rowJitter + 1;
  return {
    left: -left - margin,
    top: -top - margin,
    right: width + right + margin,
    bottom: height + bottom + margin,
  };
}

/** The kinds of a structure's columns, those of its sites first, the substitute last. */
export function kindsOf({ sites, substitute }: Structure): Kind[] {
  return substitute === undefined ? [...sites] : [...sites, substitute];
}

/**
 * Fills a box with a structure; kinds are numbered as {@linkcode kindsOf} lists them.
 *
 * @param z height of the layer above the specimen's middle, nm, towards the source
 * @param origin fractions of the lattice vectors by which the lattice is moved
 */
export function growColumns(
  structure: Structure,
  growth: Growth,
  z: number,
  origin: readonly [number, number],
  box: Box,
  random: () => number,
): Places {
  const [ax, ay] = inImage(structure.a, growth);
  const [bx, by] = inImage(structure.b, growth);
  const lean = leanOf(growth), { scale } = growth;
  const range = cellsOver(movedBox(box, -scale * z * lean.x, -scale * z * lean.y), ax, ay, bx, by);
  const x: number[] = [], y: number[] = [], kind: number[] = [];
  const { sites } = structure;
  for (let i = range.i0; i <= range.i1; i++) {
    for (let j = range.j0; j <= range.j1; j++) {
      for (let s = 0; s < sites.length; s++) {
        const site: Site = sites[s], above = scale * (site.z + z);
        const u = i + site.u + origin[0], v = j + site.v + origin[1];
        const px = u * ax + v * bx + above * lean.x, py = u * ay + v * by + above * lean.y;
        if (px < box.left || px > box.right || py < box.top || py > box.bottom) continue;
        const fate = site.heavy ? random() : 1;
        if (fate < growth.vacancies) continue;
        x.push(px);
        y.push(py);
        kind.push(fate >= growth.vacancies + growth.substitutions ? s : sites.length);
      }
    }
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y), kind: Int32Array.from(kind) };
}

/** Where a nm towards the source shows in the image of a tilted specimen, nm. */
export function leanOf({ tiltRad, tiltAxisRad }: Growth): { x: number; y: number } {
  const lean = Math.sin(tiltRad);
  return { x: -lean * Math.sin(tiltAxisRad), y: lean * Math.cos(tiltAxisRad) };
}

/** Scatters clouds over a box, about one in a square of 20 spacings. */
export function growBlobs(
  box: Box,
  spacing: number,
  contamination: number,
  random: () => number,
): Blob[] {
  if (contamination === 0) return [];
  const width = box.right - box.left, height = box.bottom - box.top;
  const count = Math.max(1, Math.round(width * height / (20 * spacing) ** 2));
  return Array.from({ length: count }, () => ({
    x: box.left + width * random(),
    y: box.top + height * random(),
    sigma: spacing * (2 + 4 * random()),
    height: contamination * (0.3 + 0.7 * random()),
  }));
}

/** A vector of the specimen, nm, in the image, px: turned, then tilted. */
function inImage([x, y]: readonly [number, number], growth: Growth): readonly [number, number] {
  const { scale, rotationRad, tiltRad, tiltAxisRad } = growth;
  const c = scale * Math.cos(rotationRad), s = scale * Math.sin(rotationRad);
  const px = c * x - s * y, py = s * x + c * y;
  if (tiltRad === 0) return [px, py];
  // Lengths across the tilt axis shrink.
  const nx = -Math.sin(tiltAxisRad), ny = Math.cos(tiltAxisRad);
  const loss = (1 - Math.cos(tiltRad)) * (px * nx + py * ny);
  return [px - loss * nx, py - loss * ny];
}

function movedBox({ left, top, right, bottom }: Box, x: number, y: number): Box {
  return { left: left + x, top: top + y, right: right + x, bottom: bottom + y };
}

/** The cells that can reach into a box, for sites at up to two cells beyond their cell's index. */
function cellsOver(box: Box, ax: number, ay: number, bx: number, by: number) {
  const determinant = ax * by - ay * bx;
  const corners = [
    [box.left, box.top],
    [box.right, box.top],
    [box.left, box.bottom],
    [box.right, box.bottom],
  ];
  const u = corners.map(([x, y]) => (x * by - y * bx) / determinant);
  const v = corners.map(([x, y]) => (ax * y - ay * x) / determinant);
  return {
    i0: Math.floor(Math.min(...u)) - 2,
    i1: Math.ceil(Math.max(...u)),
    j0: Math.floor(Math.min(...v)) - 2,
    j1: Math.ceil(Math.max(...v)),
  };
}
