import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertFails } from "@assert";
import {
  createImage,
  createTable,
  type Drift,
  type Image,
  resolveParams,
  type Transform,
  transformPoints,
} from "../../../core/mod.ts";
import { createRandom, poissonRandom } from "../../../core/kernels/random.ts";
import { average } from "../../../plugins/alignment/average.ts";
import { drift as driftStage } from "../../../plugins/alignment/drift.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

/** A lattice of the scene drift is judged on: spacing 16 px, sigma 2.6 px, 100 counts. */
const SCENE = { a: [16, 0], b: [0, 16], sigma: 2.6, background: 25 } as const;
const HEIGHT = 100;

/** Away from the border, in shares of a column's height: what float32 pixels and the ends leave. */
const FOURIER_ERROR = 1e-4;
/** A cubic spline of such columns, at most; it grows as (1 / sigma)^4. */
const CUBIC_ERROR = 5e-4;
/** In the outermost pixel that is seen whole, and 2 and 8 pixels further in. */
const EDGE_ERRORS = [[0, 0.06], [2, 0.004], [8, 5e-4]] as const;

type Pair = readonly [x: number, y: number];

function scene(options: Partial<LatticeImageOptions> = {}): Image {
  return latticeImage({ width: 96, height: 80, ...SCENE, ...options }).image;
}

function driftOf(places: readonly Pair[], sign: readonly number[] = []): Drift {
  const of = (value: (place: Pair, e: number) => number) => Float64Array.from(places, value);
  return createTable({
    exposure: of((_, e) => e),
    x: of(([x]) => x),
    y: of(([, y]) => y),
    error: of(() => 0.02),
    sign: of((_, e) => sign[e] ?? 1),
    ambiguous: of(() => 0),
  });
}

function affineOf(rows: readonly (readonly number[])[]): Transform {
  const part = (at: number) => Float64Array.from(rows, (row) => row[at]);
  const exposure = Float64Array.from(rows, (_, e) => e);
  return createTable({
    exposure,
    xx: part(0),
    xy: part(1),
    yx: part(2),
    yy: part(3),
    x: part(4),
    y: part(5),
  });
}

async function averageOf(
  images: readonly Image[],
  tables: { drift?: Drift; transform?: Transform },
  given: Record<string, unknown> = {},
) {
  const context = testContext();
  const { values } = resolveParams(average.params, given, average.id);
  const out = await average.run({ exposures: { images }, ...tables }, values as never, context);
  return { ...out, context };
}

/** The largest difference of two images at least `margin` px inside, where `seen` is 1. */
function difference(one: Image, other: Image, margin = 0, seen?: Image): number {
  let most = 0;
  for (let y = margin; y < one.height - margin; y++) {
    for (let x = margin; x < one.width - margin; x++) {
      const i = y * one.width + x;
      if (seen !== undefined && seen.data[i] !== 1) continue;
      most = Math.max(most, Math.abs(one.data[i] - other.data[i]));
    }
  }
  return most;
}

Deno.test("alignment.average moves a lattice back, from all four quadrants, by either method", async () => {
  for (const [width, height] of [[96, 80], [75, 101]]) {
    const reference = scene({ width, height });
    for (const place of [[3.5, 2.25], [-3.4, 2.5], [3.5, -2.3], [-2.5, -1.5]] as const) {
      const image = scene({ width, height, shift: place });
      for (const [method, limit] of [["fourier", FOURIER_ERROR], ["cubic", CUBIC_ERROR]] as const) {
        // only the moved exposure counts: the same drift relative to a reference that is not there
        const { average: found } = await averageOf([image], { drift: driftOf([place]) }, {
          method,
        });
        assertAtMost(difference(found, reference, 20), limit * HEIGHT, `${method} ${place}`);
      }
    }
  }
});

