/**
 * Crystals: a cell and its atoms, what a CIF file holds.
 *
 * @module
 */

/** A crystal: every atom of one cell. */
export interface Crystal {
  readonly name: string;
  readonly cell: CrystalCell;
  readonly atoms: readonly CrystalAtom[];
}

/** Edges in nm, angles in degrees: `alpha` between b and c, `beta` a and c, `gamma` a and b. */
export interface CrystalCell {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** An atom at u a + v b + w c. */
export interface CrystalAtom {
  /** Its symbol, as `Mo`. */
  readonly element: string;
  readonly u: number;
  readonly v: number;
  readonly w: number;
  /** Chance that it is there. */
  readonly occupancy: number;
  /** Standard deviation of its thermal motion along an axis, nm, where it is known. */
  readonly motion?: number;
}

const edge = { type: "number", minimum: 0.01, maximum: 1000 } as const;
const angle = { type: "number", minimum: 5, maximum: 175 } as const;
const fraction = { type: "number" } as const;

/** The declaration of a port for a crystal, but for its description; CIF files are read for it. */
export const CRYSTAL_PORT = {
  kind: "json",
  type: "adatom.crystal",
  schema: {
    type: "object",
    required: ["name", "cell", "atoms"],
    properties: {
      name: { type: "string" },
      cell: {
        type: "object",
        required: ["a", "b", "c", "alpha", "beta", "gamma"],
        properties: { a: edge, b: edge, c: edge, alpha: angle, beta: angle, gamma: angle },
      },
      atoms: {
        type: "array",
        minItems: 1,
        maxItems: 20_000,
        items: {
          type: "object",
          required: ["element", "u", "v", "w", "occupancy"],
          properties: {
            element: { type: "string" },
            u: fraction,
            v: fraction,
            w: fraction,
            occupancy: { type: "number", minimum: 0, maximum: 1 },
            motion: { type: "number", minimum: 0, maximum: 0.1 },
          },
        },
      },
    },
  },
} as const;

/** The vectors of a cell, nm: a along x, b in the plane of x and y. NaN if the angles do not close. */
export function cellVectors(
  { a, b, c, alpha, beta, gamma }: CrystalCell,
): readonly (readonly [number, number, number])[] {
  const [ca, cb, cg] = [alpha, beta, gamma].map((degrees) => Math.cos(degrees * Math.PI / 180));
  const sg = Math.sin(gamma * Math.PI / 180);
  const y = (ca - cb * cg) / sg;
  return [
    [a, 0, 0],
    [b * cg, b * sg, 0],
    [c * cb, c * y, c * Math.sqrt(1 - cb * cb - y * y)],
  ];
}
