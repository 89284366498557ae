/**
 * Built-in structures, seen along the beam: two lattice vectors and the columns of one cell.
 *
 * The monolayer of 2H MoS2 has its lattice constant 0.316 nm, that of 2H WSe2 0.3282 nm. The rhenium
 * sublattice of 1T'' ReS2 is built from its cell (0.642 nm x 0.652 nm, 118.9 degrees) and the Re-Re
 * bonds of its diamond chains: 0.2695 nm across a diamond, 0.279 and 0.282 nm along its sides,
 * 0.2895 nm from one to the next. Each of its sulfur columns lies over the middle of three Re.
 * SrTiO3 (0.3905 nm) is seen along [001], gold (0.4078 nm) along [110]. Hexagonal and square lattices
 * are abstract: one species, spacing 0.3 nm unless told, which scatters as molybdenum does.
 *
 * @module
 */

/** Atoms of one element in a column. */
export interface Atoms {
  readonly element: string;
  /** Atoms over each other; less than 1 where they are there by chance. */
  readonly count: number;
  /** Distance from one to the next along the beam, nm. */
  readonly pitch: number;
  /** Standard deviation of their thermal motion along an axis, nm, where it is known. */
  readonly motion?: number;
}

/** What stands in a column. */
export interface Kind {
  readonly species: string;
  /** Height of the column over that of a heavy one, where columns are Gaussians. */
  readonly height: number;
  readonly atoms: readonly Atoms[];
  /** Scattering over that of the atoms, where it is replaced. */
  readonly strength: number;
}

/** One column of the cell. */
export interface Site extends Kind {
  /** Fractions of the lattice vectors. */
  readonly u: number;
  readonly v: number;
  /** Height of its middle above the specimen's, nm, towards the source. */
  readonly z: number;
  /** Whether it is one of the heavy columns, which set the spacing and may be missing. */
  readonly heavy: boolean;
}

/** A structure, lengths in nm. */
export interface Structure {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly sites: readonly Site[];
  /** What may stand in place of a heavy column; crystals do not say. */
  readonly substitute?: Kind;
  /** From one layer to the next, for stacks of them. */
  readonly layerDistance: number;
  /** Period along the beam of a crystal that is as thick as one likes. */
  readonly period?: number;
  /** Mean nearest distance of heavy columns, where it is known. */
  readonly spacing?: number;
}

/** Names of the structures. */
export type StructureName =
  | "2H"
  | "1T''"
  | "hexagonal"
  | "square"
  | "2H-WSe2"
  | "graphene"
  | "SrTiO3-001"
  | "Au-110"
  | "none";

/** A kind of column of one element. */
export function kindOf(
  species: string,
  height: number,
  element: string,
  count = 1,
  pitch = 0,
): Kind {
  return { species, height, atoms: [{ element, count, pitch }], strength: 1 };
}

const at = (kind: Kind, u: number, v: number, z = 0): Site => ({
  ...kind,
  ...{ u, v, z },
  heavy: kind.height === 1,
});

