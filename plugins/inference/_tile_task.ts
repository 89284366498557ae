/**
 * One tile of an image through a network, as a task that any worker of the pool can do.
 *
 * @module
 */
import { type PoolTask, poolTask } from "@core";
import { ownFloats } from "./_kept_floats.ts";
import { type NetworkKey, runSession, sessionOf } from "./_open_session.ts";
import type { TensorPort } from "./_session.ts";
import { cropInto, type Tile } from "./_tiles.ts";

/** A tile of an image, and the network to put it through. */
export interface TileJob {
  readonly network: NetworkKey;
  /** The whole image, of whole multiples of what the network wants. */
  readonly pixels: Float32Array;
  readonly width: number;
  readonly tile: Tile;
  /** The network's input for a tile of a width and height: 1 and the two sizes, in its order. */
  readonly order: "nchw" | "nhwc";
}

/** One output for a tile. */
export interface TileOutput {
  readonly data: Float32Array;
  readonly sizes: readonly number[];
}

/** Ports of a network. */
export interface NetworkPorts {
  readonly inputs: readonly TensorPort[];
  readonly outputs: readonly TensorPort[];
}

/** Puts one tile through the network. */
export async function inferTile(job: TileJob): Promise<TileOutput[]> {
  const { tile, order } = job;
  const data = ownFloats.take(tile.width * tile.height);
  cropInto(job.pixels, job.width, tile, data);
  const plane = [tile.height, tile.width];
  const sizes = order === "nchw" ? [1, 1, ...plane] : [1, ...plane, 1];
  return await runSession(job.network, { data, sizes }).finally(() => ownFloats.give(data));
}

/** Opens the network and tells its ports. */
export async function openNetwork(network: NetworkKey): Promise<NetworkPorts> {
  const { inputs, outputs } = await sessionOf(network);
  return { inputs, outputs };
}

/** {@linkcode inferTile} for {@linkcode Context.map}. */
export const inferTask: PoolTask<TileJob, TileOutput[]> = poolTask(import.meta.url, inferTile);

/** {@linkcode openNetwork} for {@linkcode Context.map}. */
export const openTask: PoolTask<NetworkKey, NetworkPorts> = poolTask(import.meta.url, openNetwork);
