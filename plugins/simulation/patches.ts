/**
 * Simulates training patches: small images of any lattice, magnification, dose and microscope.
 *
 * Use it to train and to test networks that find columns. Prefer `simulation.scene` where one
 * specimen is to be seen in several exposures under conditions you choose.
 *
 * Output  patches     `count` images of size x size px, counts
 * Output  truth       per patch, the columns in and around it: x, y (px); height over that of the
 *                     brightest species; role 0 = too faint to be found, 1 = to be found, 2 = may be
 *                     found or not (between the two, under a burned-in bar, unresolved pairs)
 * Output  targets     per patch, the confidence map a network is to answer: peaks of 1 and a quarter of
 *                     the spacing wide (1.2 to 6 px) at the columns to be found
 * Output  weights     per patch, 0 where no answer is wrong, 1 elsewhere
 * Output  conditions  per patch, kind (lattice, grains, bilayer, particle, atoms, empty), mean spacing of
 *                     the columns to be found (px), sigma of a column's picture (px), counts at a
 *                     column's top
 *
 * Method
 * 1. A kind is drawn, then a structure (2H, 1T'', hexagonal, square, honeycomb, perovskite, centered,
 *    any oblique cell of up to three columns), the spacing (5 to 42 px, log-uniform), rotation,
 *    distortion, vacancies, dopants, edges, holes, grain boundaries, second layers.
 * 2. Columns become Gaussians with a tail, or the picture of a probe with aberrations
 *    ({@linkcode columnProfile}); rows are displaced.
 * 3. Columns above 0.72 of the brightest species are to be found, below 0.62 not; of two layers' columns
 *    those nearer than 1.3 sigma are one, and doubtful below 2.3; single atoms, and thin columns of
 *    particles, are to be found where they stand 4.6 standard deviations out of noise and texture
 *    (`judgeAtoms`).
 * 4. Support with grain and relief, contamination and shading are added; electrons are counted (0.7
 *    to 150 at a column's top), rows and pixels spoiled, some images blurred, enlarged, clipped or burned
 *    into.
 *
 * Errors     PARAM_CONFLICT
 * Cost       about 10 ms a patch of 128 x 128 px
 *
 * @module
 */
import {
  AdatomError,
  type Context,
  createImage,
  createTable,
  defineStage,
  type Image,
  type ParamValues,
  type Stage,
} from "@core";
import { createRandom } from "@core/kernels";
import { drawPatch, type Patch } from "./_patch.ts";
import { LATTICES } from "./_patch_columns.ts";
import { drawTarget } from "./_patch_target.ts";

const ID = "simulation.patches";

const inputs = {} as const;

const outputs = {
  patches: { kind: "exposures", axes: "tyx", sizes: "any", description: "The images, in counts" },
  truth: {
    kind: "table",
    axes: "t",
    columns: { x: "px", y: "px", height: "", role: "" },
    description: "Columns in and around each patch; role 1 = to be found",
  },
  targets: {
    kind: "exposures",
    axes: "tyx",
    sizes: "any",
    description: "The confidence map to answer, 0 to 1",
  },
  weights: {
    kind: "exposures",
    axes: "tyx",
    sizes: "any",
    description: "Where the answer counts: 1, or 0",
  },
  conditions: {
    kind: "table",
    columns: { spacing: "px", sigma: "px", counts: "counts" },
    words: ["kind"],
    description: "What each patch shows",
  },
} as const;

const params = {
  count: {
    type: "integer",
    default: 16,
    minimum: 1,
    maximum: 256,
    description: "Number of patches",
  },
  size: {
    type: "integer",
    default: 128,
    minimum: 16,
    maximum: 512,
    unit: "px",
    description: "Width and height of a patch",
  },
  lattices: {
    type: "string",
    default: "any",
    enum: LATTICES,
    description: "Any but those held out for validation, only one structure, or those held out",
  },
  spacingMin: {
    type: "number",
    default: 5,
    minimum: 3,
    maximum: 200,
    unit: "px",
    description: "Least nearest-neighbor distance of the columns to be found",
  },
  spacingMax: {
    type: "number",
    default: 42,
    minimum: 3,
    maximum: 200,
    unit: "px",
    description: "Largest nearest-neighbor distance of the columns to be found",
  },
} as const;

/** The stage `simulation.patches`. */
export const patches: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.3.0",
  api: "^1.0",
  summary: "Simulate training patches of any lattice, dose and microscope, with exact positions",
  inputs,
  outputs,
  params,
  random: true,
  module: import.meta.url,
  run(_, params, context) {
    requireOrder(params);
    const drawn = drawPatches(params, context);
    return {
      patches: { images: drawn.map(({ pixels }, i) => imageOf(pixels, i, params.size)) },
      truth: drawn.map(truthOf),
      ...targetsOf(drawn, params.size),
      conditions: createTable({
        spacing: Float64Array.from(drawn, ({ spacing }) => spacing),
        sigma: Float64Array.from(drawn, ({ sigma }) => sigma),
        counts: Float64Array.from(drawn, ({ counts }) => counts),
        kind: drawn.map(({ kind }) => kind),
      }, { spacing: "px", sigma: "px", counts: "counts" }),
    };
  },
});

type PatchesParams = ParamValues<typeof params>;

function requireOrder({ spacingMin, spacingMax }: PatchesParams): void {
  if (spacingMin <= spacingMax) return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: "draw the spacing of patches",
    expected: `spacingMin of at most spacingMax, ${spacingMax} px`,
    got: `${spacingMin} px`,
    hint: "exchange them",
  }, { stage: ID, param: "spacingMin" });
}

function drawPatches({ count, ...range }: PatchesParams, context: Context): Patch[] {
  const drawn: Patch[] = [];
  for (let i = 0; i < count; i++) {
    context.progress(i / count);
    // each patch its own generator, so that more patches leave the first as they were
    drawn.push(drawPatch(range, createRandom(Math.floor(2 ** 53 * context.random()))));
  }
  context.progress(1);
  return drawn;
}

function imageOf(data: Float32Array, index: number, size: number): Image {
  const name = `patch_${String(index).padStart(4, "0")}`;
  return createImage({ data, width: size, height: size, name });
}

function targetsOf(drawn: readonly Patch[], size: number) {
  const targets: Image[] = [], weights: Image[] = [];
  for (const [i, { columns, spacing }] of drawn.entries()) {
    const target = new Float32Array(size * size), weight = new Float32Array(size * size);
    drawTarget(columns, spacing, size, target, weight);
    targets.push(imageOf(target, i, size));
    weights.push(imageOf(weight, i, size));
  }
  return { targets: { images: targets }, weights: { images: weights } };
}

function truthOf({ columns: { x, y, height, role } }: Patch) {
  return createTable({
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    height: Float64Array.from(height),
    role: Float64Array.from(role),
  }, { x: "px", y: "px" });
}
