/**
 * What a model's `rdf.yaml` says: bioimage.io 0.4 and 0.5.
 *
 * @module
 */
import { AdatomError, type Model } from "@core";

type Fields = Readonly<Record<string, unknown>>;

/** A named step before or after the network. */
export interface ProcessingStep {
  readonly name: string;
  readonly options: Fields;
}

/** One axis in the plane of an image. */
export interface PlaneAxis {
  /** The only size; null where others are taken. */
  readonly fixed: number | null;
  /** Least size, and the step from one size to the next. */
  readonly min: number;
  readonly step: number;
}

/** What a description says of input and outputs. */
export interface ModelDescription {
  readonly preprocessing: readonly ProcessingStep[];
  /** Sizes it takes along x and y; undefined where it does not say. */
  readonly x: PlaneAxis | undefined;
  readonly y: PlaneAxis | undefined;
  readonly outputs: readonly OutputDescription[];
}

/** What a description says of one output. */
export interface OutputDescription {
  readonly id: string;
  readonly postprocessing: readonly ProcessingStep[];
  /** Pixels from the border whose result does not count; undefined where it does not say. */
  readonly halo: number | undefined;
}

/**
 * The parts of a description that concern inference.
 *
 * @throws AdatomError MODEL_STEP when it is not built as the specification says
 */
export function readDescription({ name, description }: Model): ModelDescription | undefined {
  if (description === null) return undefined;
  const wrong = (expected: string, got: string) =>
    new AdatomError("MODEL_STEP", {
      cannot: `read the description of model "${name}"`,
      expected,
      got,
      hint: "see the bioimage.io model specification, 0.4 or 0.5",
    }, { port: "model" });
  const inputs = listOf(description.inputs), outputs = listOf(description.outputs);
  if (inputs.length !== 1) throw wrong("one input", `${inputs.length}`);
  if (outputs.length === 0) throw wrong("at least one output", "none");
  const axes = axesOf(inputs[0]);
  return {
    preprocessing: stepsOf(inputs[0].preprocessing),
    x: axes.get("x"),
    y: axes.get("y"),
    outputs: outputs.map((output, i) => ({
      id: textOf(output.id) ?? textOf(output.name) ?? `output ${i}`,
      postprocessing: stepsOf(output.postprocessing),
      halo: haloIn(output),
    })),
  };
}

/** The halo a model's description names for an output, px; undefined where it does not. */
export function haloOf(model: Model, output: string): number | undefined {
  const outputs = listOf(model.description?.outputs);
  const found = outputs.find(({ id, name }) => (id ?? name) === output);
  return found && haloIn(found);
}

function axesOf(input: Fields): Map<string, PlaneAxis> {
  const found = new Map<string, PlaneAxis>();
  if (typeof input.axes === "string") { // 0.4: letters, and a shape or its least and step
    const { shape } = input as { shape?: unknown };
    for (const [i, id] of [...input.axes].entries()) {
      if (Array.isArray(shape)) found.set(id, fixedAxis(shape[i]));
      else if (isFields(shape)) {
        const at = (list: unknown) => Number((list as unknown[])?.[i] ?? 1);
        found.set(id, { fixed: null, min: at(shape.min), step: at(shape.step) });
      }
    }
    return found;
  }
  for (const axis of listOf(input.axes)) {
    if (axis.type !== "space") continue;
    const id = textOf(axis.id) ?? "x"; // the id of a space axis is "x" unless told
    const { size } = axis;
    if (typeof size === "number") found.set(id, fixedAxis(size));
    else if (isFields(size) && "step" in size) {
      found.set(id, { fixed: null, min: Number(size.min ?? 1), step: Number(size.step ?? 1) });
    }
  }
  return found;
}

function fixedAxis(size: unknown): PlaneAxis {
  return { fixed: Number(size), min: Number(size), step: 1 };
}

function haloIn(output: Fields): number | undefined {
  const halos = typeof output.axes === "string"
    ? Array.isArray(output.halo) ? output.halo : []
    : listOf(output.axes).map(({ halo }) => halo);
  const numbers = halos.filter((halo): halo is number => typeof halo === "number");
  return numbers.length > 0 ? Math.max(...numbers) : undefined;
}

function stepsOf(list: unknown): ProcessingStep[] {
  return listOf(list).map(({ id, name, kwargs }) => ({
    name: textOf(id) ?? textOf(name) ?? "(no name)",
    options: isFields(kwargs) ? kwargs : {},
  }));
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