Deno.test("alignment.average leaves no seam at the border of an exposure", async () => {
  for (const method of ["fourier", "cubic"]) {
    for (const place of [[0.5, 0.5], [-0.5, 0.25]] as const) {
      for (let phase = 0; phase < 16; phase += 3) {
        const at = ([dx, dy]: Pair) => scene({ shift: [phase + dx, phase + dy] });
        const { average: found, coverage } = await averageOf([at(place)], {
          drift: driftOf([place]),
        }, { method });
        for (const [margin, limit] of EDGE_ERRORS) {
          const off = difference(found, at([0, 0]), margin, coverage);
          assertAtMost(off, limit * HEIGHT, `${method}, ${margin} px inside`);
        }
      }
    }
  }
});

Deno.test("alignment.average counts who saw a pixel, exactly for whole-pixel drift", async () => {
  const images = [0, 1, 2].map(() => scene());
  const drift = driftOf([[0, 0], [3, 0], [-2, 5]]);
  const { coverage } = await averageOf(images, { drift });
  for (let i = 0; i < coverage.data.length; i++) {
    const x = i % 96, y = Math.floor(i / 96);
    const seen = 1 + (x + 3 < 96 ? 1 : 0) + (x >= 2 && y + 5 < 80 ? 1 : 0);
    assertEquals(coverage.data[i], seen);
  }
  const { coverage: part } = await averageOf(images.slice(1), {
    drift: driftOf([[0, 0], [0.25, 0]]),
  });
  assertEquals([part.data[0], part.data[94], part.data[95]], [2, 2, 1.75]);
});

Deno.test("alignment.average copies whole pixels, and one exposure as it is", async () => {
  const [one, two] = [scene({ seed: 1 }), scene({ seed: 2 })];
  const { average: same, coverage } = await averageOf([one], { drift: driftOf([[0, 0]]) });
  assertEquals(same.data, one.data);
  assertEquals(coverage.data.every((c) => c === 1), true);
  const { average: found } = await averageOf([one, two], { drift: driftOf([[0, 0], [4, -3]]) });
  for (let y = 3; y < 80; y++) {
    for (let x = 0; x < 92; x++) {
      const i = y * 96 + x;
      assertClose(found.data[i], (one.data[i] + two.data[i - 3 * 96 + 4]) / 2, 1e-4);
    }
  }
});

Deno.test("alignment.average has the sizes and the origin of its frame", async () => {
  const places: Pair[] = [[0, 0], [3, -2], [-4, 5.5]];
  const images = places.map((shift) => scene({ shift }));
  const sizeOf = async (frame: string) => {
    const { average: found, coverage, transform } = await averageOf(images, {
      drift: driftOf(places),
    }, { frame });
    assertEquals([coverage.width, coverage.height], [found.width, found.height]);
    return { found, coverage, transform, size: [found.width, found.height] };
  };
  const common = await sizeOf("common");
  // x from 4 to 95 - 3, y from 2 to 79 - 5.5
  assertEquals(common.size, [89, 72]);
  assertEquals(common.coverage.data.every((c) => c === 3), true);
  assertEquals([common.transform.columns.x[0], common.transform.columns.y[0]], [4, 2]);
  assertEquals([common.transform.columns.x[2], common.transform.columns.y[2]], [0, 7.5]);
  const union = await sizeOf("union");
  // x from -3 to 95 + 4, y from -6 (half of it) to 79 + 2
  assertEquals(union.size, [103, 88]);
  assertEquals([union.transform.columns.x[0], union.transform.columns.y[0]], [-3, -6]);
  assertEquals(union.coverage.data[0], 0);
  assertEquals(union.coverage.data[10 * 103 + 50], 3);
  const reference = await sizeOf("reference");
  assertEquals(reference.size, [96, 80]);
  // a frame is a cut-out of another: the pixel of the reference at (10, 10) in all three
  const at = reference.found.data[10 * 96 + 10];
  assertEquals(common.found.data[8 * 89 + 6], at);
  assertEquals(union.found.data[16 * 103 + 13], at);
});

