/**
 * The specimen of a scene: its columns where exposure 0 sees them, and contamination.
 *
 * @module
 */
import type { Conditions } from "./_conditions.ts";
import { REACH_SIGMAS } from "./_gaussian.ts";
import type { Structure } from "./_structures.ts";

/** A rectangle, px. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Columns and contamination, px of exposure 0; heights over those of a heavy column. */
export interface Specimen {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly height: Float64Array;
  readonly species: readonly string[];
  readonly blobs: readonly Blob[];
}

/** A round cloud of contamination. */
export interface Blob {
  readonly x: number;
  readonly y: number;
  readonly sigma: number;
  readonly height: number;
}

/** How a specimen is cut and spoiled. */
export interface Growth {
  /** Px in one nm. */
  readonly scale: number;
  readonly rotationRad: number;
  /** Chance that a heavy column is missing, and that another species stands in its place. */
  readonly vacancies: number;
  readonly substitutions: number;
}

/** What any exposure sees, columns that only reach in included, px of exposure 0. */
export function regionSeen(
  { width, height, rowJitter }: {
    readonly width: number;
    readonly height: number;
    readonly rowJitter: number;
  },
  conditions: readonly Conditions[],
): Box {
  let reach = 0, left = 0, right = 0, top = 0, bottom = 0;
  for (const { sigmaX, sigmaY, driftX, driftY, moveX, moveY } of conditions) {
    reach = Math.max(reach, REACH_SIGMAS * Math.max(sigmaX, sigmaY));
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

/** Fills a box with a structure, its corner at a random place of the cell. */
export function growColumns(
  structure: Structure,
  growth: Growth,
  box: Box,
  random: () => number,
): Omit<Specimen, "blobs"> {
  const [ax, ay] = turned(structure.a, growth);
  const [bx, by] = turned(structure.b, growth);
  const originU = random(), originV = random();
  const range = cellsOver(box, ax, ay, bx, by);
  const x: number[] = [], y: number[] = [], height: number[] = [], species: string[] = [];
  for (let i = range.i0; i <= range.i1; i++) {
    for (let j = range.j0; j <= range.j1; j++) {
      for (const site of structure.sites) {
        const u = i + site.u + originU, v = j + site.v + originV;
        const px = u * ax + v * bx, py = u * ay + v * by;
        if (px < box.left || px > box.right || py < box.top || py > box.bottom) continue;
        const fate = site.heavy ? random() : 1;
        if (fate < growth.vacancies) continue;
        const kept = fate >= growth.vacancies + growth.substitutions;
        const column = kept ? site : structure.substitute;
        x.push(px);
        y.push(py);
        height.push(column.height);
        species.push(column.species);
      }
    }
  }
  return {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    height: Float64Array.from(height),
    species,
  };
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

function turned([x, y]: readonly [number, number], { scale, rotationRad }: Growth) {
  const c = scale * Math.cos(rotationRad), s = scale * Math.sin(rotationRad);
  return [c * x - s * y, s * x + c * y] as const;
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
