/**
 * Models: neural networks as the bytes of an ONNX file, with the description that came along.
 *
 * @module
 */

/** A neural network. */
export interface Model {
  /** What it is called: its folder or file, without path and extension. */
  readonly name: string;
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** Its `rdf.yaml` (bioimage.io 0.4 or 0.5) as plain data; null where there was none. */
  readonly description: Readonly<Record<string, unknown>> | null;
}
