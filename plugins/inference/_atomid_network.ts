/**
 * AtomID's network on an image: normalized, in tiles, at the scale it is sure at.
 *
 * @module
 */
import { AdatomError, type Context, type Model } from "@core";
import { resample } from "@core/kernels";
import { ownFloats } from "./_kept_floats.ts";
import { localContrast } from "./_local_contrast.ts";
import { meanSpacing } from "./_mean_spacing.ts";
import { inferMaps, type NetworkMap, type NetworkSizes } from "./_network_maps.ts";
import type { OpenedNetwork } from "./_open_network.ts";
import { haloOf } from "./_rdf.ts";

/** The network pools to cells of this many px. */
export const CELL = 16;

/**
 * How far the network looks unless its description says so, px. Measured on a trained network: tiles
 * differ from the whole by 8e-4 at most with 48 px, 3e-4 with 80, and by rounding (4e-6) with 96.
 */
const HALO = 96;

/** An image of fewer pixels goes through as a whole. */
const WHOLE_BELOW = 400 * 400;

/**
 * A tile has at most this share of the pixels of an image, since it takes thirty times the memory of its
 * pixels; but no fewer than these because of that: the halo would be most of the work.
 */
const MOST_SHARE = 1 / 8, LEAST_TILE = 1024 * 1024;

/** Spacings the network is sure at, and the one an image is brought to otherwise, px. */
const SURE = { from: 6, to: 26 } as const;
const BEST = 14;

/** Most inferences at a scale that a spacing asks for. */
const ATTEMPTS = 2;

/**
 * Where the network sees little, columns may be larger than it knows: then the image is looked at so much smaller,
 * and that again, down to a side of so many px.
 */
const LITTLE = 0.15, SMALLER = 1 / 3, LEAST_SIDE = 60;

/** It sees more there when the mean confidence is so many times as high, and that of so many columns. */
const MORE = 3, LEAST_MORE = 0.05, LEAST_COLUMNS = 20;

/** Mean confidence where columns are everywhere, of a lattice between a square and a hexagonal one. */
const EVERYWHERE = 0.4;

/** Below this mean confidence the spacing is that of noise. */
const NOTHING = 0.005;

/** Factors an image may be scaled by. */
const SCALES = { from: 0.05, to: 8 } as const;

/** Most pixels of an image scaled up. */
const MOST_PIXELS = 2 ** 26;

