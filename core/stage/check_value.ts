/**
 * Checks a value against the declaration of its port.
 *
 * @module
 */
import { COLUMN_COLUMNS } from "../data/columns.ts";
import { DRIFT_COLUMNS } from "../data/drift.ts";
import { countNonFinite, type Exposures, type Image, SAMPLE_TYPES } from "../data/image.ts";
import type { Model } from "../data/model.ts";
import { PEAK_COLUMNS } from "../data/peaks.ts";
import type { Table } from "../data/table.ts";
import { samePixelSize } from "../data/units.ts";
import { AdatomError, type ErrorCode, type ErrorPlace } from "../errors.ts";
import type { PortDeclaration } from "./ports.ts";
import { schemaProblem } from "./schema.ts";

/** The number and word columns a port's tables must have. */
export function requiredColumns(
  port: PortDeclaration,
): { numbers: readonly string[]; words: readonly string[] } {
  switch (port.kind) {
    case "peaks":
      return { numbers: Object.keys(PEAK_COLUMNS), words: [] };
    case "columns":
      return { numbers: Object.keys(COLUMN_COLUMNS), words: ["status"] };
    case "drift":
      return { numbers: Object.keys(DRIFT_COLUMNS), words: [] };
    case "table":
      return { numbers: Object.keys(port.columns), words: port.words ?? [] };
    default:
      return { numbers: [], words: [] };
  }
}

/** A port's type in words: `exposures (tyx)`, `table of x, y (one per exposure)`. */
export function describePort(port: PortDeclaration): string {
  switch (port.kind) {
    case "image":
    case "exposures":
      return `${port.kind} (float32 ${port.axes})`;
    case "table":
      return `table of ${Object.keys(port.columns).join(", ")}${perExposure(port)}`;
    case "json":
      return `${port.type ?? "json"}${perExposure(port)}`;
    default:
      return `${port.kind}${perExposure(port)}`;
  }
}

/** Everything wrong with a value for a port; empty when it fits. */
export function valueProblems(
  port: PortDeclaration,
  value: unknown,
  place: ErrorPlace & { readonly side: "input" | "output" },
): AdatomError[] {
  const { side, ...where } = place;
  const problem = (code: ErrorCode, expected: string, got: string, hint?: string) =>
    new AdatomError(code, {
      cannot: `${side === "input" ? "give" : "take"} ${side} "${where.port}" ${
        side === "input" ? "to" : "of"
      } ${where.stage}`,
      expected,
      got,
      hint,
    }, where);
  const typeCode: ErrorCode = side === "input" ? "PORT_TYPE" : "OUTPUT_TYPE";
  if (port.kind !== "image" && port.kind !== "exposures" && port.axes === "t") {
    if (!Array.isArray(value)) {
      return [problem(typeCode, `a list of ${port.kind}, one per exposure`, describeValue(value))];
    }
    const { axes: _, ...single } = port;
    return value.flatMap((item) => valueProblems(single as PortDeclaration, item, place)).slice(
      0,
      1,
    );
  }
  switch (port.kind) {
    case "json": {
      if (value === undefined) return [problem(typeCode, describePort(port), "nothing")];
      const fault = port.schema === undefined ? undefined : schemaProblem(port.schema, value);
      return fault === undefined ? [] : [problem(typeCode, fault.expected, fault.got)];
    }
    case "model":
      return isModel(value) ? [] : [problem(typeCode, "a model", describeValue(value))];
    case "image": {
      if (!isImage(value)) return [problem(typeCode, describePort(port), describeValue(value))];
      return nonFiniteProblems([value], port.nonFinite ?? "refuse", side, problem);
    }
    case "exposures": {
      if (!isExposures(value)) return [problem(typeCode, describePort(port), describeValue(value))];
      return [
        ...(port.sizes === "any" ? [] : likenessProblems(value, problem)),
        ...nonFiniteProblems(value.images, port.nonFinite ?? "refuse", side, problem),
      ];
    }
    default: {
      if (!isTable(value)) return [problem(typeCode, describePort(port), describeValue(value))];
      const { numbers, words } = requiredColumns(port);
      const missing = [
        ...numbers.filter((name) => !(value.columns[name] instanceof Float64Array)),
        ...words.filter((name) => !Array.isArray(value.columns[name])),
      ];
      if (missing.length === 0) return [];
      const got = `columns ${Object.keys(value.columns).join(", ") || "(none)"}`;
      return [
        problem(
          side === "input" ? "TABLE_COLUMN" : typeCode,
          `the columns ${[...numbers, ...words].join(", ")}`,
          got,
          `add ${missing.join(", ")}`,
        ),
      ];
    }
  }
}

