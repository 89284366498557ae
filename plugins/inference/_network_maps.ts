/**
 * A whole image through a network, in tiles on all workers, to maps of the size of the image.
 *
 * @module
 */
import { AdatomError, type Context } from "@core";
import type { NetworkKey } from "./_open_session.ts";
import type { Provider, TensorPort } from "./_session.ts";
import { sharedFloats } from "./_kept_floats.ts";
import { inferTask, type TileJob, type TileOutput } from "./_tile_task.ts";
import { padByReflection, pasteCore, planFixedTiles, planTiles, type Tile } from "./_tiles.ts";

/** Which sizes a network takes, and how far it looks. */
export interface NetworkSizes {
  readonly order: "nchw" | "nhwc";
  /** The only size it takes; null where it takes others. */
  readonly fixed: { readonly width: number; readonly height: number } | null;
  /** Sizes are whole multiples of this, px. */
  readonly multiple: number;
  /** Pixels from the border of a tile whose result does not count. */
  readonly halo: number;
  /** Most pixels of a tile. */
  readonly most: number;
  /** An image of fewer pixels goes through as a whole. */
  readonly wholeBelow: number;
}

/** One output of a network for a whole image. */
export interface NetworkMap {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Image px for each px of the map. */
  readonly pool: number;
  /** Its channels, each of width * height values. */
  readonly channels: readonly Float32Array[];
}

/** Pixels of an image, row by row. */
interface Pixels {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** The maps of all outputs, and the number of tiles they were made of. */
export interface NetworkMaps {
  readonly maps: readonly NetworkMap[];
  readonly tiles: number;
}

/**
 * Tiles inferred at once, whatever workers there are: the same bytes on every machine. The native runtime spreads
 * one over all cores, which needs fewer halos and less memory; the others take a core for each.
 */
const AT_ONCE: Readonly<Record<Provider, number>> = { webgpu: 2, native: 1, wasm: 2 };

/** Tiles handed out for each of those: between two rounds progress is told and cancelling is heard. */
const ROUND = 4;

/**
 * Infers all outputs for an image of any size.
 *
 * Images are extended by reflection to a size that the network takes; maps are cropped to the image,
 * rounded up to whole px of the map.
 *
 * @param report told of the fraction done
 * @throws AdatomError MODEL_SHAPE, MODEL_RUN, MEMORY_LIMIT, MODEL_INVALID, PROVIDER_UNAVAILABLE
 */
export async function inferMaps(
  network: NetworkKey,
  outputs: readonly TensorPort[],
  sizes: NetworkSizes,
  image: Pixels,
  context: Context,
  report: (fraction: number) => void,
): Promise<NetworkMaps> {
  const size = paddedSize(image, sizes);
  const pixels = sharedFloats.take(size.width * size.height);
  padByReflection(image.data, image.width, image.height, size.width, size.height, pixels);
  try {
    const padded = { data: pixels, ...size };
    const { maps, tiles } = await inferPadded(network, outputs, sizes, padded, context, report);
    return { maps: maps.map((map) => cropped(map, image.width, image.height)), tiles };
  } finally {
    sharedFloats.give(pixels);
  }
}

/** Infers all outputs for an image of a size that the network takes, in shared memory. */
async function inferPadded(
  network: NetworkKey,
  outputs: readonly TensorPort[],
  sizes: NetworkSizes,
  { data: pixels, width, height }: Pixels,
  context: Context,
  report: (fraction: number) => void,
): Promise<NetworkMaps> {
  const atOnce = AT_ONCE[network.provider], inRound = atOnce === 1 ? 1 : ROUND * atOnce;
  const tiles = sizes.fixed === null
    ? planTiles(width, height, sizes.multiple, sizes.halo, sizes.most, sizes.wholeBelow, atOnce)
    : planFixedTiles(width, height, sizes.fixed.width, sizes.fixed.height, sizes.halo);
  let stitched: Stitched[] | undefined;
  for (let i = 0; i < tiles.length; i += inRound) {
    const round = tiles.slice(i, i + inRound);
    const jobs = round.map((tile): TileJob => ({
      network,
      pixels,
      width,
      tile,
      order: sizes.order,
    }));
    const results = await context.map(inferTask, jobs);
    for (const [k, result] of results.entries()) {
      stitched ??= outputs.map((port, o) =>
        stitchedOf(network, port, result[o], sizes, round[k], width, height)
      );
      for (const [o, map] of stitched.entries()) paste(map, result[o], sizes.order, round[k]);
    }
    report((i + round.length) / tiles.length);
  }
  return { maps: stitched!, tiles: tiles.length };
}

type Stitched = NetworkMap;

function paddedSize(
  { width, height }: { readonly width: number; readonly height: number },
  { fixed, multiple }: NetworkSizes,
): { width: number; height: number } {
  if (fixed !== null) {
    return { width: Math.max(width, fixed.width), height: Math.max(height, fixed.height) };
  }
  const up = (size: number) => Math.ceil(size / multiple) * multiple;
  return { width: up(width), height: up(height) };
}

/** A map for an output whose size for a tile is known: that of the tile if it is the whole image, else an empty one. */
function stitchedOf(
  { model }: NetworkKey,
  { name }: TensorPort,
  { data, sizes }: TileOutput,
  { order }: NetworkSizes,
  tile: Tile,
  width: number,
  height: number,
): Stitched {
  const [rows, columns, count] = order === "nchw"
    ? [sizes[2], sizes[3], sizes[1]]
    : [sizes[1], sizes[2], sizes[3]];
  const pool = tile.width / columns;
  const fits = sizes.length === 4 && Number.isInteger(pool) && tile.height / rows === pool &&
    width % pool === 0 && height % pool === 0;
  if (!fits) {
    throw new AdatomError("MODEL_SHAPE", {
      cannot: `take output "${name}" of model "${model.name}"`,
      expected: `a map of ${tile.width} x ${tile.height} px, or of a whole fraction of that`,
      got: sizes.join(" x ") || "a single number",
      hint: "use a model that gives a map for an image",
    }, { port: "model" });
  }
  const size = { width: width / pool, height: height / pool };
  const area = size.width * size.height, isWhole = tile.width === width && tile.height === height;
  const channels = Array.from(
    { length: count },
    (_, c) =>
      isWhole && order === "nchw"
        ? data.subarray(c * area, (c + 1) * area)
        : new Float32Array(area),
  );
  return { name, ...size, pool, channels };
}

function paste(
  { channels, pool, width }: Stitched,
  { data, sizes }: TileOutput,
  order: "nchw" | "nhwc",
  tile: Tile,
): void {
  if (channels[0]?.buffer === data.buffer) return; // the tile is the whole image
  const plane = sizes[2] * (order === "nchw" ? sizes[3] : 1);
  for (const [c, channel] of channels.entries()) {
    const [offset, stride] = order === "nchw" ? [c * plane, 1] : [c, channels.length];
    pasteCore(data, offset, stride, tile, pool, channel, width);
  }
}

function cropped(map: Stitched, imageWidth: number, imageHeight: number): NetworkMap {
  const width = Math.ceil(imageWidth / map.pool), height = Math.ceil(imageHeight / map.pool);
  if (width === map.width && height === map.height) return map;
  const channels = map.channels.map((channel) => {
    const out = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      out.set(channel.subarray(y * map.width, y * map.width + width), y * width);
    }
    return out;
  });
  return { ...map, width, height, channels };
}
