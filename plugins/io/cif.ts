/**
 * CIF: the crystal structure of the first block that has atoms.
 *
 * Read are the cell, the symmetry operations and the atom sites with their occupancy and isotropic
 * displacement. The value is a
 * crystal as `simulation.scene` takes it: `{ name, cell: { a, b, c, alpha, beta, gamma }, atoms }` in
 * nm and degrees, with every atom of the cell at its fractions `u, v, w`. Anisotropic displacements,
 * bonds and magnetic structure are left out.
 *
 * @module
 */
import {
  atomicNumber,
  cellVectors,
  type Crystal,
  CRYSTAL_PORT,
  type CrystalAtom,
  type CrystalCell,
  type FormatContext,
  type Json,
  type JsonFormat,
} from "@core";
import { operate, parseOperation, type SymmetryOperation } from "./_cif_symmetry.ts";
import { type CifBlock, type CifLoop, type CifWord, parseCif } from "./_cif_text.ts";
import { corrupt, requireBytes, unsupported } from "./_file_errors.ts";

/** The format. */
export const cif: JsonFormat = {
  id: "io.cif",
  kind: "json",
  type: CRYSTAL_PORT.type,
  title: "CIF",
  extensions: ["cif"],
  recognizes: () => false, // text has no signature: it is known by its extension
  read: readCif,
};

/** More atoms in a cell, or as many images of them, are taken for a mistake. */
const MOST_ATOMS = 20_000;

/** Images of an atom closer than this, nm, are one: rounded thirds and sixths. */
const SAME_PLACE = 0.005;

type CellVectors = ReturnType<typeof cellVectors>;

// deno-lint-ignore require-await -- so that errors come as rejections
async function readCif(bytes: Uint8Array, context: FormatContext): Promise<Json> {
  const { path } = context;
  requireBytes(bytes, path, "a CIF file");
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw corrupt(path, "text", `a zero byte at byte ${zero}`);
  // A copy, since shared memory cannot be decoded.
  const blocks = parseCif(new TextDecoder().decode(bytes.slice()), path);
  const block = blocks.find((block) => siteLoop(block) !== undefined);
  if (block === undefined) {
    throw corrupt(
      path,
      "a loop of _atom_site_fract_x, _y and _z",
      `${blocks.length} blocks without`,
    );
  }
  const cell = cellOf(block, path);
  const sites = sitesOf(siteLoop(block)!, path);
  const operations = operationsOf(block, path);
  if (sites.length * operations.length > MOST_ATOMS) {
    throw unsupported(
      path,
      `at most ${MOST_ATOMS} atoms in a cell`,
      `${sites.length} sites and ${operations.length} operations`,
      "cut a smaller cell",
    );
  }
  const atoms = sites.flatMap((site) => imagesOf(site, operations, cell));
  const crystal: Crystal = { name: block.name || context.name, cell, atoms };
  return crystal as unknown as Json;
}

function siteLoop({ loops }: CifBlock): CifLoop | undefined {
  return loops.find(({ tags, rows }) => rows.length > 0 && tags.includes("_atom_site_fract_x"));
}

/** A number with its error in brackets left out: `3.160(2)`. */
function numberOf(word: CifWord | undefined, what: string, path: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\(\d+\))?$/.exec(word?.text ?? "");
  const value = Number(match?.[1] ?? NaN);
  if (Number.isFinite(value) && Math.abs(value) < 1e6) return value;
  const got = word === undefined ? "none" : `"${word.text.slice(0, 40)}" in line ${word.line}`;
  throw corrupt(path, `a number as ${what}`, got);
}

function cellOf({ items }: CifBlock, path: string): CrystalCell {
  const length = (name: string) => {
    const tag = `_cell_length_${name}`, value = numberOf(items.get(tag), tag, path);
    if (value > 0.1) return value / 10;
    throw corrupt(path, `${tag} of more than 0.1 angstrom`, `${value}`);
  };
  const angle = (name: string) => {
    const tag = `_cell_angle_${name}`, value = numberOf(items.get(tag), tag, path);
    if (value > 5 && value < 175) return value;
    throw corrupt(path, `${tag} between 5 and 175 degrees`, `${value}`);
  };
  const cell = {
    ...{ a: length("a"), b: length("b"), c: length("c") },
    ...{ alpha: angle("alpha"), beta: angle("beta"), gamma: angle("gamma") },
  };
  if (cellVectors(cell)[2][2] > 1e-3) return cell;
  throw corrupt(path, "angles that a cell can have", `${cell.alpha}, ${cell.beta}, ${cell.gamma}`);
}