/** What a value is, in words. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isImage(value)) return `image (float32 yx, ${value.width} x ${value.height})`;
  if (isExposures(value)) return `exposures (float32 tyx, ${value.images.length} of them)`;
  if (isTable(value)) return `table of ${Object.keys(value.columns).join(", ")}`;
  if (isModel(value)) return `model ("${value.name}")`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? "null" : `${typeof value}`;
}

/** Whether a value is an image. Nothing is taken for granted: it may come from a plugin. */
export function isImage(value: unknown): value is Image {
  if (!isMap(value)) return false;
  const { data, width, height, name, sourceType, pixelSize } = value as Partial<Image>;
  return data instanceof Float32Array && isCount(width) && isCount(height) &&
    data.length === width * height && typeof name === "string" &&
    SAMPLE_TYPES.includes(sourceType!) && (pixelSize === null || isPixelSize(pixelSize));
}

/** Whether a value is a model: a name, the bytes of its file, and its description or null. */
export function isModel(value: unknown): value is Model {
  if (!isMap(value)) return false;
  const { name, bytes, description } = value as Partial<Model>;
  return typeof name === "string" && bytes instanceof Uint8Array &&
    (description === null || isMap(description));
}

/** Whether a value is a list of exposures. */
export function isExposures(value: unknown): value is Exposures {
  const images = isMap(value) ? (value as Partial<Exposures>).images : undefined;
  return Array.isArray(images) && images.every(isImage);
}

/** Whether a value is a table with columns of one length. */
export function isTable(value: unknown): value is Table {
  if (!isMap(value)) return false;
  const { length, columns, units } = value as Partial<Table>;
  if (!isCount(length) || !isMap(columns) || !isMap(units)) return false;
  return Object.values(units).every((unit) => typeof unit === "string") &&
    Object.values(columns).every((column: unknown) =>
      column instanceof Float64Array
        ? column.length === length
        : Array.isArray(column) && column.length === length &&
          column.every((word) => typeof word === "string")
    );
}

function isMap(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function isPixelSize(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { x, y, unit } = value as Partial<NonNullable<Image["pixelSize"]>>;
  return Number.isFinite(x) && Number.isFinite(y) && x! > 0 && y! > 0 && typeof unit === "string";
}

type MakeProblem = (code: ErrorCode, expected: string, got: string, hint?: string) => AdatomError;

function perExposure(port: { readonly axes?: string }): string {
  return port.axes === "t" ? " (one per exposure)" : "";
}

function likenessProblems(exposures: Exposures, problem: MakeProblem): AdatomError[] {
  const [first, ...rest] = exposures.images;
  if (first === undefined) return [];
  const label = (image: Image, index: number) =>
    image.name === "" ? `exposure ${index}` : `exposure ${index} ("${image.name}")`;
  for (const [i, image] of rest.entries()) {
    if (image.width !== first.width || image.height !== first.height) {
      return [
        problem(
          "IMAGE_SIZE_DIFFERS",
          `exposures of one size, ${first.width} x ${first.height} px`,
          `${image.width} x ${image.height} px in ${label(image, i + 1)}`,
          "leave it out or crop it",
        ),
      ];
    }
    if (!samePixelSize(image.pixelSize, first.pixelSize)) {
      const text = (p: Image["pixelSize"]) => p === null ? "none" : `${p.x} x ${p.y} ${p.unit}`;
      return [
        problem(
          "PIXEL_SIZE_DIFFERS",
          `exposures of one pixel size, ${text(first.pixelSize)}`,
          `${text(image.pixelSize)} in ${label(image, i + 1)}`,
          "leave it out or correct its calibration",
        ),
      ];
    }
  }
  return [];
}

function nonFiniteProblems(
  images: readonly Image[],
  policy: "refuse" | "exclude",
  side: "input" | "output",
  problem: MakeProblem,
): AdatomError[] {
  if (policy === "exclude") return [];
  for (const [i, image] of images.entries()) {
    const count = countNonFinite(image);
    if (count === 0) continue;
    const where = images.length > 1 ? ` in exposure ${i}` : "";
    return [
      problem(
        side === "input" ? "IMAGE_NON_FINITE" : "OUTPUT_NON_FINITE",
        "finite pixels",
        `${count} NaN or infinite pixels${where}`,
        side === "input" ? "replace them or crop them away" : undefined,
      ),
    ];
  }
  return [];
}