Deno.test("alignment.average turns exposures of inverted contrast over", async () => {
  const dark = scene({ shift: [1.5, -2] });
  const inverted = { ...dark, data: dark.data.map((v) => 200 - v) };
  const drift = driftOf([[0, 0], [1.5, -2]], [1, -1]);
  const { average: found, context } = await averageOf([scene(), inverted], { drift });
  const level = (200 - 0) / 2; // the mean of both levels: m and 200 - m
  const mean = scene().data.reduce((sum, v) => sum + v, 0) / (96 * 80);
  const expected = scene();
  const shown = { ...expected, data: expected.data.map((v) => v - mean + level) };
  // the levels are those of the common region, the mean here that of all of it
  const offset = found.data[40 * 96 + 48] - shown.data[40 * 96 + 48];
  const leveled = { ...shown, data: shown.data.map((v) => v + offset) };
  assertAtMost(Math.abs(offset), 0.02 * HEIGHT);
  assertAtMost(difference(found, leveled, 20), FOURIER_ERROR * HEIGHT);
  assertEquals(context.chosen.method, "fourier");
});

Deno.test("alignment.average leaves a constant constant, everywhere and in every frame", async () => {
  const flat = createImage({ width: 37, height: 29, data: new Float32Array(37 * 29).fill(12.3) });
  const places: Pair[] = [[0, 0], [5.4, -3.3], [-12.5, 20.2]];
  for (const frame of ["reference", "union", "common"]) {
    for (const method of ["fourier", "cubic"]) {
      const { average: found } = await averageOf([flat, flat, flat], { drift: driftOf(places) }, {
        frame,
        method,
      });
      assertEquals(found.data.every((v) => v === Math.fround(12.3)), true, `${frame} ${method}`);
    }
  }
});

Deno.test("alignment.average shows no step where exposures of another brightness end", async () => {
  const dim = scene(), bright = { ...dim, data: dim.data.map((v) => v + 500) };
  const drift = driftOf([[0, 0], [16, 0]]); // a lattice vector: the same picture
  const { average: found } = await averageOf([dim, bright], { drift });
  const shown = { ...dim, data: dim.data.map((v) => v + 250) };
  assertAtMost(difference(found, shown), 0.01);
});

Deno.test("alignment.average lowers Poisson noise by the root of the number, and moves no column", async () => {
  const n = 16, random = createRandom(4);
  const places = Array.from(
    { length: n },
    (_, e): Pair => e === 0 ? [0, 0] : [6 * random() - 3, 6 * random() - 3],
  );
  const clean = places.map((shift) => scene({ shift }));
  const noisy = clean.map((image) => ({
    ...image,
    data: image.data.map((mean) => poissonRandom(0.2 * mean, random)),
  }));
  const truth = { ...clean[0], data: clean[0].data.map((v) => 0.2 * v) };
  const rms = (image: Image) => {
    let sum = 0, count = 0;
    for (let y = 8; y < 72; y++) {
      for (let x = 8; x < 88; x++, count++) {
        sum += (image.data[y * 96 + x] - truth.data[y * 96 + x]) ** 2;
      }
    }
    return Math.sqrt(sum / count);
  };
  const one = rms(noisy[0]);
  const { average: fourier } = await averageOf(noisy, { drift: driftOf(places) });
  // 5 120 pixels tell a standard deviation to 1 %
  assertClose(one / rms(fourier) / Math.sqrt(n), 1, 0.04);
  const { average: cubic } = await averageOf(noisy, { drift: driftOf(places) }, {
    method: "cubic",
  });
  // a spline also smooths a little
  assertAtLeast(one / rms(cubic) / Math.sqrt(n), 1);
  for (const image of [fourier, cubic]) {
    const off = centroidErrors(image, truth);
    // counts of 20 at the top, averaged over 16: about 0.04 px an axis and column, of 20 columns
    assertAtMost(Math.abs(off.meanX), 0.035);
    assertAtMost(Math.abs(off.meanY), 0.035);
    assertAtMost(off.rms, 0.12);
  }
});

