/**
 * Built-in structures, seen along the beam: two lattice vectors and the columns of one cell.
 *
 * The monolayer of 2H MoS2 has its lattice constant 0.316 nm. The rhenium sublattice of 1T'' ReS2 is
 * built from its cell (0.642 nm x 0.652 nm, 118.9 degrees) and the Re-Re bonds of its diamond chains:
 * 0.2695 nm across a diamond, 0.279 and 0.282 nm along its sides, 0.2895 nm from one to the next.
 * Each of its sulfur columns lies over the middle of three Re. Hexagonal and square lattices are
 * abstract: one species, spacing 0.3 nm unless told.
 *
 * @module
 */

/** One column of the cell. */
export interface Site {
  readonly species: string;
  /** Fractions of the lattice vectors. */
  readonly u: number;
  readonly v: number;
  /** Height of the column over that of a heavy one. */
  readonly height: number;
  /** Whether it is one of the heavy columns, which set the spacing and may be missing. */
  readonly heavy: boolean;
}

/** A structure, lengths in nm. */
export interface Structure {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly sites: readonly Site[];
  /** What may stand in place of a heavy column. */
  readonly substitute: { readonly species: string; readonly height: number };
}

/** Names of the structures. */
export type StructureName = "2H" | "1T''" | "hexagonal" | "square";

const heavy = (species: string, u: number, v: number): Site => ({
  species,
  u,
  v,
  height: 1,
  heavy: true,
});

const faint = (species: string, height: number, u: number, v: number): Site => ({
  species,
  u,
  v,
  height,
  heavy: false,
});

/** A lattice vector of the given length, at an angle to the x axis in degrees. */
function vector(length: number, degrees: number): readonly [number, number] {
  const angle = degrees * Math.PI / 180;
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** Height of one sulfur column over a rhenium one: (16 / 75) ^ 1.7. */
const S_OVER_RE = 0.07;

const STRUCTURES: Readonly<Record<StructureName, Structure>> = {
  "2H": {
    a: vector(0.316, 0),
    b: vector(0.316, 120),
    sites: [heavy("Mo", 1 / 3, 2 / 3), faint("S2", 0.25, 2 / 3, 1 / 3)],
    substitute: { species: "W", height: 2.6 },
  },
  "1T''": {
    a: vector(0.642, 0),
    b: vector(0.652, 118.9),
    sites: [
      heavy("Re", 0.19658, 0.21185),
      heavy("Re", 0.80342, 0.78815),
      heavy("Re", 0.25510, 0.81477),
      heavy("Re", 0.74490, 0.18523),
      faint("S", S_OVER_RE, 0.0655, 0.4040),
      faint("S", S_OVER_RE, 0.9345, 0.5960),
      faint("S", S_OVER_RE, 0.0850, 0.9383),
      faint("S", S_OVER_RE, 0.9150, 0.0617),
      faint("S", S_OVER_RE, 0.3989, 0.0706),
      faint("S", S_OVER_RE, 0.6011, 0.9294),
      faint("S", S_OVER_RE, 0.4184, 0.6049),
      faint("S", S_OVER_RE, 0.5816, 0.3951),
    ],
    substitute: { species: "Mo", height: 0.37 },
  },
  hexagonal: {
    a: vector(0.3, 0),
    b: vector(0.3, 120),
    sites: [heavy("A", 0, 0)],
    substitute: { species: "B", height: 0.5 },
  },
  square: {
    a: vector(0.3, 0),
    b: vector(0.3, 90),
    sites: [heavy("A", 0, 0)],
    substitute: { species: "B", height: 0.5 },
  },
};

/** A built-in structure, the height of its faint columns replaced where one is given. */
export function structureNamed(name: StructureName, faintHeight: number | "auto"): Structure {
  const structure = STRUCTURES[name];
  if (faintHeight === "auto") return structure;
  return {
    ...structure,
    sites: structure.sites.map((site) => site.heavy ? site : { ...site, height: faintHeight }),
  };
}

/** The mean distance of the heavy columns to the nearest heavy one, nm. */
export function heavySpacing({ a, b, sites }: Structure): number {
  const heavySites = sites.filter((site) => site.heavy);
  let sum = 0;
  for (const own of heavySites) {
    let nearest = Infinity;
    for (const other of heavySites) {
      for (let i = -2; i <= 2; i++) {
        for (let j = -2; j <= 2; j++) {
          const u = other.u - own.u + i, v = other.v - own.v + j;
          const distance = Math.hypot(u * a[0] + v * b[0], u * a[1] + v * b[1]);
          if (distance > 0 && distance < nearest) nearest = distance;
        }
      }
    }
    sum += nearest;
  }
  return sum / heavySites.length;
}
