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
  CRYSTAL_PORT,
  defineStage,
  type Image,
  selectRows,
  type Stage,
} from "@core";
import { createRandom, normalRandom } from "@core/kernels";
import { type Conditions, planExposures } from "./_conditions.ts";
import { type Detector, record } from "./_detector.ts";
import {
  addGaussians,
  type Beam,
  drawColumns,
  gaussianLook,
  gaussianReach,
  type Look,
  probeLook,
} from "./_formation.ts";
import { growSpecimen, spacingInNm, structureOf } from "./_grow_scene.ts";
import { planLenses } from "./_lens.ts";
import { type Blur, MOST_SAMPLES, pictureSize, takePictures } from "./_pictures.ts";
import type { Optics } from "./_probe.ts";
import { beamPlaces, imageX, type ScanView, scanView, viewPoints } from "./_scan.ts";
import { params, type SceneParams } from "./_scene_params.ts";
import { type Growth, leanOf, regionSeen, type Specimen } from "./_specimen.ts";
import { depthOf, heavySpacing, type Structure } from "./_structures.ts";
import { conditionTable, driftTable, rowsInside, seeColumns } from "./_tables.ts";

const ID = "simulation.scene";

const inputs = {
  crystal: {
    ...CRYSTAL_PORT,
    optional: true,
    description: 'The structure, for structure "crystal"; CIF files are read',
  },
} as const;

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

/** The stage `simulation.scene`. */
export const scene: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: ID,
  version: "1.1.0",
  api: "^1.0",
  summary: "Simulate repeated exposures of a lattice, with exact positions and drift",
  inputs,
  outputs,
  params,
  random: true,
  module: import.meta.url,
  run({ crystal }, params, context) {
    requireOrder(params);
    const structure = structureOf(params, crystal);
    const seed = () => createRandom(Math.floor(2 ** 53 * context.random()));
    const [layout, clouds, circumstances, jitter, ...rest] = Array.from(
      { length: 6 + params.exposures },
      seed,
    );
    const noise = rest.slice(0, params.exposures), [defects, focus] = rest.slice(params.exposures);
    const conditions = planExposures(
      { ...params, sigma: params.sigma * params.spacing },
      circumstances,
    );
    requireSlowMotion(conditions, params);
    const optics = params.formation === "probe" ? planLenses(params, focus) : [];
    const growth = growthOf(params, structure, layout, context);
    const blur = blurOf(params, growth);
    const reach = optics.length > 0
      ? probePixels(optics, blur, params, structure)
      : gaussianReach(conditions);
    const box = regionSeen(params, conditions, reach);
    const specimen = growSpecimen(params, structure, growth, box, { layout, clouds, defects });
    const images: Image[] = [], truth = [], looks: Look[] = [];
    const beamX = beamPlaces(params.width, params.flyback, params.flybackDecay);
    for (const [e, condition] of conditions.entries()) {
      const view = scanView(condition, params.width, params.height);
      const steps = progressOf(context, e, params.exposures);
      const pixel = spacingInNm(params, structure) / params.spacing;
      const picture = () =>
        takePictures(
          ...[specimen.kinds, optics[e], blur, params, view, pixel, depthOf(structure)] as const,
          () => steps(0),
        );
      const look = optics.length > 0
        ? probeLook(specimen, picture(), condition.counts)
        : gaussianLook(specimen, view, condition);
      const x = new Float64Array(specimen.x.length), y = new Float64Array(specimen.x.length);
      viewPoints(view, specimen.x, specimen.y, x, y);
      const rowShift = Float64Array.from(
        { length: params.height },
        () => params.rowJitter * normalRandom(jitter),
      );
      const scene = { specimen, view, look, x, y, beam: { rowShift, beamX } };
      const expected = formImage(scene, condition, params, steps);
      images.push(recordImage(expected, e, pixel, params, noise[e], context, steps));
      const seen = imageX(x, params.flyback, params.flybackDecay);
      const columns = seeColumns(specimen, seen, y, look, e, params);
      truth.push(selectRows(columns, rowsInside(columns, params.width, params.height)));
      looks.push(look);
    }
    context.progress(1);
    return {
      exposures: { images },
      truth,
      drift: driftTable(conditions),
      conditions: conditionTable(conditions, looks, specimen.brightest, optics),
    };
  },
});

/** Rows recorded between two reports of progress. */
const BLOCK_PIXELS = 1 << 17;

type Steps = (part: number) => void;