/** A lattice vector of the given length, at an angle to the x axis in degrees. */
function vector(length: number, degrees: number): readonly [number, number] {
  const angle = degrees * Math.PI / 180;
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

/** Height of one sulfur column over a rhenium one: (16 / 75) ^ 1.7. */
const S_OVER_RE = 0.07;

/** Sulfur layers lie this far above and below the metal, nm. */
const S_ABOVE = 0.1565;

const MO = kindOf("Mo", 1, "Mo"), W = kindOf("W", 1, "W"), RE = kindOf("Re", 1, "Re");
const A = kindOf("A", 1, "Mo"), B: Kind = { ...kindOf("B", 0.5, "Mo"), strength: 0.5 };
const S2 = kindOf("S2", 0.25, "S", 2, 2 * S_ABOVE), S = kindOf("S", S_OVER_RE, "S");
const C = kindOf("C", 1, "C"),
  AU = kindOf("Au", 1, "Au", 1, 0.2884),
  SR = kindOf("Sr", 1, "Sr", 1, 0.3905);
const O = kindOf("O", 0.07, "O", 1, 0.3905);
const TIO: Kind = {
  ...{ species: "TiO", height: 0.46, strength: 1 },
  atoms: [
    { element: "Ti", count: 1, pitch: 0.3905 },
    { element: "O", count: 1, pitch: 0.3905 },
  ],
};

const STRUCTURES: Readonly<Record<StructureName, Structure>> = {
  "2H": {
    a: vector(0.316, 0),
    b: vector(0.316, 120),
    sites: [at(MO, 1 / 3, 2 / 3), at(S2, 2 / 3, 1 / 3)],
    substitute: kindOf("W", 2.6, "W"),
    layerDistance: 0.615,
  },
  "1T''": {
    a: vector(0.642, 0),
    b: vector(0.652, 118.9),
    sites: [
      at(RE, 0.19658, 0.21185),
      at(RE, 0.80342, 0.78815),
      at(RE, 0.25510, 0.81477),
      at(RE, 0.74490, 0.18523),
      at(S, 0.0655, 0.4040, -S_ABOVE),
      at(S, 0.9345, 0.5960, S_ABOVE),
      at(S, 0.0850, 0.9383, -S_ABOVE),
      at(S, 0.9150, 0.0617, S_ABOVE),
      at(S, 0.3989, 0.0706, S_ABOVE),
      at(S, 0.6011, 0.9294, -S_ABOVE),
      at(S, 0.4184, 0.6049, S_ABOVE),
      at(S, 0.5816, 0.3951, -S_ABOVE),
    ],
    substitute: kindOf("Mo", 0.37, "Mo"),
    layerDistance: 0.64,
  },
  hexagonal: {
    a: vector(0.3, 0),
    b: vector(0.3, 120),
    sites: [at(A, 0, 0)],
    substitute: B,
    layerDistance: 0.6,
  },
  square: {
    a: vector(0.3, 0),
    b: vector(0.3, 90),
    sites: [at(A, 0, 0)],
    substitute: B,
    layerDistance: 0.6,
  },
  "2H-WSe2": {
    a: vector(0.3282, 0),
    b: vector(0.3282, 120),
    sites: [at(W, 1 / 3, 2 / 3), at(kindOf("Se2", 0.53, "Se", 2, 0.3341), 2 / 3, 1 / 3)],
    substitute: kindOf("Mo", 0.38, "Mo"),
    layerDistance: 0.648,
  },
  graphene: {
    a: vector(0.246, 0),
    b: vector(0.246, 120),
    sites: [at(C, 1 / 3, 2 / 3), at(C, 2 / 3, 1 / 3)],
    substitute: kindOf("Si", 4.2, "Si"),
    layerDistance: 0.335,
  },
  "SrTiO3-001": {
    a: vector(0.3905, 0),
    b: vector(0.3905, 90),
    sites: [at(SR, 0, 0), at(TIO, 0.5, 0.5), at(O, 0.5, 0), at(O, 0, 0.5)],
    substitute: kindOf("La", 2, "La", 1, 0.3905),
    layerDistance: 0.3905,
    period: 0.3905,
  },
  "Au-110": {
    a: vector(0.4078, 0),
    b: vector(0.2884, 90),
    sites: [at(AU, 0, 0), at(AU, 0.5, 0.5)],
    substitute: kindOf("Ag", 0.45, "Ag", 1, 0.2884),
    layerDistance: 0.2884,
    period: 0.2884,
  },
  none: {
    a: vector(0.3, 0),
    b: vector(0.3, 90),
    sites: [],
    substitute: B,
    layerDistance: 0.6,
    spacing: 0.3,
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

/** A crystal of a given thickness, nm: as many atoms in its columns as periods go into it. */
export function withThickness(structure: Structure, thickness: number): Structure {
  const { period } = structure;
  if (period === undefined) return structure;
  const periods = Math.max(1, Math.round(thickness / period));
  const grow = <K extends Kind>(kind: K): K => ({
    ...kind,
    atoms: kind.atoms.map((atoms) => ({ ...atoms, count: periods * atoms.count })),
  });
  return {
    ...structure,
    sites: structure.sites.map(grow),
    ...(structure.substitute === undefined ? {} : { substitute: grow(structure.substitute) }),
    layerDistance: periods * period,
  };
}

/** The longest of the structure's columns, nm. */
export function depthOf({ sites }: Structure): number {
  const depths = sites.flatMap(({ atoms }) => atoms.map(({ count, pitch }) => (count - 1) * pitch));
  return Math.max(0, ...depths);
}

/** The mean distance of the heavy columns to the nearest heavy one, nm. */
export function heavySpacing(
  { a, b, sites, spacing }: Pick<Structure, "a" | "b" | "spacing"> & {
    readonly sites: readonly Pick<Site, "u" | "v" | "heavy">[];
  },
): number {
  if (spacing !== undefined) return spacing;
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
