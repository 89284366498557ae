/**
 * The parser of point lists: text in, numbers or the first fault out.
 *
 * @module
 */

/** What is wrong with a point list, and where. */
export interface PointListFault {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly expected: string;
  readonly got: string;
  /** The file is right, but of a version that is not read here. */
  readonly version?: true;
}

/** The points of a list, in px. */
export interface PointList {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** NaN where it is not known. */
  readonly height: Float64Array;
  /** Header lines that mean nothing here. */
  readonly unknownKeys: readonly { readonly key: string; readonly line: number }[];
}

/** A line that is not empty, and its place in the file. */
interface Line {
  readonly text: string;
  readonly line: number;
}

type Header = ReadonlyMap<string, { readonly value: string; readonly line: number }>;

type Failed = { readonly fault: PointListFault };

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const COUNT = /^\d{1,9}$/;
const HEADER_LINE = /^([A-Za-z][A-Za-z -]*?)\s*:\s*(.*)$/;

/** Parses the text of a point list. */
export function parsePointList(text: string): PointList | Failed {
  const lines: Line[] = text.split(/\r\n|\n|\r/)
    .map((line, i) => ({ text: line.trim(), line: i + 1 }))
    .filter((line) => line.text !== "");
  const [first] = lines;
  const [, version] = /^%POINTLIST (\d+)$/.exec(first?.text ?? "") ?? [];
  if (version === undefined) return wrong(first?.line ?? 1, '"%POINTLIST 1"', first?.text);
  if (version !== "1") {
    return { fault: { line: first.line, expected: "version 1", got: version, version: true } };
  }
  const end = lines.findIndex(({ text }, i) => i > 0 && !HEADER_LINE.test(text));
  const head = end < 0 ? lines.slice(1) : lines.slice(1, end);
  const body = end < 0 ? [] : lines.slice(end);
  const after = head.at(-1)?.line ?? first.line;
  const header = parseHeader(head);
  if ("fault" in header) return header;
  const size = unitsPerPixel(header, after);
  if (typeof size !== "number") return size;
  const count = header.get("points");
  if (count === undefined) {
    return wrong(after, '"points: N" up to the end of the header', undefined);
  }
  if (!COUNT.test(count.value)) return wrong(count.line, "a number of points", count.value);
  return parsePoints(body, Number(count.value), size, unknownKeys(header), after);
}

function parseHeader(lines: readonly Line[]): Header | Failed {
  const header = new Map<string, { value: string; line: number }>();
  for (const { text, line } of lines) {
    const [, key, value] = HEADER_LINE.exec(text)!;
    const name = key.toLowerCase();
    const earlier = header.get(name);
    if (earlier !== undefined) {
      return wrong(line, `a key other than "${name}", which line ${earlier.line} gives`, text);
    }
    header.set(name, { value, line });
  }
  return header;
}

const KNOWN_KEYS = ["unit", "points", "pixel size"];

function unknownKeys(header: Header): PointList["unknownKeys"] {
  return [...header].filter(([key]) => !KNOWN_KEYS.includes(key))
    .map(([key, { line }]) => ({ key, line }));
}

/** Units of length in one px: what coordinates are divided by. */
function unitsPerPixel(header: Header, after: number): number | Failed {
  const unit = header.get("unit");
  if (unit === undefined) {
    return wrong(after, '"unit: px" or "unit: nm" up to the end of the header', undefined);
  }
  if (unit.value === "px") return 1;
  if (unit.value !== "nm") return wrong(unit.line, "the unit px or nm", unit.value);
  const given = header.get("pixel size");
  if (given === undefined) {
    return wrong(after, '"pixel size: N" (nm) up to the end of the header', undefined);
  }
  const size = numberOf(given.value);
  if (size > 0 && size < Infinity) return size;
  return wrong(given.line, "a pixel size above 0 (nm)", given.value);
}

function parsePoints(
  body: readonly Line[],
  count: number,
  size: number,
  unknownKeys: PointList["unknownKeys"],
  after: number,
): PointList | Failed {
  const end = body.at(-1)?.line ?? after;
  if (body.length < count) {
    return wrong(end, `${count} points up to the end`, `${body.length} points`);
  }
  if (body.length > count) {
    const { line, text } = body[count];
    return wrong(line, `the end of the file after ${count} points`, text);
  }
  const x = new Float64Array(count), y = new Float64Array(count), height = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const { text, line } = body[i];
    const cells = text.split(/\s+/);
    if (cells.length !== 3) return wrong(line, "x, y and height", text);
    x[i] = numberOf(cells[0]) / size;
    y[i] = numberOf(cells[1]) / size;
    height[i] = cells[2] === "-" ? NaN : numberOf(cells[2]);
    const bad = !Number.isFinite(x[i])
      ? cells[0]
      : !Number.isFinite(y[i])
      ? cells[1]
      : cells[2] !== "-" && !Number.isFinite(height[i])
      ? cells[2]
      : undefined;
    if (bad !== undefined) return wrong(line, "finite numbers", bad);
  }
  return { x, y, height, unknownKeys };
}

function numberOf(cell: string): number {
  return NUMBER.test(cell) ? Number(cell) : NaN;
}

function wrong(line: number, expected: string, got: string | undefined): Failed {
  return {
    fault: { line, expected, got: got === undefined ? "nothing" : `"${got.slice(0, 40)}"` },
  };
}
