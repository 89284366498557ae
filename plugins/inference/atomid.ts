/**
 * Finds the columns of an image with a neural network: at any dose and magnification, without parameters.
 *
 * Use it where peaks drown in noise, and where nobody wants to tune a finder. Refine what it finds with a
 * stage of `refinement` where a tenth of a pixel matters. It knows bright columns on a darker field; dark
 * ones with `polarity: dark` (a lattice and its negative look alike, so it does not guess).
 *
 * Input   image       float32, height x width, any unit and brightness, NaN not allowed
 * Input   model       an ONNX file; ours where none is given
 * Output  columns     as of `inference.decode`, the most confident first, in px of the image
 * Output  confidence  0 to 1 on the grid of the image; a Gaussian at each column
 * Output  summary     what was used and found: `{ model, provider, scale, tiles, spacing, spacingNm,
 *                     predictedSpacing, columns, edge, excluded }`, lengths in px unless they say nm
 *
 * Method
 * 1. Burned-in bars and text are found and replaced by the local mean; no column is reported there.
 * 2. Local contrast normalization: {@linkcode localContrast}.
 * 3. The network, in tiles that overlap by as far as it looks, on all workers; the map of the tiles is
 *    that of the whole image. It also predicts the spacing of the columns.
 * 4. With `scale: auto`, where the network sees little, it looks at the image a third and a ninth as large,
 *    and takes that if it sees much more there; where the spacing is below 6 or above 26 px, the image is
 *    resampled to one of 14 px and inferred again. The map is brought back to the grid of the image.
 * 5. Where columns stand alone, as single atoms on a support do, confidence is how clearly something as
 *    wide as an atom stands out of the noise and texture that its brightness brings, unless the network
 *    is sure that nothing is there (`_single_atoms.ts`).
 *    Otherwise it falls where higher columns crowd one that is much fainter, it and those a lattice
 *    vector away on the mean, and heights are precise: so a faint sublattice is left out
 *    (`_sublattices.ts`); and where others are not a lattice vector away while they crowd it: so is what
 *    noise makes of sulfur (`_lattice_places.ts`). What lies beside the lattices, as adatoms beside a
 *    particle, is weighed as single atoms are (`_lone_columns.ts`).
 * 6. The map is decoded as `inference.decode` does it, with the spacing measured between sure columns
 *    where they are many and stand in order, else as predicted.
 *
 * Accuracy   see models/atomid/card.md
 * Cost       about 1 us a pixel and thread on WebAssembly, a quarter of it native; 120 bytes a pixel of a tile, and
 *            12 a pixel of the image where single atoms are weighed
 * Errors     MODEL_INVALID, MODEL_SHAPE, MODEL_RUN, PROVIDER_UNAVAILABLE, MEMORY_LIMIT, FILE_MISSING; an
 *            image without columns gives an empty table
 *
 * @see Ronneberger, Fischer and Brox, U-Net, MICCAI (2015) 234.
 * https://doi.org/10.1007/978-3-319-24574-4_28
 *
 * @module
 */
import { type Context, createImage, defineStage, type Image, pixelSizeNm, type Stage } from "@core";
import { SURE } from "./_atom_bands.ts";
import { inferAtomid, type Picture, requireAtomid } from "./_atomid_network.ts";
import { excludeRegions, preparePicture } from "./_picture.ts";
import { selectSure } from "./_decode.ts";
import { inSharedMemory } from "./_kept_floats.ts";
import { isCovered } from "./_lattice_around.ts";
import { weighLoneInPlace } from "./_lone_columns.ts";
import { measuredSpacing } from "./_measured_spacing.ts";
import { columnsOfMap, DECODE_PARAMS, type DecodeValues, maximaOfMap } from "./_map_columns.ts";
import { openModel, PROVIDER_PARAM, requireModel, TILE_PARAM } from "./_open_network.ts";
import { standAlone, weighAtomsInPlace } from "./_single_atoms.ts";
import { weighColumnsInPlace } from "./_sublattices.ts";
import { ATOMID_SUMMARY } from "./_summary.ts";
import { VOUCHED } from "./_vouching.ts";

const inputs = {
  image: { kind: "image", axes: "yx", description: "Image of columns" },
  model: {
    kind: "model",
    optional: true,
    shipped: "atomid",
    description: "Network with the outputs confidence and spacing; ours where none is given",
  },
} as const;

const outputs = {
  columns: { kind: "columns", description: "Columns, the most confident first" },
  confidence: { kind: "image", axes: "yx", description: "Confidence of a column at each pixel" },
  summary: {
    kind: "json",
    schema: ATOMID_SUMMARY,
    description: "Model, provider, scale, spacing, counts, excluded regions",
  },
} as const;

