/**
 * Simulates repeated exposures of one specimen region, with the exact truth of every column.
 *
 * Use it to test finders and whole procedures against known positions. The specimen is the same in
 * all exposures; current, focus, astigmatism and drift change from one to the next.
 *
 * Output  exposures   n images named exposure_00, exposure_01 ..., counts, with pixel size
 * Output  truth       per exposure, the columns whose center lies in the image (from half a pixel
 *                     before the first pixel's center to half a pixel beyond the last one's):
 *                     x, y as scanned in that exposure (px); height, expected counts of the column
 *                     alone at its top above background; sigmaX along angle (px, rad); time when the
 *                     beam passed it (s, exposures follow each other without a pause); site, the
 *                     number of the column in the specimen, the same in all exposures; species
 * Output  drift       drift of each exposure relative to exposure 0 (px), the mean over the scan:
 *                     a column at p in exposure 0 is at p + drift in the exposure, exactly without
 *                     scanDrift
 * Output  conditions  counts, widths and astigmatism of each exposure
 *
 * Method
 * 1. Columns of the structure fill the region that any exposure sees, some missing or replaced.
 * 2. Counts rise in equal ratios from countsMin to countsMax, widths in equal steps from sigma to
 *    (1 + defocusSpread) sigma, each in a random order; a single exposure has countsMax and sigma.
 * 3. The specimen drifts by driftTotal in a random direction, plus a random walk. With scanDrift it
 *    also moves while it is scanned, which shears the image; truth takes that into account.
 * 4. Expected counts: Gaussian columns and clouds of contamination on a level background, sampled at
 *    pixel centers, rows displaced by rowJitter; then Poisson and readout noise, rounded and clipped
 *    for whole-number sample types.
 * 5. The same seed gives the same bytes; noise settings do not change the specimen or its drift.
 *
 * Cost       about 0.1 s an exposure of 512 x 512 px
 * Errors     PARAM_CONFLICT
 *
 * @module
 */
import {
  AdatomError,
  type Context,
  createImage,
  defineStage,
  type Image,
  type ParamValues,
  selectRows,
  type Stage,
} from "@core";
import { createRandom, normalRandom } from "@core/kernels";
import { type Conditions, planExposures } from "./_conditions.ts";
import { type Detector, record } from "./_detector.ts";
import { addGaussiansInPlace } from "./_gaussian.ts";
import { type ScanView, scanView, viewPoints } from "./_scan.ts";
import { growBlobs, growColumns, regionSeen, type Specimen } from "./_specimen.ts";
import { heavySpacing, structureNamed } from "./_structures.ts";
import { conditionTable, driftTable, rowsInside, seeColumns, type SeenColumns } from "./_tables.ts";

const ID = "simulation.scene";

const inputs = {} as const;

const outputs = {
  exposures: {
    kind: "exposures",
    axes: "tyx",
    description: "The images, in counts",
  },
  truth: {
    kind: "table",
    axes: "t",
    columns: {
      x: "px",
      y: "px",
      height: "counts",
      sigmaX: "px",
      sigmaY: "px",
      angle: "rad",
      time: "s",
      site: "",
    },
    words: ["species"],
    description: "Every column inside the image, as scanned in that exposure",
  },
  drift: {
    kind: "drift",
    description: "True drift relative to exposure 0, mean over the scan",
  },
  conditions: {
    kind: "table",
    columns: { exposure: "", counts: "counts", sigmaX: "px", sigmaY: "px", angle: "rad" },
    description: "Counts at heavy columns' tops, widths and astigmatism of each exposure",
  },
} as const;

