/**
 * Runs any ONNX model that takes one gray image, with the processing its `rdf.yaml` names.
 *
 * Use it for models of others: spot detectors, denoisers, segmenters. Prefer `inference.atomid` for columns.
 * A map with a maximum at each column goes on to `inference.decode` or a stage of `peaks`.
 *
 * Input   image    float32, height x width, NaN not allowed; as the model wants it where it has no
 *                  `rdf.yaml`
 * Input   model    an ONNX file with one input, float32 [1, 1, height, width] or [1, height, width, 1]
 * Output  map      the chosen channel of the chosen output, on the grid of the image; coarser where the
 *                  network pools, with a pixel size to match
 * Output  summary  `{ model, provider, tiles, outputs, low, high }`: its outputs, the range of the map
 *
 * Method
 * 1. The steps of `preprocessing`, on the whole image: {@linkcode createProcessing}.
 * 2. The network. An image that is not of a size it takes is extended by reflection and the map cropped. A
 *    network of one size sees larger images in tiles of that size, other networks in tiles only where
 *    the image is larger than `tileSize`; tiles overlap by the `halo` of the description, 64 px without.
 *    A network without description sees multiples of 32 px.
 * 3. The steps of `postprocessing`, on the whole map.
 *
 * Accuracy   that of the runtime: 3e-6 of published test tensors
 * Cost       that of the network
 * Errors     MODEL_INVALID, MODEL_SHAPE, MODEL_STEP, MODEL_RUN, PROVIDER_UNAVAILABLE, MEMORY_LIMIT
 *
 * @see Ouyang et al., BioImage Model Zoo, bioRxiv (2022). https://doi.org/10.1101/2022.06.07.495102
 *
 * @module
 */
import { createImage, defineStage, type Image, type Stage } from "@core";
import { inferMaps } from "./_network_maps.ts";
import { chooseChannel, describeMap, scaledPixelSize, sizesOf } from "./_onnx_model.ts";
import { openModel, PROVIDER_PARAM, TILE_PARAM } from "./_open_network.ts";
import { createProcessing } from "./_processing.ts";
import { readDescription } from "./_rdf.ts";
import { ONNX_SUMMARY } from "./_summary.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "Image the model understands" },
  model: { kind: "model", description: "Network for one gray image, with its description" },
} as const;

const outputs = {
  map: { kind: "image", axes: "yx", description: "The chosen channel of the chosen output" },
  summary: {
    kind: "json",
    schema: ONNX_SUMMARY,
    description: "Model, provider, tiles, outputs, range of the map",
  },
} as const;

const params = {
  provider: PROVIDER_PARAM,
  output: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 63,
    description: "Which output of the model, counted from 0",
  },
  channel: {
    type: "integer",
    default: 0,
    minimum: 0,
    maximum: 1023,
    description: "Which channel of that output, counted from 0",
  },
  tileSize: TILE_PARAM,
} as const;

/** `inference.onnx` */
export const onnx: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "inference.onnx",
  version: "1.0.0",
  api: "^1.2",
  summary: "Runs any ONNX model that takes one gray image, with the processing of its rdf.yaml",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  async run({ image, model }, { provider, output, channel, tileSize }, context) {
    context.progress(0);
    const described = readDescription(model);
    const before = createProcessing(model.name, "preprocessing", described?.preprocessing ?? []);
    const after = createProcessing(
      model.name,
      "postprocessing",
      described?.outputs[output]?.postprocessing ?? [],
    );
    const { network, ports } = await openModel(model, provider, context);
    const sizes = sizesOf(model, ports, described, output, tileSize);
    const data = Float32Array.from(image.data);
    before(data);
    context.progress(0.1);
    const report = (done: number) => context.progress(0.1 + 0.8 * done);
    const { width, height } = image;
    const input = { data, width, height };
    const found = await inferMaps(network, ports.outputs, sizes, input, context, report);
    const map = chooseChannel(model, found.maps, output, channel);
    after(map.data);
    context.chose({ provider: network.provider, tiles: found.tiles });
    context.progress(1);
    return {
      map: mapImage(image, map),
      summary: {
        model: model.name,
        provider: network.provider,
        tiles: found.tiles,
        outputs: found.maps.map(describeMap),
        ...rangeOf(map.data),
      },
    };
  },
});

function mapImage(
  { name, pixelSize }: Image,
  { data, width, height, pool }: ReturnType<typeof chooseChannel>,
): Image {
  return createImage({ name, width, height, data, pixelSize: scaledPixelSize(pixelSize, pool) });
}

function rangeOf(data: Float32Array): { readonly low: number; readonly high: number } {
  return data.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: Infinity, high: -Infinity },
  );
}
