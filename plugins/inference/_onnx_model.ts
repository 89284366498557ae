/**
 * Which sizes a foreign model takes, and which of its maps was asked for.
 *
 * @module
 */
import { AdatomError, type Image, type Model } from "@core";
import type { NetworkMap, NetworkSizes } from "./_network_maps.ts";
import { axisOrder } from "./_open_network.ts";
import type { ModelDescription, PlaneAxis } from "./_rdf.ts";
import type { NetworkPorts } from "./_tile_task.ts";

/** Sizes of networks that say nothing are made whole multiples of this, px: five levels of pooling. */
const MULTIPLE = 32;

/** Overlap of tiles of networks that say nothing, px. */
const HALO = 64;

/**
 * The sizes a model takes: by its file where that fixes them, else by its description.
 *
 * @throws AdatomError MODEL_SHAPE when a fixed size leaves no room for its halo
 */
export function sizesOf(
  model: Model,
  { inputs }: NetworkPorts,
  described: ModelDescription | undefined,
  output: number,
  tileSize: number,
): NetworkSizes {
  const order = axisOrder(inputs[0]);
  const { sizes } = inputs[0];
  const [h, w] = order === "nchw" ? [sizes[2], sizes[3]] : [sizes[1], sizes[2]];
  const width = w ?? described?.x?.fixed ?? null, height = h ?? described?.y?.fixed ?? null;
  const halo = described?.outputs[output]?.halo ?? HALO;
  const most = tileSize ** 2;
  if ((width === null) !== (height === null)) {
    throw shapeError(
      model,
      "a size that is fixed along both axes or neither",
      `${width} x ${height}`,
    );
  }
  if (width !== null && height !== null) {
    const room = Math.floor((Math.min(width, height) - 1) / 2);
    const fixed = { width, height };
    return { order, fixed, multiple: 1, halo: Math.min(halo, room), most, wholeBelow: most };
  }
  const multiple = Math.max(multipleOf(described?.x), multipleOf(described?.y));
  const wide = Math.ceil(halo / multiple) * multiple;
  return { order, fixed: null, multiple, halo: wide, most, wholeBelow: most };
}

/** Sizes that are multiples of this are among those an axis takes. */
function multipleOf(axis: PlaneAxis | undefined): number {
  if (axis === undefined) return MULTIPLE;
  const { min, step } = axis;
  return step > 1 && min % step === 0 ? step : Math.max(1, min);
}

/** The values of one map, and their place. */
export interface ChosenMap {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly pool: number;
}

/**
 * One channel of one output.
 *
 * @throws AdatomError MODEL_SHAPE when there is none
 */
export function chooseChannel(
  model: Model,
  maps: readonly NetworkMap[],
  output: number,
  channel: number,
): ChosenMap {
  const map = maps[output];
  if (map === undefined) {
    throw shapeError(model, `an output ${output}`, `${maps.length} of them, counted from 0`);
  }
  const data = map.channels[channel];
  if (data === undefined) {
    const got = `${map.channels.length} of them, counted from 0`;
    throw shapeError(model, `a channel ${channel} of output "${map.name}"`, got);
  }
  return { data, width: map.width, height: map.height, pool: map.pool };
}

/** An output for the summary. */
export function describeMap({ name, width, height, channels }: NetworkMap) {
  return { name, width, height, channels: channels.length };
}

/** The pixel size of a map whose pixels are `pool` of the image's. */
export function scaledPixelSize(size: Image["pixelSize"], pool: number): Image["pixelSize"] {
  return size === null ? null : { ...size, x: size.x * pool, y: size.y * pool };
}

function shapeError(model: Model, expected: string, got: string): AdatomError {
  return new AdatomError("MODEL_SHAPE", {
    cannot: `use model "${model.name}"`,
    expected,
    got,
    hint: "see its description, or adatom model list",
  }, { port: "model" });
}