const params = {
  provider: PROVIDER_PARAM,
  polarity: {
    type: "string",
    enum: ["bright", "dark"],
    default: "bright",
    description: "Whether columns are brighter or darker than what is between them",
  },
  scale: {
    type: "number",
    auto: true,
    default: "auto",
    minimum: 0.05,
    maximum: 8,
    description:
      "Factor the image is resampled by before the network; auto = 1 unless the spacing " +
      "found is below 6 or above 26 px, or columns are seen in a smaller image only",
  },
  ...DECODE_PARAMS,
  excludeBurnedIn: {
    type: "boolean",
    default: true,
    level: "advanced",
    description: "Whether scale bars and text in the image are found and left out",
  },
  tileSize: { ...TILE_PARAM, default: 1024 },
} as const;

/** `inference.atomid` */
export const atomid: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "inference.atomid",
  version: "1.5.0",
  api: "^1.2",
  summary: "Finds columns with a neural network, at any dose and magnification",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  async run({ image, model }, values, context) {
    const given = requireModel(model);
    context.progress(0);
    const { picture, mask, regions } = preparePicture(image, values);
    const opened = await openModel(given, values.provider, context);
    requireAtomid(given, opened);
    context.progress(0.1);
    const most = values.tileSize ** 2;
    const map = await inferAtomid(opened, given, picture, values.scale, most, context);
    excludeRegions(map.confidence, mask);
    const confidence = mapImage(image, inSharedMemory(map.confidence));
    const spacing = await weighByPicture(confidence, picture, map.spacing, values, context.map);
    const columns = columnsOfMap(confidence, spacing, values);
    const { provider } = opened.network;
    context.chose({ provider, scale: map.scale, tiles: map.tiles });
    context.progress(1);
    const edge = columns.columns.status.filter((status) => status === "edge").length;
    const summary = {
      model: given.name,
      provider,
      scale: map.scale,
      tiles: map.tiles,
      ...spacings(spacing, image),
      predictedSpacing: numberOrNull(map.spacing),
      columns: columns.length,
      edge,
      excluded: regions,
    };
    return { columns, confidence, summary };
  },
});

/**
 * Changes the confidence by what the picture says of the columns found, single atoms or those of a lattice.
 * Returns their spacing: as predicted, or measured between the sure ones, few of which are faint.
 */
async function weighByPicture(
  confidence: Image,
  picture: Picture,
  spacing: number,
  values: DecodeValues,
  map: Context["map"],
): Promise<number> {
  if (!(spacing > 0)) return spacing; // all but nothing is there
  const { data, width, height } = confidence;
  // the most confident first; those less so keep none of them out
  const all = maximaOfMap(confidence, spacing, VOUCHED.among, values);
  const found = (bound: number) => selectSure(all, all.height, bound);
  if (standAlone(found(SURE), spacing, width * height)) {
    await weighAtomsInPlace(data, picture, spacing, map);
    return spacing;
  }
  let maxima = all, measured = measuredSpacing(found(VOUCHED.alone), spacing);
  for (let round = 1;; round++) {
    const weighed = weighColumnsInPlace(data, picture.data, width, height, maxima, measured);
    const sure = selectSure(maxima, weighed, VOUCHED.alone), before = measured;
    measured = measuredSpacing(sure, spacing);
    // a faint sublattice among the sure ones has made it small
    if (round < ROUNDS && Math.abs(measured - before) > SAME * before) {
      maxima = maximaOfMap(confidence, measured, VOUCHED.among, values);
      continue;
    }
    if (!isCovered(sure.x.length, measured, width * height)) {
      const columns = selectSure(maxima, weighed, VOUCHED.among);
      await weighLoneInPlace(data, picture, columns, measured, map);
    }
    return measured;
  }
}

/** Columns are weighed anew when that has changed their spacing by more than this share, and at most so often. */
const SAME = 0.1, ROUNDS = 2;

function mapImage({ width, height, name, pixelSize }: Image, data: Float32Array): Image {
  return createImage({ width, height, name, pixelSize, data });
}

function spacings(spacing: number, { pixelSize }: Image) {
  if (Number.isNaN(spacing)) return { spacing: null, spacingNm: null };
  const size = pixelSizeNm(pixelSize);
  return { spacing, spacingNm: size === undefined ? null : spacing * Math.sqrt(size.x * size.y) };
}

const numberOrNull = (value: number) => Number.isNaN(value) ? null : value;