function sitesOf({ tags, rows }: CifLoop, path: string): CrystalAtom[] {
  const at = (row: readonly CifWord[], name: string): CifWord | undefined =>
    row[tags.indexOf(`_atom_site_${name}`)];
  const sites = rows.map((row): CrystalAtom => {
    const fraction = (name: string) =>
      numberOf(at(row, `fract_${name}`), `_atom_site_fract_${name}`, path);
    const share = at(row, "occupancy");
    const known = share !== undefined && share.text !== "." && share.text !== "?";
    const occupancy = known ? numberOf(share, "_atom_site_occupancy", path) : 1;
    if (occupancy < 0 || occupancy > 1) {
      throw corrupt(path, "an occupancy from 0 to 1", `${occupancy} in line ${share!.line}`);
    }
    const element = elementOf(at(row, "type_symbol") ?? at(row, "label"), path);
    const place = { element, u: fraction("x"), v: fraction("y"), w: fraction("z"), occupancy };
    const motion = motionOf(at(row, "u_iso_or_equiv"), at(row, "b_iso_or_equiv"), path);
    return motion === undefined ? place : { ...place, motion };
  });
  return sites.filter(({ occupancy }) => occupancy > 0);
}

/** Standard deviation along an axis, nm, of U or B = 8 pi^2 U in square angstrom, if one is given. */
function motionOf(
  u: CifWord | undefined,
  b: CifWord | undefined,
  path: string,
): number | undefined {
  const given = (word: CifWord | undefined) =>
    word === undefined || /^[.?]$/.test(word.text) ? undefined : word;
  const [word, factor] = given(u) === undefined ? [given(b), 8 * Math.PI ** 2] : [u, 1];
  if (word === undefined) return undefined;
  const square = numberOf(word, "an isotropic displacement", path) / factor;
  if (square >= 0 && square <= 1) return Math.sqrt(square) / 10;
  const got = `"${word.text.slice(0, 40)}" in line ${word.line}`;
  throw corrupt(path, "an isotropic displacement from 0 to 1 square angstrom", got);
}

/** `Mo` of `Mo1`, `Mo4+`, `MO`; deuterium as hydrogen. */
function elementOf(word: CifWord | undefined, path: string): string {
  const letters = /^[A-Za-z]{1,2}/.exec(word?.text ?? "")?.[0] ?? "";
  const symbol = letters.slice(0, 1).toUpperCase() + letters.slice(1).toLowerCase();
  for (const name of [symbol, symbol.slice(0, 1)]) {
    if (name === "D") return "H";
    if (atomicNumber(name) > 0) return name;
  }
  const got = word === undefined ? "none" : `"${word.text.slice(0, 40)}" in line ${word.line}`;
  throw corrupt(path, "a chemical element as _atom_site_type_symbol or _atom_site_label", got);
}

const OPERATION_TAGS = ["_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz"];
const GROUP_TAGS = [
  "_space_group_name_h-m_alt",
  "_symmetry_space_group_name_h-m",
  "_space_group_it_number",
  "_symmetry_int_tables_number",
];

function operationsOf({ items, loops }: CifBlock, path: string): SymmetryOperation[] {
  for (const tag of OPERATION_TAGS) {
    const loop = loops.find(({ tags }) => tags.includes(tag));
    const single = items.get(tag);
    const words = loop?.rows.map((row) => row[loop.tags.indexOf(tag)]) ??
      (single === undefined ? [] : [single]);
    if (words.length > 0) return words.map((word) => operationOf(word, path));
  }
  for (const tag of GROUP_TAGS) {
    const group = items.get(tag)?.text.replace(/\s+/g, "").toUpperCase();
    if (group === undefined || ["P1", "1", "?", "."].includes(group)) continue;
    throw unsupported(
      path,
      `the symmetry operations of the space group ${items.get(tag)!.text.slice(0, 20)} in a loop`,
      "none",
      "export the CIF with its symmetry operations, or in P1 with all atoms",
    );
  }
  return [parseOperation("x,y,z")!];
}

function operationOf(word: CifWord, path: string): SymmetryOperation {
  const operation = parseOperation(word.text);
  if (operation !== undefined) return operation;
  const got = `"${word.text.slice(0, 40)}" in line ${word.line}`;
  throw corrupt(path, 'a symmetry operation such as "-x,y+1/2,z"', got);
}

/** The different places of a site under all operations. */
function imagesOf(
  site: CrystalAtom,
  operations: readonly SymmetryOperation[],
  cell: CrystalCell,
): CrystalAtom[] {
  const atoms: CrystalAtom[] = [], vectors = cellVectors(cell);
  for (const operation of operations) {
    const [u, v, w] = operate([site.u, site.v, site.w], operation);
    if (
      atoms.some((other) => distance(vectors, other.u - u, other.v - v, other.w - w) < SAME_PLACE)
    ) {
      continue;
    }
    atoms.push({ ...site, u, v, w });
  }
  return atoms;
}

/** Length of a vector of fractions, taken to the nearest cell, nm. */
function distance(vectors: CellVectors, u: number, v: number, w: number): number {
  const [i, j, k] = [u - Math.round(u), v - Math.round(v), w - Math.round(w)];
  const along = (n: number) => i * vectors[0][n] + j * vectors[1][n] + k * vectors[2][n];
  return Math.hypot(along(0), along(1), along(2));
}
