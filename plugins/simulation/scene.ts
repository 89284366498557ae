/**
 * Simulates repeated exposures of one specimen region, with the exact truth of every column.
 *
 * Use it to test finders and whole procedures against known positions. The specimen is the same in
 * all exposures; current, focus, astigmatism and drift change from one to the next. The formation model
 * `gaussian` is quick and exactly what a fit assumes; `probe` forms a HAADF image as a microscope does.
 *
 * Input   crystal     for structure "crystal": a cell and its atoms, as a CIF file has them
 * Output  exposures   n images named exposure_00, exposure_01 ..., counts, with pixel size
 * Output  truth       per exposure, the columns whose center lies in the image (from half a pixel
 *                     before the first pixel's center to half a pixel beyond the last one's):
 *                     x, y as scanned in that exposure (px); height, expected counts of the column
 *                     alone at its top above background; sigmaX along angle (px, rad), with a probe
 *                     those of the Gaussian nearest to the column's picture by least squares; time
 *                     when the beam passed it (s, exposures follow each other without a pause); site,
 *                     the number of the column in the specimen, the same in all exposures; species.
 *                     Columns closer than 0.03 nm are one. The support is not in it.
 * Output  drift       drift of each exposure relative to exposure 0 (px), the mean over the scan:
 *                     a column at p in exposure 0 is at p + drift in the exposure, exactly without
 *                     scanDrift
 * Output  conditions  counts, widths and astigmatism of each exposure; with a probe also its lens
 *
 * Method
 * 1. Columns of the structure fill the region that any exposure sees, some missing or replaced; layers,
 *    grains, voids, an edge, adatoms and a support follow as asked for. A tilt shrinks the specimen
 *    across its axis, and moves what lies higher.
 * 2. Counts rise in equal ratios from countsMin to countsMax, widths in equal steps from sigma to
 *    (1 + defocusSpread) sigma, or defocus from `defocus` on by defocusRange, each in a random order;
 *    a single exposure has countsMax and the first width. Counts are those at the top of a heavy column
 *    of one layer, or of an adatom where there is none.
 * 3. The specimen drifts by driftTotal in a random direction, plus a random walk. With scanDrift it
 *    also moves while it is scanned, which shears the image; truth takes that into account.
 * 4. Expected counts: columns and Gaussian clouds of contamination on a level background, sampled at
 *    pixel centers, rows displaced by rowJitter and bent by flyback; then Poisson noise of electrons
 *    and readout noise, rounded and clipped for whole-number sample types.
 * 5. A probe's picture of a column is its intensity, blurred by source, thermal motion and the size of
 *    atoms' scattering ({@linkcode takePictures}), as bright as the column scatters. Defocus is the same
 *    all over the field and all along a column; channeling is left out.
 * 6. The same seed gives the same bytes; noise settings do not change the specimen or its drift.
 *
 * Accuracy   profiles within 1 % (rms over the top), heights of species within 6 % of abTEM's multislice
 *            calculations for single columns, 80 kV, 27.5 mrad, 60 to 200 mrad, 0 to 8 nm defocus
 * Cost       about 0.1 s an exposure of 512 x 512 px, by a probe 0.2 s; linear in columns
 * Errors     PARAM_CONFLICT, PARAM_RANGE, PORT_TYPE
 *
 * @module
 */
import {
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
  drawColumns,
  gaussianLook,
  gaussianReach,
  type Look,
  probeLook,
  type SeenScene,
} from "./_formation.ts";
import { growSpecimen, spacingInNm, structureOf } from "./_grow_scene.ts";
import { planLenses } from "./_lens.ts";
import { type Blur, takePictures } from "./_pictures.ts";
import { beamPlaces, type ScanView, scanView, viewPoints } from "./_scan.ts";
import { probePixels, requireOrder, requireSlowMotion } from "./_scene_checks.ts";
import { params, type SceneParams } from "./_scene_params.ts";
import { type Growth, leanOf, regionSeen, type Specimen } from "./_specimen.ts";
import { depthOf, heavySpacing, type Structure } from "./_structures.ts";
import { conditionTable, driftTable, rowsInside, seeColumns } from "./_tables.ts";

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
  id: "simulation.scene",
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
    const random = randomOf(params.exposures, context);
    const conditions = planExposures(
      { ...params, sigma: params.sigma * params.spacing },
      random.circumstances,
    );
    requireSlowMotion(conditions, params);
    const optics = params.formation === "probe" ? planLenses(params, random.focus) : [];
    const growth = growthOf(params, structure, random.layout, context);
    const pixel = spacingInNm(params, structure) / params.spacing, depth = depthOf(structure);
    const blur = blurOf(params, growth);
    const reach = optics.length > 0
      ? probePixels(optics, blur, pixel, depth)
      : gaussianReach(conditions);
    const box = regionSeen(params, conditions, reach);
    const alive = () => context.progress(0);
    const specimen = growSpecimen(params, structure, growth, box, random, alive);
    const images: Image[] = [], truth = [], looks: Look[] = [];
    for (const [e, condition] of conditions.entries()) {
      const view = scanView(condition, params.width, params.height);
      const steps = progressOf(context, e, params.exposures);
      const picture = () =>
        takePictures(
          ...[specimen.kinds, optics[e], blur, params, view, pixel, depth] as const,
          () => steps(0),
        );
      const look = optics.length > 0
        ? probeLook(specimen, picture(), condition.counts)
        : gaussianLook(specimen, view, condition);
      const scene = seeScene(specimen, view, look, params, random.jitter);
      const expected = formImage(scene, condition, params, steps);
      images.push(recordImage(expected, e, pixel, params, random.noise[e], context, steps));
      const columns = seeColumns(scene, e, params);
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

/** Random numbers of each part of a scene, so that a change of one leaves the others as they were. */
function randomOf(exposures: number, context: Context) {
  const stream = () => createRandom(Math.floor(2 ** 53 * context.random()));
  const [layout, clouds, circumstances, jitter] = Array.from({ length: 4 }, stream);
  const noise = Array.from({ length: exposures }, stream);
  // Later than the others, which scenes of Gaussians had first.
  const [defects, focus] = [stream(), stream()];
  return { layout, clouds, circumstances, jitter, noise, defects, focus };
}

/** Rows recorded between two reports of progress. */
const BLOCK_PIXELS = 1 << 17;

type Steps = (part: number) => void;

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

function progressOf(context: Context, exposure: number, exposures: number): Steps {
  return (part) => context.progress((exposure + part) / exposures);
}

/** What one exposure sees of a specimen. */
function seeScene(
  specimen: Specimen,
  view: ScanView,
  look: Look,
  { width, height, rowJitter, flyback, flybackDecay }: SceneParams,
  jitter: () => number,
): SeenScene {
  const n = specimen.x.length, x = new Float64Array(n), y = new Float64Array(n);
  viewPoints(view, specimen.x, specimen.y, x, y);
  const rowShift = Float64Array.from({ length: height }, () => rowJitter * normalRandom(jitter));
  const beam = { rowShift, beamX: beamPlaces(width, flyback, flybackDecay) };
  return { specimen, view, look, x, y, beam };
}

/** Expected counts of every pixel. */
function formImage(
  scene: SeenScene,
  { counts }: Conditions,
  { width, height, background }: SceneParams,
  steps: Steps,
): Float64Array {
  const expected = new Float64Array(width * height).fill(counts * background);
  const { specimen, view, beam } = scene;
  drawColumns(expected, width, height, scene, (part) => steps(0.3 * part));
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