const params = {
  structure: {
    type: "string",
    default: "2H",
    enum: ["2H", "1T''", "hexagonal", "square"],
    description: "Structure seen along the beam: 2H MoS2, 1T'' ReS2, or one species on a lattice",
  },
  formation: {
    type: "string",
    default: "gaussian",
    enum: ["gaussian"],
    level: "advanced",
    description: "How columns become an image; gaussian = elliptical Gaussians",
  },
  spacing: {
    type: "number",
    default: 10,
    minimum: 2,
    maximum: 1000,
    unit: "px",
    description: "Mean nearest-neighbor distance of the heavy columns",
  },
  spacingNm: {
    type: "number",
    default: "auto",
    auto: true,
    exclusiveMinimum: 0,
    maximum: 100,
    unit: "nm",
    level: "advanced",
    description: "The same distance in nm, for the pixel size; auto = that of the structure",
  },
  rotation: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: -360,
    maximum: 360,
    unit: "degrees",
    description: "Angle from the x axis to the first lattice vector, y down; auto = drawn",
  },
  width: {
    type: "integer",
    default: 512,
    minimum: 1,
    maximum: 16384,
    unit: "px",
    description: "Width of an exposure",
  },
  height: {
    type: "integer",
    default: 512,
    minimum: 1,
    maximum: 16384,
    unit: "px",
    description: "Height of an exposure",
  },
  exposures: {
    type: "integer",
    default: 10,
    minimum: 1,
    maximum: 1000,
    description: "Number of exposures",
  },
  countsMin: {
    type: "number",
    default: 3,
    exclusiveMinimum: 0,
    maximum: 1e6,
    unit: "counts",
    description: "Expected counts at heavy columns' tops in the weakest exposure",
  },
  countsMax: {
    type: "number",
    default: 60,
    exclusiveMinimum: 0,
    maximum: 1e6,
    unit: "counts",
    description: "Expected counts at heavy columns' tops in the strongest exposure",
  },
  sigma: {
    type: "number",
    default: 0.17,
    minimum: 0.05,
    maximum: 1,
    description: "Standard deviation of a column in focus, in spacings",
  },
  defocusSpread: {
    type: "number",
    default: 0.4,
    minimum: 0,
    maximum: 4,
    description: "How much wider columns are in the least focused exposure: 0.4 = by 40 %",
  },
  astigmatism: {
    type: "number",
    default: 0.15,
    minimum: 0,
    maximum: 2,
    description: "Largest ellipticity, drawn per exposure: 0.15 = axes 1.15 to 1",
  },
  faintHeight: {
    type: "number",
    default: "auto",
    auto: true,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Height of the faint columns over the heavy ones; auto = 0.25 of S2, 0.07 of S",
  },
  vacancies: {
    type: "number",
    default: 0.01,
    minimum: 0,
    maximum: 1,
    description: "Share of the heavy columns that are missing",
  },
  substitutions: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    description: "Share of the heavy columns with another species in their place",
  },
  driftTotal: {
    type: "number",
    default: 15,
    minimum: 0,
    maximum: 10_000,
    unit: "px",
    description: "Net drift from the first exposure to the last, in a random direction",
  },
  driftStep: {
    type: "number",
    default: 1,
    minimum: 0,
    maximum: 1000,
    unit: "px",
    description: "Largest step of the random walk on top of the net drift",
  },
  scanDrift: {
    type: "number",
    default: 0,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Share of the drift that goes on during the scan: 0 = at rest, 1 = steady motion",
  },
  background: {
    type: "number",
    default: 0.15,
    minimum: 0,
    maximum: 100,
    description: "Level between columns over the counts at heavy columns' tops",
  },
  contamination: {
    type: "number",
    default: 0.1,
    minimum: 0,
    maximum: 100,
    description: "Brightness of clouds of contamination over that of heavy columns",
  },
  rowJitter: {
    type: "number",
    default: 0.1,
    minimum: 0,
    maximum: 100,
    unit: "px",
    description: "Standard deviation of the displacement of single rows along x",
  },
  poisson: {
    type: "boolean",
    default: true,
    description: "Whether electrons are counted, which makes Poisson noise",
  },
  readNoise: {
    type: "number",
    default: 0.3,
    minimum: 0,
    maximum: 1e5,
    unit: "counts",
    description: "Standard deviation of the detector's own noise",
  },
  offset: {
    type: "number",
    default: 10,
    minimum: 0,
    maximum: 60_000,
    unit: "counts",
    level: "advanced",
    description: "What the detector reads without electrons",
  },
  sampleType: {
    type: "string",
    default: "uint16",
    enum: ["uint8", "uint16", "float32"],
    level: "advanced",
    description: "Sample type; whole numbers are rounded and clipped, float32 is neither",
  },
  dwell: {
    type: "number",
    default: 10,
    exclusiveMinimum: 0,
    maximum: 1e6,
    unit: "µs",
    level: "advanced",
    description: "Time per pixel, for the times in the truth",
  },
} as const;

type SceneParams = ParamValues<typeof params>;

/** The stage `simulation.scene`. */
export const scene: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.0.0",
  api: "^1.0",
  summary: "Simulate repeated exposures of a lattice, with exact positions and drift",
  inputs,
  outputs,
  params,
  random: true,
  module: import.meta.url,
  run(_, params, context) {
    requireOrder(params);
    const seed = () => createRandom(Math.floor(2 ** 53 * context.random()));
    const [layout, clouds, circumstances, jitter, ...noise] = Array.from(
      { length: 4 + params.exposures },
      seed,
    );
    const conditions = planExposures(
      { ...params, sigma: params.sigma * params.spacing },
      circumstances,
    );
    requireSlowMotion(conditions, params);
    const specimen = growSpecimen(params, conditions, layout, clouds, context);
    const images: Image[] = [], truth = [];
    for (const [e, condition] of conditions.entries()) {
      const view = scanView(condition, params.width, params.height);
      const steps = progressOf(context, e, params.exposures);
      const columns = seeColumns(specimen, view, condition, e, params);
      const expected = formImage(specimen, view, condition, columns, params, jitter, steps);
      images.push(recordImage(expected, e, params, noise[e], context, steps));
      truth.push(selectRows(columns, rowsInside(columns, params.width, params.height)));
    }
    context.progress(1);
    return {
      exposures: { images },
      truth,
      drift: driftTable(conditions),
      conditions: conditionTable(conditions),
    };
  },
});

/** Rows recorded, and columns drawn, between two reports of progress. */
const BLOCK_PIXELS = 1 << 17;
const BLOCK_COLUMNS = 2048;

type Steps = (part: number) => void;

