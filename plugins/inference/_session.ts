/**
 * What an inference runtime gives, whichever it is.
 *
 * @module
 */

/** What computes a neural network. */
export type Provider = "webgpu" | "native" | "wasm";

/** One input or output of a network; sizes that may vary are null. */
export interface TensorPort {
  readonly name: string;
  readonly type: string;
  readonly sizes: readonly (number | null)[];
}

/** Numbers in a box of some sizes, row-major, the last axis first in memory. */
export interface Tensor {
  readonly data: Float32Array;
  readonly sizes: readonly number[];
}

/** A network that is ready to compute. */
export interface Session {
  readonly inputs: readonly TensorPort[];
  readonly outputs: readonly TensorPort[];
  /** The outputs for the first input, in their order. */
  run(input: Tensor): Promise<Tensor[]>;
  release(): Promise<void>;
}

/** The part of ONNX Runtime's interface that both of its packages share and we use. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OrtSession>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, sizes: readonly number[]) => OrtTensor;
}

/** A session of ONNX Runtime. */
export interface OrtSession {
  readonly inputMetadata: readonly OrtValueMetadata[];
  readonly outputMetadata: readonly OrtValueMetadata[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** A tensor of ONNX Runtime. */
export interface OrtTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];
  dispose(): void;
}

/** What ONNX Runtime says of an input or output. */
export type OrtValueMetadata = {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
};

/**
 * Opens a session of either package.
 *
 * @param outlive whether the numbers of an output outlive its tensor
 */
export async function openOrtSession(
  runtime: OrtRuntime,
  bytes: Uint8Array,
  options: Readonly<Record<string, unknown>>,
  outlive: boolean,
): Promise<Session> {
  // the runtime refuses shared memory
  const session = await runtime.InferenceSession.create(Uint8Array.from(bytes), options);
  const inputs = session.inputMetadata.map(portOf);
  const outputs = session.outputMetadata.map(portOf);
  return {
    inputs,
    outputs,
    async run({ data, sizes }) {
      const input = new runtime.Tensor("float32", data, sizes);
      const results = await session.run({ [inputs[0].name]: input });
      return outputs.map(({ name }) => {
        const result = results[name];
        const tensor = { data: floatsOf(result, outlive), sizes: [...result.dims] };
        result.dispose();
        return tensor;
      });
    },
    release: () => session.release(),
  };
}

function portOf({ name, isTensor, type, shape }: OrtValueMetadata): TensorPort {
  const sizes = (shape ?? []).map((size) => typeof size === "number" && size > 0 ? size : null);
  return { name, type: isTensor ? type ?? "unknown" : "no tensor", sizes };
}

/** A tensor's numbers as float32, which outlive the tensor. */
function floatsOf({ type, data }: OrtTensor, outlive: boolean): Float32Array {
  if (outlive && data instanceof Float32Array) return data;
  const numbers = data as ArrayLike<number | bigint>;
  return type === "int64" || type === "uint64"
    ? Float32Array.from(numbers as ArrayLike<bigint>, Number)
    : Float32Array.from(numbers as ArrayLike<number>);
}
