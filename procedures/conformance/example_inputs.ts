/**
 * Inputs for any stage, made from the declarations of its ports.
 *
 * @module
 */
import { createImage, type Image } from "../../core/data/image.ts";
import type { Model } from "../../core/data/model.ts";
import { createTable, type Table } from "../../core/data/table.ts";
import { requiredColumns } from "../../core/stage/check_value.ts";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { COLUMN_HEIGHT, COLUMN_SIGMA, latticePicture, latticePoint } from "./_lattice.ts";
import { exampleOf } from "./example_of.ts";

/** How large and how strange the example is. */
export interface ExampleShape {
  readonly width: number;
  readonly height: number;
  /** Rows of tables. */
  readonly rows: number;
  /** An image without any structure. */
  readonly constant?: true;
}

/** The least ONNX file: a network that gives its input, "image", as "out". */
const EXAMPLE_MODEL: Model = {
  name: "identity",
  bytes: Uint8Array.fromBase64(
    "CAg6YgoWCgVpbWFnZRIDb3V0IghJZGVudGl0eRIEdGVzdFohCgVpbWFnZRIYChYIARISCgIIAQoCCAEKAxIBaAoDEgF3Yh8KA291dBIYChYIARISCgIIAQoCCAEKAxIBdQoDEgF2QgQKABAR",
  ),
  description: null,
};

/** Number of exposures in an example. */
const EXPOSURES = 3;

/**
 * Inputs for a stage: a lattice seen three times, tables of points on it, JSON of the schema.
 *
 * @param without names of optional inputs to leave out
 */
export function exampleInputs(
  stage: AnyStage,
  shape: ExampleShape,
  without: readonly string[] = [],
): Record<string, unknown> {
  const ports = Object.entries(stage.inputs as Readonly<Record<string, PortDeclaration>>)
    .filter(([name]) => !without.includes(name));
  return Object.fromEntries(ports.map(([name, port]) => [name, exampleValue(port, shape)]));
}

function exampleValue(port: PortDeclaration, shape: ExampleShape): unknown {
  switch (port.kind) {
    case "image":
      return exampleImage(shape, 0);
    case "exposures":
      return { images: Array.from({ length: EXPOSURES }, (_, e) => exampleImage(shape, e)) };
    case "json":
      return perExposure(port, port.schema === undefined ? {} : exampleOf(port.schema));
    case "model":
      return EXAMPLE_MODEL;
    case "drift":
      return perExposure(port, exampleDrift());
    default:
      return perExposure(port, exampleTable(port, shape));
  }
}

function perExposure(port: { readonly axes?: "t" }, value: unknown): unknown {
  return port.axes === "t" ? Array.from({ length: EXPOSURES }, () => value) : value;
}

function exampleImage({ width, height, constant }: ExampleShape, exposure: number): Image {
  const image = constant
    ? createImage({ width, height, data: new Float32Array(width * height).fill(7) })
    : latticePicture(width, height, driftOf(exposure), 3 + exposure);
  return { ...image, name: `exposure_${exposure}` };
}

function driftOf(exposure: number): { x: number; y: number } {
  return { x: 0.7 * exposure, y: -0.4 * exposure };
}

function exampleTable(port: PortDeclaration, { width, height, ...shape }: ExampleShape): Table {
  const { numbers, words } = requiredColumns(port);
  const rows = numbers.includes("exposure") ? EXPOSURES : shape.rows;
  const columns: Record<string, Float64Array | string[]> = {};
  for (const name of numbers) {
    columns[name] = Float64Array.from(
      { length: rows },
      (_, row) => numberFor(name, row, width, height),
    );
  }
  for (const name of words) columns[name] = Array.from({ length: rows }, () => "ok");
  return createTable(columns) as Table;
}

/** A believable number for a column of this name: points of the example lattice and their shape. */
function numberFor(name: string, row: number, width: number, height: number): number {
  const point = latticePoint(1 + row % 3, 1 + Math.floor(row / 3));
  switch (name) {
    case "x":
      return Math.min(width - 1, point.x);
    case "y":
      return Math.min(height - 1, point.y);
    case "sigmaX":
    case "sigmaY":
      return COLUMN_SIGMA;
    case "height":
    case "volume":
      return COLUMN_HEIGHT;
    case "errorX":
    case "errorY":
      return 0.05;
    case "exposure":
    case "rank":
      return row;
    case "xy": // of a transform: as far as x and y go along with x and y alone
    case "yx":
      return 0;
    case "chosen":
      return row === 0 ? 1 : 0;
    default:
      return 1;
  }
}

function exampleDrift(): Table {
  const rows = Array.from({ length: EXPOSURES }, (_, e) => e);
  return createTable({
    exposure: Float64Array.from(rows),
    x: Float64Array.from(rows, (e) => driftOf(e).x),
    y: Float64Array.from(rows, (e) => driftOf(e).y),
    error: Float64Array.from(rows, () => 0.02),
    sign: Float64Array.from(rows, () => 1),
    ambiguous: new Float64Array(EXPOSURES),
  }, { x: "px", y: "px", error: "px" });
}
