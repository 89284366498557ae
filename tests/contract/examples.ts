/**
 * Inputs for any stage, made from the declarations of its ports.
 *
 * @module
 */
import { requiredColumns } from "../../core/stage/check_value.ts";
import { createTable, type Image, type PortDeclaration, type Table } from "../../core/mod.ts";
import { createImage } from "../../core/mod.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { latticeImage } from "../support/lattice_image.ts";

/** How large and how strange the example is. */
export interface ExampleShape {
  readonly width: number;
  readonly height: number;
  /** Rows of tables. */
  readonly rows: number;
  /** An image without any structure. */
  readonly constant?: true;
}

/** Number of exposures in an example. */
const EXPOSURES = 3;

/** Inputs for a stage: a lattice seen three times, tables of points on it. */
export function exampleInputs(
  stage: AnyStage,
  shape: ExampleShape,
): Record<string, unknown> {
  const ports = Object.entries(stage.inputs as Readonly<Record<string, PortDeclaration>>);
  return Object.fromEntries(ports.map(([name, port]) => [name, exampleValue(port, shape)]));
}

function exampleValue(port: PortDeclaration, shape: ExampleShape): unknown {
  switch (port.kind) {
    case "image":
      return exampleImage(shape, 0);
    case "exposures":
      return { images: Array.from({ length: EXPOSURES }, (_, e) => exampleImage(shape, e)) };
    case "json":
      return {};
    default: {
      const table = port.kind === "drift" ? exampleDrift() : exampleTable(port, shape);
      return port.axes === "t" ? Array.from({ length: EXPOSURES }, () => table) : table;
    }
  }
}

function exampleImage(shape: ExampleShape, exposure: number): Image {
  const { width, height, constant } = shape;
  const name = `exposure_${exposure}`;
  if (constant) {
    return {
      ...createImage({ width, height, data: new Float32Array(width * height).fill(7) }),
      name,
    };
  }
  const { image } = latticeImage({
    width,
    height,
    a: [9, 1],
    b: [-2, 10],
    sigma: 2,
    background: 10,
    shift: [5 + 0.7 * exposure, 5 - 0.4 * exposure],
    vacancies: 0.1,
    seed: 3 + exposure,
  });
  return { ...image, name };
}

function exampleTable(port: PortDeclaration, { width, height, ...shape }: ExampleShape): Table {
  const { numbers, words } = requiredColumns(port);
  const rows = numbers.includes("exposure") ? EXPOSURES : shape.rows;
  const columns: Record<string, Float64Array | string[]> = {};
  for (const name of numbers) {
    columns[name] = Float64Array.from(
      { length: rows },
      (_, i) => numberFor(name, i, width, height),
    );
  }
  for (const name of words) columns[name] = Array.from({ length: rows }, () => "ok");
  return createTable(columns) as Table;
}

/** A believable number for a column of this name: points of the example lattice and their shape. */
function numberFor(name: string, row: number, width: number, height: number): number {
  const [i, j] = [row % 3, Math.floor(row / 3)];
  switch (name) {
    case "x":
      return Math.min(width - 1, 14 + 9 * i - 2 * j);
    case "y":
      return Math.min(height - 1, 15 + i + 10 * j);
    case "sigmaX":
    case "sigmaY":
      return 2;
    case "height":
    case "volume":
      return 100;
    case "errorX":
    case "errorY":
      return 0.05;
    case "exposure":
    case "rank":
      return row;
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
    x: Float64Array.from(rows, (e) => 0.7 * e),
    y: Float64Array.from(rows, (e) => -0.4 * e),
    error: Float64Array.from(rows, () => 0.02),
    sign: Float64Array.from(rows, () => 1),
    ambiguous: new Float64Array(EXPOSURES),
  }, { x: "px", y: "px", error: "px" });
}