/** What one exposure sees. */
interface SeenScene {
  readonly specimen: Specimen;
  readonly view: ScanView;
  readonly look: Look;
  /** Where the columns are, but for the way of the beam. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly beam: Beam;
}

function requireOrder(params: SceneParams): void {
  const { countsMin, countsMax, vacancies, substitutions } = params;
  const conflict = (
    param: keyof SceneParams,
    cannot: string,
    expected: string,
    got: string,
    hint: string,
  ) => new AdatomError("PARAM_CONFLICT", { cannot, expected, got, hint }, { stage: ID, param });
  if (countsMin > countsMax) {
    const expected = `countsMin of at most countsMax, ${countsMax} counts`;
    const cannot = "spread the counts of the exposures";
    throw conflict("countsMin", cannot, expected, `${countsMin} counts`, "exchange them");
  }
  if (vacancies + substitutions > 1) {
    const expected = "vacancies and substitutions of at most 1 together";
    const got = `${vacancies} and ${substitutions}`;
    throw conflict("substitutions", "replace heavy columns", expected, got, "lower one of them");
  }
  const { flyback, flybackDecay, convergence, detectorInner, detectorOuter } = params;
  if (flyback >= flybackDecay) {
    const expected =
      `a flyback below its decay, ${flybackDecay} px, so that no place is seen twice`;
    throw conflict("flyback", "scan rows", expected, `${flyback} px`, "lower flyback");
  }
  if (params.formation !== "probe") return;
  if (!(convergence < detectorInner && detectorInner < detectorOuter)) {
    const expected = "a convergence below the detector's inner angle, and that below the outer one";
    const got = `${convergence}, ${detectorInner} and ${detectorOuter} mrad`;
    throw conflict("detectorInner", "see a dark field", expected, got, "change one of them");
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

/** How the structure lies in the image. */
function growthOf(
  params: SceneParams,
  structure: Structure,
  layout: () => number,
  context: Context,
): Growth {
  // Always drawn, so that a given rotation leaves the rest of the scene as it was.
  const drawn = 360 * layout();
  const rotation = params.rotation === "auto" ? drawn : params.rotation;
  const spacingNm = spacingInNm(params, structure);
  context.chose({ rotation, spacingNm });
  return {
    scale: params.spacing / heavySpacing(structure),
    rotationRad: rotation * Math.PI / 180,
    tiltRad: params.tilt * Math.PI / 180,
    tiltAxisRad: params.tiltAxis * Math.PI / 180,
    vacancies: params.vacancies,
    substitutions: params.substitutions,
  };
}

function blurOf({ sourceSize, thermalMotion }: SceneParams, growth: Growth): Blur {
  const { x, y } = leanOf(growth);
  return { source: sourceSize / 1000, thermal: thermalMotion / 1000, leanX: x, leanY: y };
}

/** How far the widest probe reaches, px. */
function probePixels(
  optics: readonly Optics[],
  blur: Blur,
  params: SceneParams,
  structure: Structure,
): number {
  const pixel = spacingInNm(params, structure) / params.spacing, depth = depthOf(structure);
  let widest = 0;
  for (const [e, lens] of optics.entries()) {
    const { size, step } = pictureSize(lens, blur, pixel, depth);
    if (size > MOST_SAMPLES) {
      const nm = (size * step).toPrecision(3);
      throw new AdatomError("PARAM_CONFLICT", {
        cannot: "form a probe",
        expected: `one of at most ${MOST_SAMPLES} samples, ${
          (MOST_SAMPLES * step).toPrecision(3)
        } nm`,
        got: `${nm} nm in exposure ${e}`,
        hint: "lower defocus, aberrations or tilt",
      }, { stage: ID, param: "defocus" });
    }
    widest = Math.max(widest, size * step / 2 / pixel);
  }
  return widest;
}

function progressOf(context: Context, exposure: number, exposures: number): Steps {
  return (part) => context.progress((exposure + part) / exposures);
}

/** Expected counts of every pixel. */
function formImage(
  { specimen, view, look, x, y, beam }: SeenScene,
  { counts }: Conditions,
  { width, height, background }: SceneParams,
  steps: Steps,
): Float64Array {
  const expected = new Float64Array(width * height).fill(counts * background);
  drawColumns(
    ...[expected, width, height, specimen, view, x, y, look, beam] as const,
    (part) => steps(0.3 * part),
  );
  for (const [b, blob] of specimen.blobs.entries()) {
    const x = new Float64Array(1), y = new Float64Array(1), round = 1 / blob.sigma ** 2;
    viewPoints(view, Float64Array.of(blob.x), Float64Array.of(blob.y), x, y);
    const shape = { xx: round, xy: 0, yy: round };
    const tops = Float64Array.of(blob.height);
    addGaussians(...[expected, width, height, x, y, tops, counts, shape, beam, 0, 1] as const);
    steps(0.3 + 0.2 * (b + 1) / specimen.blobs.length);
  }
  return expected;
}

function recordImage(
  expected: Float64Array,
  exposure: number,
  pixel: number,
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
  return createImage({
    name: `exposure_${String(exposure).padStart(2, "0")}`,
    width,
    height,
    data,
    sourceType: sampleType,
    pixelSize: { x: pixel, y: pixel, unit: "nm" },
  });
}