/** Centroids of the inner columns less those of the picture without noise. */
function centroidErrors(image: Image, truth: Image) {
  const centroid = ({ data }: Image, cx: number, cy: number): Pair => {
    let sum = 0, sx = 0, sy = 0;
    for (let y = cy - 5; y <= cy + 5; y++) {
      for (let x = cx - 5; x <= cx + 5; x++) {
        const v = data[y * 96 + x] - 5;
        sum += v;
        sx += v * x;
        sy += v * y;
      }
    }
    return [sx / sum, sy / sum];
  };
  let meanX = 0, meanY = 0, squares = 0, count = 0;
  for (let cy = 16; cy < 72; cy += 16) {
    for (let cx = 16; cx < 88; cx += 16, count++) {
      const [x, y] = centroid(image, cx, cy), [tx, ty] = centroid(truth, cx, cy);
      meanX += x - tx;
      meanY += y - ty;
      squares += (x - tx) ** 2 + (y - ty) ** 2;
    }
  }
  return { meanX: meanX / count, meanY: meanY / count, rms: Math.sqrt(squares / count) };
}

Deno.test("alignment.average follows shear and scale through its spline", async () => {
  // lattice vectors and places as an affine transform leaves them
  const m = [1.01, 0.03, -0.02, 0.98, 1.5, -2.5];
  const turn = ([x, y]: Pair): Pair => [m[0] * x + m[1] * y, m[2] * x + m[3] * y];
  const bent = latticeImage({
    width: 96,
    height: 80,
    ...SCENE,
    a: turn(SCENE.a),
    b: turn(SCENE.b),
    shift: [m[4], m[5]],
  }).image;
  const { average: found, context } = await averageOf([bent], { transform: affineOf([m]) });
  assertEquals(context.chosen.method, "cubic");
  // columns keep their round shape in `bent`, so they come out as ellipses: compare their centers
  const truth = scene();
  const off = centroidErrors(
    { ...found, data: found.data.map((v) => 0.2 * v) },
    { ...truth, data: truth.data.map((v) => 0.2 * v) },
  );
  assertAtMost(off.rms, 0.02);
});

Deno.test("alignment.average takes drift during the scan from the drift table", async () => {
  const drift = driftOf([[0, 0], [2, 1]]);
  const more = { shearX: Float64Array.of(0, 0.02), scaleY: Float64Array.of(0, 0) };
  const table = { ...drift, columns: { ...drift.columns, ...more } } as Drift;
  const { transform, context } = await averageOf([scene(), scene()], { drift: table });
  assertEquals(context.chosen.method, "cubic");
  assertClose(transform.columns.x[1] + transform.columns.xy[1] * 39.5, 2, 1e-12);
  assertEquals([...transform.columns.error as Float64Array], [0.02, 0.02]);
});

Deno.test("alignment.average keeps the pixel size and reports progress within each exposure", async () => {
  const image = { ...scene(), name: "first", pixelSize: { x: 0.02, y: 0.02, unit: "nm" } };
  const { average: found, coverage, context } = await averageOf([image, image], {
    drift: driftOf([[0, 0], [1.5, 0]]),
  });
  assertEquals([found.name, found.pixelSize, coverage.pixelSize], [
    "first",
    image.pixelSize,
    image.pixelSize,
  ]);
  assertAtLeast(context.fractions.length, 6);
  assertEquals(context.fractions.at(-1), 1);
});

