/**
 * Chemical elements by their symbol.
 *
 * @module
 */

/** Symbols in the order of the periodic table, hydrogen first. */
export const ELEMENTS: readonly string[] =
  ("H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br " +
    "Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho " +
    "Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf")
    .split(" ");

const NUMBERS = new Map(ELEMENTS.map((symbol, i) => [symbol, i + 1]));

/**
 * The atomic number of an element; 0 for anything that is no symbol of one.
 *
 * @example
 * ```ts
 * import { atomicNumber } from "@core";
 * import { assertEquals } from "@assert";
 *
 * assertEquals(["Mo", "W", "mo"].map(atomicNumber), [42, 74, 0]);
 * ```
 */
export function atomicNumber(symbol: string): number {
  return NUMBERS.get(symbol) ?? 0;
}