/** Pixels of a gray image. */
export interface Picture {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** What the network says of an image. */
export interface AtomidMap {
  /** On the grid of the image. */
  readonly confidence: Float32Array;
  /** In px of the image; NaN where the network sees nothing. */
  readonly spacing: number;
  /** Scale at which the network saw the image. */
  readonly scale: number;
  readonly tiles: number;
}

/**
 * Requires the outputs of AtomID.
 *
 * @throws AdatomError MODEL_SHAPE
 */
export function requireAtomid(model: Model, { ports }: OpenedNetwork): void {
  const names = ports.outputs.map(({ name }) => name);
  const [{ sizes }] = ports.inputs;
  if (names.includes("confidence") && names.includes("spacing") && sizes[2] === null) return;
  throw new AdatomError("MODEL_SHAPE", {
    cannot: `use model "${model.name}" in inference.atomid`,
    expected: 'an input of any size and the outputs "confidence" and "spacing"',
    got: `${sizes[2] === null ? "any size" : `${sizes[3]} x ${sizes[2]} px`}, ${
      names.map((name) => `"${name}"`).join(", ")
    }`,
    hint: "use inference.onnx for other models",
  }, { port: "model" });
}

/**
 * Infers the confidence map of an image.
 *
 * @param picture columns bright
 * @param scale "auto": the image's own, unless the network sees more in a smaller image, or the spacing found
 * lies outside the range it is sure at
 * @param mostPixels of a tile
 */
export async function inferAtomid(
  opened: OpenedNetwork,
  model: Model,
  picture: Picture,
  scale: number | "auto",
  mostPixels: number,
  context: Context,
): Promise<AtomidMap> {
  let inferences = 0;
  const at = async (next: number) => {
    // of an unknown number of inferences, each of which takes as long as the image is large
    const from = 0.1 + 0.8 * (1 - 2 ** -inferences++), share = 0.8 * 2 ** -inferences;
    const report = (done: number) => context.progress(from + share * done);
    return await inferAt(next, opened, model, picture, mostPixels, context, report);
  };
  let now = await at(scale === "auto" ? 1 : scale);
  if (scale === "auto") {
    const { width, height } = picture;
    let next = SMALLER;
    while (now.mean < LITTLE && next * Math.min(width, height) >= LEAST_SIDE) {
      const smaller = await at(next);
      if (isMore(smaller, now)) now = smaller;
      next *= SMALLER;
    }
    for (let attempt = 0; attempt < ATTEMPTS && !isSure(now); attempt++) {
      const wanted = limited(now.scale * BEST / now.spacing, picture);
      if (wanted === now.scale) break;
      now = await at(wanted);
    }
  }
  const { width, height } = picture, { found, seen } = now;
  const confidence = seen === picture
    ? found
    : unit(resample(found, seen.width, seen.height, width, height));
  return { confidence, spacing: now.spacing / now.scale, scale: now.scale, tiles: now.tiles };
}

/** What the network sees of an image at a scale. */
interface Seen {
  readonly scale: number;
  /** The image at that scale, and its confidence map. */
  readonly seen: Picture;
  readonly found: Float32Array;
  /** Mean confidence. */
  readonly mean: number;
  /** px of the image at that scale; NaN where the network sees nothing. */
  readonly spacing: number;
  readonly tiles: number;
}

async function inferAt(
  scale: number,
  { network, ports }: OpenedNetwork,
  model: Model,
  picture: Picture,
  mostPixels: number,
  context: Context,
  report: (fraction: number) => void,
): Promise<Seen> {
  const seen = scaled(picture, scale);
  const sizes: NetworkSizes = {
    order: "nchw",
    fixed: null,
    multiple: CELL,
    halo: Math.ceil((haloOf(model, "confidence") ?? HALO) / CELL) * CELL,
    most: Math.min(mostPixels, mostOf(seen)),
    wholeBelow: WHOLE_BELOW,
  };
  const input = { ...seen, data: normalized(seen) };
  const { maps, tiles } = await inferMaps(network, ports.outputs, sizes, input, context, report)
    .finally(() => ownFloats.give(input.data));
  const found = mapNamed(maps, "confidence").channels[0], cells = mapNamed(maps, "spacing");
  const [log] = cells.channels;
  const spacing = meanSpacing(log, cells.width, cells.pool, found, seen.width, seen.height);
  let sum = 0;
  for (let i = 0; i < found.length; i++) sum += found[i];
  return { scale, seen, found, mean: sum / found.length, spacing, tiles };
}

/** Whether the network is sure at the spacing it sees, or sees next to nothing. */
function isSure({ spacing, mean }: Seen): boolean {
  return mean < NOTHING || !(spacing < SURE.from || spacing > SURE.to);
}

/** Whether the network sees clearly more in a smaller image. */
function isMore({ mean, spacing, found }: Seen, than: Seen): boolean {
  const columns = mean * found.length / (EVERYWHERE * spacing * spacing);
  return mean >= Math.max(LEAST_MORE, MORE * than.mean) && columns >= LEAST_COLUMNS &&
    spacing >= SURE.from;
}

/** Most pixels of a tile of an image. */
function mostOf({ width, height }: Picture): number {
  return Math.max(LEAST_TILE, MOST_SHARE * width * height);
}

function mapNamed(maps: readonly NetworkMap[], name: string): NetworkMap {
  return maps.find((map) => map.name === name)!;
}

function scaled(picture: Picture, scale: number): Picture {
  if (scale === 1) return picture;
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  return {
    width,
    height,
    data: resample(picture.data, picture.width, picture.height, width, height),
  };
}

/** A scale that leaves enough of an image, and not too much. */
function limited(scale: number, { width, height }: Picture): number {
  const most = Math.min(SCALES.to, Math.sqrt(MOST_PIXELS / (width * height)));
  return Math.max(SCALES.from, Math.min(most, scale));
}

function normalized({ data, width, height }: Picture): Float32Array {
  const take = () => ownFloats.take(data.length);
  const out = take(), mean = take(), square = take();
  const scratch = { mean, square, sums: new Float64Array(width) };
  localContrast(data, width, height, scratch, out);
  ownFloats.give(mean, square);
  return out;
}

/** Resampling may overshoot the range of a confidence. */
function unit(map: Float32Array): Float32Array {
  for (let i = 0; i < map.length; i++) map[i] = Math.max(0, Math.min(1, map[i]));
  return map;
}