function requireOrder({ countsMin, countsMax, vacancies, substitutions }: SceneParams): void {
  if (countsMin > countsMax) {
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "spread the counts of the exposures",
      expected: `countsMin of at most countsMax, ${countsMax} counts`,
      got: `${countsMin} counts`,
      hint: "exchange them",
    }, { stage: ID, param: "countsMin" });
  }
  if (vacancies + substitutions > 1) {
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "replace heavy columns",
      expected: "vacancies and substitutions of at most 1 together",
      got: `${vacancies} and ${substitutions}`,
      hint: "lower one of them",
    }, { stage: ID, param: "substitutions" });
  }
}

/** A specimen that moves as fast as the beam scans would be seen twice, or not at all. */
function requireSlowMotion(
  conditions: readonly Conditions[],
  { width, height }: SceneParams,
): void {
  for (const [e, { moveX, moveY }] of conditions.entries()) {
    if (Math.abs(moveX / (width * height) + moveY / height) < 0.5) continue;
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "scan a moving specimen",
      expected: `motion along y of less than half the image's height, ${height / 2} px, in a scan`,
      got: `${Math.abs(moveY).toPrecision(3)} px in exposure ${e}`,
      hint: "lower scanDrift or driftTotal",
    }, { stage: ID, param: "scanDrift" });
  }
}

function growSpecimen(
  params: SceneParams,
  conditions: readonly Conditions[],
  layout: () => number,
  clouds: () => number,
  context: Context,
): Specimen {
  const structure = structureNamed(params.structure, params.faintHeight);
  // Always drawn, so that a given rotation leaves the rest of the scene as it was.
  const drawn = 360 * layout();
  const rotation = params.rotation === "auto" ? drawn : params.rotation;
  context.chose({ rotation, spacingNm: spacingInNm(params) });
  const box = regionSeen(params, conditions);
  const growth = {
    scale: params.spacing / heavySpacing(structure),
    rotationRad: rotation * Math.PI / 180,
    vacancies: params.vacancies,
    substitutions: params.substitutions,
  };
  return {
    ...growColumns(structure, growth, box, layout),
    blobs: growBlobs(box, params.spacing, params.contamination, clouds),
  };
}

/** The spacing of the heavy columns in nm. */
function spacingInNm({ structure, spacingNm }: SceneParams): number {
  return spacingNm === "auto" ? heavySpacing(structureNamed(structure, "auto")) : spacingNm;
}

function progressOf(context: Context, exposure: number, exposures: number): Steps {
  return (part) => context.progress((exposure + part) / exposures);
}

/** Expected counts of every pixel. */
function formImage(
  specimen: Specimen,
  view: ScanView,
  { counts }: Conditions,
  columns: SeenColumns,
  { width, height, background, rowJitter }: SceneParams,
  jitter: () => number,
  steps: Steps,
): Float64Array {
  const expected = new Float64Array(width * height).fill(counts * background);
  const rowShift = Float64Array.from({ length: height }, () => rowJitter * normalRandom(jitter));
  const { x, y, height: tops } = columns.columns;
  for (let first = 0; first < x.length; first += BLOCK_COLUMNS) {
    const last = Math.min(x.length, first + BLOCK_COLUMNS);
    addGaussiansInPlace(
      ...[expected, width, height, x, y, tops, 1, view.shape, rowShift, first, last] as const,
    );
    steps(0.3 * last / x.length);
  }
  for (const [b, blob] of specimen.blobs.entries()) {
    const x = new Float64Array(1), y = new Float64Array(1), round = 1 / blob.sigma ** 2;
    viewPoints(view, Float64Array.of(blob.x), Float64Array.of(blob.y), x, y);
    const shape = { xx: round, xy: 0, yy: round };
    const tops = Float64Array.of(blob.height);
    addGaussiansInPlace(
      ...[expected, width, height, x, y, tops, counts, shape, rowShift, 0, 1] as const,
    );
    steps(0.3 + 0.2 * (b + 1) / specimen.blobs.length);
  }
  return expected;
}

function recordImage(
  expected: Float64Array,
  exposure: number,
  params: SceneParams,
  random: () => number,
  context: Context,
  steps: Steps,
): Image {
  const { width, height, sampleType } = params;
  const ceiling = { uint8: 255, uint16: 65535, float32: 0 }[sampleType];
  const detector: Detector = { ...params, ceiling };
  const data = new Float32Array(expected.length);
  let saturated = 0;
  for (let first = 0; first < data.length; first += BLOCK_PIXELS) {
    const last = Math.min(data.length, first + BLOCK_PIXELS);
    saturated += record(expected, detector, random, first, last, data);
    steps(0.5 + 0.5 * last / data.length);
  }
  if (saturated > 0) {
    context.warn("SATURATED", `${saturated} pixels of exposure ${exposure} are above ${ceiling}`);
  }
  const side = spacingInNm(params) / params.spacing;
  return createImage({
    name: `exposure_${String(exposure).padStart(2, "0")}`,
    width,
    height,
    data,
    sourceType: sampleType,
    pixelSize: { x: side, y: side, unit: "nm" },
  });
}
