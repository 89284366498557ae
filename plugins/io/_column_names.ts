/**
 * Our names for the columns of other programs' tables.
 *
 * @module
 */

/** Our names with their units; those without a unit hold numbers all the same. */
const UNITS: Readonly<Record<string, string>> = {
  x: "px",
  y: "px",
  height: "counts",
  sigmaX: "px",
  sigmaY: "px",
  angle: "rad",
  background: "counts",
  volume: "counts px^2",
  errorX: "px",
  errorY: "px",
  xNm: "nm",
  yNm: "nm",
  exposure: "",
  error: "px",
  sign: "",
  ambiguous: "",
};

/** Columns that always hold words. */
const WORDS = new Set(["status", "species"]);

/** What others write, in lower case without blanks, `_` and `-`; `x` and `y` stand for px. */
const SYNONYMS: Readonly<Record<string, string>> = {
  xpx: "x",
  xpixel: "x",
  xpos: "x",
  xposition: "x",
  xcenter: "x",
  positionx: "x",
  centerx: "x",
  ypx: "y",
  ypixel: "y",
  ypos: "y",
  yposition: "y",
  ycenter: "y",
  positiony: "y",
  centery: "y",
  rotation: "angle",
  value: "height",
  intensity: "height",
  element: "species",
  frame: "exposure",
  "peak#": "peak",
  phase: "phase",
};

/** What a column is, beyond its cells. */
export interface ColumnKind {
  readonly name: string;
  readonly unit: string;
  /** Whether its cells must be numbers, must be words, or are what they look like. */
  readonly cells: "numbers" | "words" | "either";
}

/**
 * The columns of a header by position; `undefined` for those left out: any without a name (ImageJ's
 * row numbers) and any whose name an earlier one has.
 *
 * Our own names count before other programs'. `x [px]` is `x`; `x (nm)` is `xNm`; other units stay
 * part of the name, so that no length is taken for px.
 */
export function columnKinds(header: readonly string[]): (ColumnKind | undefined)[] {
  const ours = new Map(
    [...Object.keys(UNITS), ...WORDS].map((name) => [name.toLowerCase(), name]),
  );
  const plain = header.map(plainName);
  const names: (string | undefined)[] = plain.map((key) => ours.get(key));
  const taken = new Set(names.filter((name) => name !== undefined));
  plain.forEach((key, i) => {
    if (names[i] !== undefined || key === "") return;
    const synonym = Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key] : undefined;
    const name = synonym !== undefined && !taken.has(synonym) ? synonym : header[i];
    taken.add(name);
    names[i] = name;
  });
  const seen = new Set<string>();
  return names.map((name) => {
    if (name === undefined || seen.has(name)) return undefined;
    seen.add(name);
    const isNumber = Object.hasOwn(UNITS, name);
    return {
      name,
      unit: isNumber ? UNITS[name] : "",
      cells: isNumber ? "numbers" : WORDS.has(name) ? "words" : "either",
    };
  });
}

/** A name for comparing: lower case, without separators, a unit of px dropped and one of nm joined. */
function plainName(cell: string): string {
  const [, name, unit] = /^([^([]*?)\s*(?:[([]\s*([^)\]]*?)\s*[)\]])?$/.exec(cell) ??
    ["", cell, ""];
  const key = name.toLowerCase().replace(/[\s_-]/g, "");
  if (unit === undefined || unit === "" || /^(px|pixels?)$/i.test(unit)) return key;
  return /^nm$/i.test(unit) ? `${key}nm` : cell.toLowerCase();
}
