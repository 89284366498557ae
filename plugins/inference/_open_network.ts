/**
 * Opening the model of an input port: its digest, its provider, and what it takes and gives.
 *
 * @module
 */
import { AdatomError, type Context, type Model } from "@core";
import type { NetworkKey } from "./_open_session.ts";
import type { TensorPort } from "./_session.ts";
import { type NetworkPorts, openTask } from "./_tile_task.ts";
import { chooseProvider, type Provider } from "./provider.ts";

/** The parameter that chooses what computes. */
export const PROVIDER_PARAM = {
  type: "string",
  enum: ["auto", "webgpu", "native", "wasm"],
  default: "auto",
  machine: "provider",
  description:
    "What computes the network: auto = WebGPU on a real adapter, else the native runtime " +
    "where it is installed, else WebAssembly",
} as const;

/** Most pixels of a tile, at either provider. */
export const TILE_PARAM = {
  type: "integer",
  default: 1152,
  minimum: 256,
  maximum: 4096,
  unit: "px",
  level: "advanced",
  description:
    "Tiles have at most the area of a square of this side; smaller ones need less memory " +
    "and more time",
} as const;

/** A network that was opened, and its ports. */
export interface OpenedNetwork {
  readonly network: NetworkKey;
  readonly ports: NetworkPorts;
}

/**
 * The model of an optional port, which hosts fill in.
 *
 * @throws AdatomError INPUT_MISSING where a caller without a host named none
 */
export function requireModel(model: Model | undefined): Model {
  if (model !== undefined) return model;
  throw new AdatomError("INPUT_MISSING", {
    cannot: "run a neural network",
    expected: 'an input "model"',
    got: "nothing",
    hint: "a host made with createHost gives ours",
  }, { port: "model" });
}

/**
 * Opens a model in a worker, where it stays warm.
 *
 * @throws AdatomError MODEL_INVALID, PROVIDER_UNAVAILABLE, MEMORY_LIMIT; MODEL_SHAPE unless it has one
 * input of float32 with four axes, one of them of one channel
 */
export async function openModel(
  model: Model,
  provider: Provider | "auto",
  context: Context,
): Promise<OpenedNetwork> {
  const network: NetworkKey = {
    model: { ...model, description: null }, // workers need the bytes only
    digest: await digestOf(model.bytes),
    provider: provider === "auto" ? await chooseProvider() : provider,
  };
  const [ports] = await context.map(openTask, [network]);
  requireOneImage(model, ports.inputs);
  return { network, ports };
}

/** Which of a network's axes are the channel, y and x. */
export function axisOrder({ sizes }: TensorPort): "nchw" | "nhwc" {
  return sizes[1] !== 1 && sizes[3] === 1 ? "nhwc" : "nchw";
}

function requireOneImage(model: Model, inputs: readonly TensorPort[]): void {
  const wrong = (got: string, hint: string) =>
    new AdatomError("MODEL_SHAPE", {
      cannot: `use model "${model.name}"`,
      expected: "one input: a gray image as float32 [1, 1, height, width]",
      got,
      hint,
    }, { port: "model" });
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(", ");
    throw wrong(`${inputs.length} inputs (${names})`, "use a model with one input");
  }
  const [{ name, type, sizes }] = inputs;
  const text = `"${name}" of ${type} [${sizes.map((size) => size ?? "any").join(", ")}]`;
  if (type !== "float32") throw wrong(text, "export it with an input of float32");
  if (sizes.length !== 4) throw wrong(text, "export it with the axes batch, channel, y, x");
  const channels = axisOrder(inputs[0]) === "nchw" ? sizes[1] : sizes[3];
  if ((channels ?? 1) !== 1 || (sizes[0] ?? 1) !== 1) {
    throw wrong(text, "use a model of one channel and one image at a time");
  }
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)); // takes no shared memory
  return new Uint8Array(digest).toHex();
}