Deno.test("alignment.average refuses what it cannot place, and says what to do", async () => {
  const images = [scene(), scene(), scene()];
  const fails = (
    tables: { drift?: Drift; transform?: Transform },
    given: Record<string, unknown>,
    code: Parameters<typeof assertFails>[1],
    message: string,
  ) => assertFails(() => averageOf(images, tables, given), code, message);
  await assertFails(
    () => averageOf([], { drift: driftOf([]) }),
    "EXPOSURES_TOO_FEW",
    "Cannot average exposures: expected at least 1 exposure, got 0; name the files of the exposures",
  );
  await fails(
    {},
    {},
    "INPUT_MISSING",
    'Cannot average exposures: expected input "drift" or input "transform", got neither; measure the drift by alignment.drift',
  );
  await fails(
    { drift: driftOf([[0, 0], [1, 1]]) },
    {},
    "TABLE_VALUE",
    "Cannot average 3 exposures: expected drift of exposures 0 to 2, in that order, got 2 rows; use the table that was measured on these exposures",
  );
  const disordered = driftOf([[0, 0], [1, 1], [2, 2]]);
  disordered.columns.exposure.set([0, 2, 1]);
  await fails(
    { drift: disordered },
    {},
    "TABLE_VALUE",
    "Cannot average 3 exposures: expected drift of exposures 0 to 2, in that order, got exposure 2 in row 1; use the table that was measured on these exposures",
  );
  await fails(
    { transform: affineOf([[1, 0, 0, 1, 0, 0], [1, 1, 1, 1, 2, 3], [1, 0, 0, 1, 0, 0]]) },
    {},
    "TABLE_VALUE",
    "Cannot place exposure 1: expected finite numbers that have a way back, got xx = 1, xy = 1, yx = 1, yy = 1, x = 2, y = 3; leave the exposure out, or measure it again",
  );
  await fails(
    { drift: driftOf([[0, 0], [NaN, 0], [0, 0]]) },
    {},
    "TABLE_VALUE",
    "Cannot place exposure 1: expected finite numbers that have a way back, got xx = 1, xy = 0, yx = 0, yy = 1, x = NaN, y = 0; leave the exposure out, or measure it again",
  );
  const far = driftOf([[0, 0], [1, 2], [120.25, -3]]);
  await fails(
    { drift: far },
    {},
    "IMAGE_TOO_SMALL",
    "Cannot average exposure 2 with the others: expected part of the reference's 96 x 80 px in it, got one that lies (120.3, -3.0) px away; leave it out, or check its drift",
  );
  await fails(
    { drift: far },
    { frame: "common" },
    "IMAGE_TOO_SMALL",
    "Cannot average exposure 2 with the others: expected a region that all exposures saw, got one that lies (120.3, -3.0) px away; leave it out, or check its drift",
  );
  await fails(
    { drift: driftOf([[0, 0], [1, 2], [1e5, -3]]) },
    { frame: "union" },
    "SIZE_LIMIT",
    "Cannot average exposure 2 with the others: expected a frame of at most 16 times 96 x 80 px, got one that lies (100000.0, -3.0) px away; leave it out, or check its drift",
  );
  await fails(
    { transform: affineOf([[1, 0, 0, 1, 0, 0], [1, 0, 0, 1, 0, 0], [1, 0.1, 0, 1, 0, 0]]) },
    { method: "fourier" },
    "PARAM_CONFLICT",
    'Cannot set parameter "method" of alignment.average: expected auto or cubic for exposures that are sheared or scaled, got fourier, and exposure 2 is; leave it at auto',
  );
  // exposures that do not meet can still be laid side by side
  const { coverage } = await averageOf(images, { drift: far }, { frame: "union" });
  assertEquals(coverage.width, 216); // from -120.75 to 95.5 in the reference
});

Deno.test("alignment.drift, alignment.average and the transform agree on where a column is", async () => {
  const places: Pair[] = [[0, 0], [2.3, -1.6], [4.1, 0.7]];
  const images = places.map((shift, e) => scene({ shift, seed: e + 1, vacancies: 0.2 }));
  const context = testContext();
  const { values } = resolveParams(driftStage.params, {}, driftStage.id);
  const measured = await driftStage.run({ exposures: { images } }, values as never, context);
  const [x, y] = [Float64Array.of(48, 16), Float64Array.of(32, 48)];
  for (const tables of [{ drift: measured.drift }, { transform: measured.transform }]) {
    const { transform } = await averageOf(images, tables, { frame: "union" });
    for (const [e, [dx, dy]] of places.entries()) {
      const inAverage = [
        x.map((v) => v - transform.columns.x[0]),
        y.map((v) => v - transform.columns.y[0]),
      ];
      const [ax, ay] = inAverage;
      transformPoints(transform, e, ax, ay, ax, ay);
      // the drift of 20 columns of 100 counts is known to 0.02 px
      assertClose(ax[0], 48 + dx, 0.08);
      assertClose(ay[1], 48 + dy, 0.08);
    }
  }
});
