/**
 * Small ONNX models made in the test: a writer of the few parts of the format that they need.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 *
 * @module
 */
import type { Model } from "../../core/data/model.ts";

/** Sizes of a tensor: numbers, or names of what varies. */
export type Sizes = readonly (number | string)[];

/** A named tensor of constants. */
export interface Constant {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

/** One operation. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly ints?: Readonly<Record<string, number | readonly number[]>>;
  readonly domain?: string;
}

/** A network. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Sizes>>;
  readonly outputs: Readonly<Record<string, Sizes>>;
  readonly nodes: readonly Node[];
  readonly constants?: readonly Constant[];
}

const FLOAT = 1, INT64 = 7;
const ATTRIBUTE_INT = 2, ATTRIBUTE_INTS = 7;

/** The bytes of a model file. */
export function onnxBytes({ inputs, outputs, nodes, constants = [] }: Graph): Uint8Array {
  const graph = [
    ...nodes.map((node) => block(1, nodeBytes(node))),
    block(2, text("test")),
    ...constants.map((constant) => block(5, tensorBytes(constant))),
    ...Object.entries(inputs).map((port) => block(11, portBytes(port))),
    ...Object.entries(outputs).map((port) => block(12, portBytes(port))),
  ].flat();
  const domains = [...new Set(["", ...nodes.map(({ domain = "" }) => domain)])];
  const opsets = domains.flatMap((domain) =>
    block(8, [...block(1, text(domain)), ...number(2, domain === "" ? 17 : 1)])
  );
  return Uint8Array.from([...number(1, 8), ...block(7, graph), ...opsets]);
}

/** A model value of a graph. */
export function onnxModel(name: string, graph: Graph, description: Model["description"] = null) {
  return { name, bytes: onnxBytes(graph), description } satisfies Model;
}

/** One input of any size, and a list of operations that ends in "out". */
export function imageGraph(
  nodes: readonly Node[],
  constants: readonly Constant[] = [],
  sizes: Sizes = [1, 1, "h", "w"],
): Graph {
  return { inputs: { image: sizes }, outputs: { out: [1, 1, "u", "v"] }, nodes, constants };
}

/** Gives its input. */
export const identityGraph: Graph = imageGraph([
  { op: "Identity", inputs: ["image"], outputs: ["out"] },
]);

/** Reach of the kernel of {@linkcode columnModel}, px. */
const REACH = 4;

/**
 * A network of AtomID's ports that sees round columns of a sigma of 2 px in a normalized image: a blur,
 * a threshold that is soft, and a constant as the logarithm of the spacing.
 */
export function columnModel(spacing: number, name = "columns"): Model {
  const side = 2 * REACH + 1;
  const kernel = Array.from({ length: side * side }, (_, i) => {
    const dx = i % side - REACH, dy = Math.floor(i / side) - REACH;
    return Math.exp(-(dx * dx + dy * dy) / 8) / (8 * Math.PI);
  });
  return onnxModel(name, {
    inputs: { image: ["n", 1, "h", "w"] },
    outputs: { confidence: ["n", 1, "h", "w"], spacing: ["n", 1, "p", "q"] },
    constants: [
      { name: "kernel", sizes: [1, 1, side, side], floats: kernel },
      { name: "gain", sizes: [1], floats: [6] },
      { name: "bias", sizes: [1], floats: [-4] },
      { name: "zero", sizes: [1], floats: [0] },
      { name: "log", sizes: [1], floats: [Math.log(spacing)] },
    ],
    nodes: [
      {
        op: "Conv",
        inputs: ["image", "kernel"],
        outputs: ["blurred"],
        ints: { pads: [REACH, REACH, REACH, REACH] },
      },
      { op: "Mul", inputs: ["blurred", "gain"], outputs: ["strong"] },
      { op: "Add", inputs: ["strong", "bias"], outputs: ["logit"] },
      { op: "Sigmoid", inputs: ["logit"], outputs: ["confidence"] },
      {
        op: "AveragePool",
        inputs: ["image"],
        outputs: ["pooled"],
        ints: { kernel_shape: [16, 16], strides: [16, 16] },
      },
      { op: "Mul", inputs: ["pooled", "zero"], outputs: ["nothing"] },
      { op: "Add", inputs: ["nothing", "log"], outputs: ["spacing"] },
    ],
  });
}

function nodeBytes({ op, inputs, outputs, ints = {}, domain }: Node): number[] {
  return [
    ...inputs.flatMap((name) => block(1, text(name))),
    ...outputs.flatMap((name) => block(2, text(name))),
    ...block(4, text(op)),
    ...Object.entries(ints).flatMap(([name, value]) => block(5, attributeBytes(name, value))),
    ...(domain === undefined ? [] : block(7, text(domain))),
  ];
}

function attributeBytes(name: string, value: number | readonly number[]): number[] {
  return typeof value === "number"
    ? [...block(1, text(name)), ...number(3, value), ...number(20, ATTRIBUTE_INT)]
    : [
      ...block(1, text(name)),
      ...value.flatMap((item) => number(8, item)),
      ...number(20, ATTRIBUTE_INTS),
    ];
}

function tensorBytes({ name, sizes, floats, ints }: Constant): number[] {
  const raw = floats === undefined
    ? new BigInt64Array((ints ?? []).map(BigInt))
    : new Float32Array(floats);
  return [
    ...sizes.flatMap((size) => number(1, size)),
    ...number(2, floats === undefined ? INT64 : FLOAT),
    ...block(8, text(name)),
    ...block(9, [...new Uint8Array(raw.buffer)]),
  ];
}

function portBytes([name, sizes]: readonly [string, Sizes]): number[] {
  const dimensions = sizes.flatMap((size) =>
    block(1, typeof size === "number" ? number(1, size) : block(2, text(size)))
  );
  const type = block(1, [...number(1, FLOAT), ...block(2, dimensions)]);
  return [...block(1, text(name)), ...block(2, type)];
}

function block(field: number, bytes: readonly number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function number(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value;; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(rest % 128 + 128);
  }
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}
