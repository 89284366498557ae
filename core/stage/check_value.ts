/**
 * Checks a value against the declaration of its port.
 *
 * @module
 */
import { COLUMN_COLUMNS } from "../data/columns.ts";
import { DRIFT_COLUMNS } from "../data/drift.ts";
import { countNonFinite, type Exposures, type Image } from "../data/image.ts";
import { PEAK_COLUMNS } from "../data/peaks.ts";
import type { Table } from "../data/table.ts";
import { samePixelSize } from "../data/units.ts";
import { AdatomError, type ErrorCode, type ErrorPlace } from "../errors.ts";
import type { PortDeclaration } from "./ports.ts";

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
    case "json":
      return value === undefined ? [problem(typeCode, "JSON", "nothing")] : [];
    case "image": {
      if (!isImage(value)) return [problem(typeCode, describePort(port), describeValue(value))];
      return nonFiniteProblems([value], port.nonFinite ?? "refuse", side, problem);
    }
    case "exposures": {
      if (!isExposures(value)) return [problem(typeCode, describePort(port), describeValue(value))];
      return [
        ...likenessProblems(value, problem),
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
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? "null" : `${typeof value}`;
}

/** Whether a value is an image. */
export function isImage(value: unknown): value is Image {
  const image = value as Image;
  return typeof value === "object" && value !== null && image.data instanceof Float32Array &&
    image.data.length === image.width * image.height;
}

/** Whether a value is a list of exposures. */
export function isExposures(value: unknown): value is Exposures {
  const images = (value as Exposures | null)?.images;
  return typeof value === "object" && Array.isArray(images) && images.every(isImage);
}

/** Whether a value is a table with columns of one length. */
export function isTable(value: unknown): value is Table {
  const table = value as Table;
  return typeof value === "object" && value !== null && typeof table.length === "number" &&
    typeof table.columns === "object" && table.columns !== null &&
    Object.values(table.columns).every((column) => column.length === table.length);
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
