/**
 * CIF as text: the first block's items and loops, values as words with their lines.
 *
 * @see Hall, Allen and Brown, The Crystallographic Information File, Acta Cryst. A47 (1991) 655.
 * https://doi.org/10.1107/S010876739101067X
 *
 * @module
 */
import { corrupt } from "./_file_errors.ts";

/** A value and the line it stands in, counted from 1. */
export interface CifWord {
  readonly text: string;
  readonly line: number;
}

/** A block: single values by their tag in lower case, and loops. */
export interface CifBlock {
  readonly name: string;
  readonly items: ReadonlyMap<string, CifWord>;
  readonly loops: readonly CifLoop[];
}

/** A loop: tags in lower case, and rows of as many values. */
export interface CifLoop {
  readonly tags: readonly string[];
  readonly rows: readonly (readonly CifWord[])[];
}

interface Token extends CifWord {
  readonly kind: "data" | "loop" | "tag" | "value";
}

/**
 * All blocks of a file in their order.
 *
 * @throws AdatomError FILE_CORRUPT with the line, for text that is no CIF
 */
export function parseCif(text: string, path: string): CifBlock[] {
  const tokens = splitTokens(text, path);
  const blocks: { name: string; items: Map<string, CifWord>; loops: CifLoop[] }[] = [];
  for (let i = 0; i < tokens.length;) {
    const token = tokens[i];
    if (token.kind === "data") {
      blocks.push({ name: token.text, items: new Map(), loops: [] });
      i++;
      continue;
    }
    const block = blocks.at(-1);
    if (block === undefined) {
      throw corrupt(path, "data_ before anything else", `"${shown(token)}" in line ${token.line}`);
    }
    if (token.kind === "tag") {
      const value = tokens[i + 1];
      if (value?.kind !== "value") {
        throw corrupt(path, `a value for ${token.text} in line ${token.line}`, "none");
      }
      block.items.set(token.text, value);
      i += 2;
    } else if (token.kind === "loop") {
      const tags: string[] = [], values: Token[] = [];
      for (i++; tokens[i]?.kind === "tag"; i++) tags.push(tokens[i].text);
      for (; tokens[i]?.kind === "value"; i++) values.push(tokens[i]);
      block.loops.push({ tags, rows: rowsOf(tags, values, token.line, path) });
    } else {
      throw corrupt(path, "a tag or a loop", `"${shown(token)}" in line ${token.line}`);
    }
  }
  return blocks;
}

function rowsOf(tags: readonly string[], values: Token[], line: number, path: string): CifWord[][] {
  if (tags.length === 0 || values.length % tags.length !== 0) {
    const expected = `rows of ${tags.length || "some"} values in the loop of line ${line}`;
    throw corrupt(path, expected, `${values.length} values`);
  }
  return Array.from(
    { length: values.length / tags.length },
    (_, row) => values.slice(row * tags.length, (row + 1) * tags.length),
  );
}

/** A word of a line: a comment, a quoted value (its end quote before a blank), or anything else. */
const WORD = /#.*|'((?:[^']|'(?=\S))*)'(?=\s|$)|"((?:[^"]|"(?=\S))*)"(?=\s|$)|\S+/g;

/** Twice what CIF allows; a search for the end of a quote takes the square of it. */
const LONGEST_LINE = 4096;

function splitTokens(text: string, path: string): Token[] {
  const tokens: Token[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n];
    if (line.length > LONGEST_LINE) {
      const expected = `lines of at most ${LONGEST_LINE} characters`;
      throw corrupt(path, expected, `${line.length} in line ${n + 1}`);
    }
    if (line.startsWith(";")) {
      const from = n;
      const parts = [line.slice(1)];
      for (n++; n < lines.length && !lines[n].startsWith(";"); n++) parts.push(lines[n]);
      if (n === lines.length) {
        throw corrupt(path, `the end of the text of line ${from + 1}`, "the end of the file");
      }
      tokens.push({ kind: "value", text: parts.join("\n"), line: from + 1 });
      continue;
    }
    for (const match of line.matchAll(WORD)) {
      const token = tokenOf(match[0], match[1] ?? match[2], n + 1);
      if (token !== undefined) tokens.push(token);
    }
  }
  return tokens;
}

function tokenOf(word: string, quoted: string | undefined, line: number): Token | undefined {
  if (quoted !== undefined) return { kind: "value", text: quoted, line };
  if (word.startsWith("#")) return undefined;
  const lower = word.toLowerCase();
  if (lower.startsWith("data_")) return { kind: "data", text: word.slice(5), line };
  if (lower === "loop_") return { kind: "loop", text: word, line };
  if (word.startsWith("_")) return { kind: "tag", text: lower, line };
  return { kind: "value", text: word, line };
}

/** What a message shows of a word. */
function shown({ text }: CifWord): string {
  return text.slice(0, 40);
}
