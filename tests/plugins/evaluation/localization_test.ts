import { createTable, type Figure, FIGURE_PORT, type ParamsGiven, resolveParams } from "@core";
import { createRandom, MAX_CANDIDATE_PAIRS, normalRandom } from "@core/kernels";
import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertFails } from "@assert";
import { schemaProblem } from "../../../core/stage/schema.ts";
import { chiSquareTail, normalShare } from "../../../plugins/evaluation/_chi_square.ts";
import { METRICS_SCHEMA } from "../../../plugins/evaluation/_localization_schema.ts";
import { localization } from "../../../plugins/evaluation/localization.ts";
import { testContext } from "../../support/context.ts";

interface Found {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly [name: string]: Float64Array | readonly string[];
}

type Given = ParamsGiven<typeof localization.params>;

async function measure(
  inputs: { found: Found; truth?: Found; second?: Found },
  given: Given = {},
) {
  const { values, problems } = resolveParams(localization.params, given, localization.id);
  assertEquals(problems, []);
  const context = testContext();
  const tables = Object.fromEntries(
    Object.entries(inputs).map(([name, columns]) => [name, createTable(columns)]),
  );
  const outputs = await localization.run(tables as never, values as never, context);
  return { ...outputs, context };
}

/** Positions of a lattice whose spacing is no simple share of a pixel, so that all phases occur. */
const SPACING = 11.234567;
function lattice(columns: number): Found {
  const at = Array.from({ length: columns * columns }, (_, i) => [i % columns, i / columns | 0]);
  return {
    x: Float64Array.from(at, ([i, j]) => 20.1 + SPACING * i + 0.137 * j),
    y: Float64Array.from(at, ([i, j]) => 20.7 + SPACING * j - 0.091 * i),
  };
}

const TRUTH = lattice(60);
const N = TRUTH.x.length;

/** The truth with something added to each coordinate. */
function moved(by: (i: number, axis: "x" | "y") => number, from = TRUTH): Found {
  return { x: from.x.map((x, i) => x + by(i, "x")), y: from.y.map((y, i) => y + by(i, "y")) };
}

/** The truth with normal errors, and those it states. */
function noisy(sd: number, stated: number, seed = 1): Found {
  const random = createRandom(seed);
  const found = moved(() => sd * normalRandom(random));
  const errors = TRUTH.x.map(() => stated);
  return { ...found, errorX: errors, errorY: errors };
}

const phaseOf = (v: number) => v - Math.round(v);

/** A normal estimate lies within this many standard errors but once in 15 000 times. */
const SIGMAS = 4;
const ROUNDING = 1e-9;

Deno.test("evaluation.localization: figures of a small case by hand", async () => {
  const truth = { x: Float64Array.of(10, 20, 30, 10), y: Float64Array.of(10, 10, 10, 30) };
  const found = { x: Float64Array.of(10.3, 19.9, 30.1, 70), y: Float64Array.of(10, 10.2, 9.6, 70) };
  const { metrics: m, pairs, context } = await measure({ found, truth });
  assertEquals([m.against, m.pairs, m.unpaired, m.leftOut, m.offset, m.precision], [
    "truth",
    3,
    { found: 1, reference: 1 },
    { found: 0, reference: 0 },
    null,
    null,
  ]);
  assertClose(m.matchRadius, 3.5, ROUNDING);
  assertEquals(context.chosen, { matchRadius: m.matchRadius });
  assertClose(m.biasX!, 0.1, ROUNDING);
  assertClose(m.biasXError!, 0.2 / Math.sqrt(3), ROUNDING);
  assertClose(m.biasY!, -0.2 / 3, ROUNDING);
  assertClose(m.rmsX!, Math.sqrt(0.11 / 3), ROUNDING);
  assertClose(m.rmsY!, Math.sqrt(0.2 / 3), ROUNDING);
  assertClose(m.rms2d!, Math.sqrt(0.31 / 3), ROUNDING);
  assertClose(m.sdX!, 0.2, ROUNDING);
  assertClose(m.covarianceXY!, (0.2 * 0.2 / 3 - 0.2 * 0.8 / 3) / 2, 1e-2);
  assertClose(m.medianDistance!, 0.3, ROUNDING);
  assertClose(m.robustSdX!, 1.4826 * 0.2, ROUNDING);
  assertEquals([m.bound, m.coverage, m.trend], [null, null, null]);
  assertEquals([...pairs.columns.found], [0, 1, 2]);
  assertEquals([...pairs.columns.partner], [0, 1, 2]);
  assertEquals([...pairs.columns.x], [10, 20, 30]);
  assertEquals([...pairs.columns.statedX], [NaN, NaN, NaN]);
  assertEquals(context.fractions.at(-1), 1);
});

Deno.test("evaluation.localization: right stated errors have a coverage of 1", async () => {
  const { metrics: m } = await measure({ found: noisy(0.05, 0.05), truth: TRUTH });
  const { x, y, joint, pairs, within, correlated } = m.coverage!;
  assertEquals([pairs, m.pairs, correlated], [N, N, false]);
  // The variance of a squared normal number is 2.
  assertClose(x.error!, Math.sqrt(2 / N), 0.1 * Math.sqrt(2 / N));
  for (const { value, error } of [x, y, joint]) assertClose(value!, 1, SIGMAS * error!);
  assertClose(joint.error!, Math.sqrt(1 / N), 0.1 * Math.sqrt(1 / N));
  for (const { x, y, expected, joint, expectedJoint } of within) {
    const noise = (p: number) => SIGMAS * Math.sqrt(p * (1 - p) / N);
    assertClose(x!, expected, noise(expected));
    assertClose(y!, expected, noise(expected));
    assertClose(joint!, expectedJoint, noise(expectedJoint));
  }
  assertClose(within[0].expected, 0.6826894921, 1e-9);
  assertClose(within[1].expectedJoint, 1 - Math.exp(-2), ROUNDING);
  for (const name of ["biasX", "biasY"] as const) {
    assertAtMost(Math.abs(m[name]!), SIGMAS * m[`${name}Error`]!);
    assertClose(m[`${name}Error`]!, 0.05 / Math.sqrt(N), 0.05 * 0.05 / Math.sqrt(N));
  }
  assertClose(m.rms2d!, 0.05 * Math.SQRT2, SIGMAS * 0.05 / Math.sqrt(2 * N));
  assertClose(m.robustSdX!, 0.05, 0.05 * SIGMAS * 1.2 / Math.sqrt(N));
});

Deno.test("evaluation.localization: stated errors twice too large have a coverage of a quarter", async () => {
  const { coverage } = (await measure({ found: noisy(0.05, 0.1), truth: TRUTH })).metrics;
  assertClose(coverage!.x.value!, 0.25, SIGMAS * coverage!.x.error!);
  assertClose(coverage!.joint.value!, 0.25, SIGMAS * coverage!.joint.error!);
  assertAtLeast(coverage!.within[0].x!, 0.94);
});

Deno.test("evaluation.localization: stated covariances make the joint coverage right", async () => {
  const random = createRandom(5);
  const common = TRUTH.x.map(() => 0.06 * normalRandom(random));
  const found = moved((i) => common[i] + 0.02 * normalRandom(random));
  const sd = TRUTH.x.map(() => Math.hypot(0.06, 0.02));
  const stated = { ...found, errorX: sd, errorY: sd };
  const covXY = TRUTH.x.map(() => 0.06 * 0.06);
  const known = (await measure({ found: { ...stated, covXY }, truth: TRUTH })).metrics;
  assertEquals(known.coverage!.correlated, true);
  assertClose(known.coverage!.joint.value!, 1, SIGMAS * known.coverage!.joint.error!);
  assertClose(known.coverage!.within[0].joint!, 1 - Math.exp(-0.5), 0.04);
  assertClose(known.covarianceXY!, 0.0036, 0.0004);
  const unknown = (await measure({ found: stated, truth: TRUTH })).metrics.coverage!;
  assertEquals(unknown.correlated, false);
  assertAtLeast(unknown.within[0].joint!, 0.45, "the ellipse is longer than the circle");
});

Deno.test("evaluation.localization: errors over the Cramer-Rao bound", async () => {
  const found = noisy(0.06, 0.05);
  const bound = TRUTH.x.map(() => 0.05);
  const half = TRUTH.x.map((_, i) => i % 2 === 0 ? 0.05 : NaN);
  const full = (await measure({ found: { ...found, boundX: bound, boundY: bound }, truth: TRUTH }))
    .metrics.bound!;
  assertEquals(full.pairs, N);
  for (const { value, error } of [full.x, full.y, full.joint]) {
    assertClose(value!, 1.2, SIGMAS * error!);
  }
  assertClose(full.x.error!, 1.2 / Math.sqrt(2 * N), 0.1 * 1.2 / Math.sqrt(2 * N));
  const some = (await measure({ found: { ...found, boundX: bound, boundY: half }, truth: TRUTH }))
    .metrics.bound!;
  assertEquals(some.pairs, N / 2);
});

Deno.test("evaluation.localization: a bias by sub-pixel phase is found with its amplitude", async () => {
  const random = createRandom(3);
  const found = moved((i, axis) =>
    (axis === "x" ? 0.05 * Math.sin(2 * Math.PI * TRUTH.x[i]) : 0) + 0.05 * normalRandom(random)
  );
  const { phase } = (await measure({ found, truth: TRUTH })).metrics;
  // The mean of the sine over the bin of its maximum, a tenth of the period wide.
  const amplitude = 0.05 * Math.sin(Math.PI * 0.1) / (Math.PI * 0.1);
  assertClose(phase.x.amplitude!, amplitude, SIGMAS * phase.x.amplitudeError!);
  assertClose(phase.x.amplitudeError!, 0.05 / Math.sqrt(N / 10), 0.0005);
  assertAtMost(phase.x.pValue!, 1e-20);
  assertAtLeast(phase.y.pValue!, 1e-3);
  assertAtMost(phase.y.amplitude!, SIGMAS * phase.y.amplitudeError!);
  assertEquals(phase.x.mean.length, 10);
  assertEquals(phase.x.degrees, 9);
  assertEquals(phase.x.count.reduce((a, b) => a + b, 0), N);
  for (const [bin, mean] of phase.x.mean.entries()) {
    const expected = amplitude * Math.sin(2 * Math.PI * ((bin + 0.5) / 10 - 0.5));
    assertClose(mean!, expected, SIGMAS * phase.x.error[bin]!);
  }
});

Deno.test("evaluation.localization: p-values of no bias are spread evenly", async () => {
  const small: number[] = [], all: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const { phase, trend } = (await measure({ found: noisy(0.05, 0.05, seed), truth: TRUTH }))
      .metrics;
    for (const p of [phase.x.pValue!, phase.y.pValue!, trend!.pValue!]) {
      all.push(p);
      if (p < 0.1) small.push(p);
    }
  }
  // 120 numbers, evenly spread: 12 below 0.1, with a standard deviation of 3.3.
  assertClose(small.length, 12, SIGMAS * 3.3);
  assertClose(all.reduce((a, b) => a + b, 0) / 120, 0.5, SIGMAS / Math.sqrt(12 * 120));
});

Deno.test("evaluation.localization: whole pixels are pixel locking", async () => {
  const whole: Found = { x: TRUTH.x.map(Math.round), y: TRUTH.y.map(Math.round) };
  const locked = (await measure({ found: whole, truth: TRUTH })).metrics;
  assertAtMost(locked.locking.x.pValue!, 1e-6);
  assertAtMost(locked.locking.y.pValue!, 1e-6);
  assertAtLeast(locked.locking.x.truePValue!, 0.01);
  assertEquals(locked.locking.x.count[5], N);
  // Rounding is a bias by phase too: -0.5 to 0.5 px.
  assertAtLeast(locked.phase.x.amplitude!, 0.4);
  const free = (await measure({ found: noisy(0.2, 0.2), truth: TRUTH })).metrics.locking;
  assertAtLeast(free.x.pValue!, 1e-3);
  assertAtLeast(free.y.pValue!, 1e-3);
});

Deno.test("evaluation.localization: the true phases tell when locking cannot be seen", async () => {
  const truth: Found = {
    x: Float64Array.from({ length: 400 }, (_, i) => 10.3 + 16 * (i % 20)),
    y: Float64Array.from({ length: 400 }, (_, i) => 10.3 + 16 * (i / 20 | 0)),
  };
  const { locking } = (await measure({ found: truth, truth })).metrics;
  assertAtMost(locking.x.pValue!, 1e-6);
  assertAtMost(locking.x.truePValue!, 1e-6);
});

Deno.test("evaluation.localization: two exposures give the precision of one", async () => {
  const first = noisy(0.05, 0.05, 1), other = noisy(0.05, 0.05, 2);
  const found = { ...moved((_, axis) => axis === "x" ? 1.37 : -0.82, first), errorX: first.errorX };
  const second = other;
  const { metrics: m, pairs } = await measure({
    found: { ...found, errorY: first.errorY },
    second,
  });
  assertEquals([m.against, m.pairs], ["second", N]);
  // The median of n numbers is uncertain by 1.25 sd / sqrt n.
  const noise = SIGMAS * 1.25 * 0.05 * Math.SQRT2 / Math.sqrt(N);
  assertClose(m.offset!.x, 1.37, noise);
  assertClose(m.offset!.y, -0.82, noise);
  assertAtMost(Math.abs(m.biasX!), noise);
  for (const { value, error } of [m.precision!.x, m.precision!.y]) {
    assertClose(value!, 0.05, SIGMAS * error!);
  }
  assertClose(m.precision!.x.error!, 0.05 / Math.sqrt(2 * N), 0.1 * 0.05 / Math.sqrt(2 * N));
  assertClose(m.coverage!.joint.value!, 1, SIGMAS * m.coverage!.joint.error!);
  assertClose(pairs.columns.statedX[0], 0.05 * Math.SQRT2, ROUNDING);
  assertEquals([...pairs.columns.x], [...found.x]);
  assertEquals(m.locking.x.truePValue, null);
});

Deno.test("evaluation.localization: an offset beyond the match radius is told", async () => {
  const found = moved((_, axis) => axis === "x" ? 0.4 * SPACING : 0, noisy(0.05, 0.05));
  const { metrics, context } = await measure({ found, second: TRUTH });
  assertClose(metrics.offset!.x, 0.4 * SPACING, 0.01);
  assertEquals(context.warnings, [{
    code: "OFFSET_LARGE",
    message:
      "the exposures lie 4.49 px apart, more than the match radius: align them first, or columns " +
      "may be paired with their neighbors",
  }]);
});

Deno.test("evaluation.localization: a trend across the image is found", async () => {
  const random = createRandom(8);
  const scale = 4e-4, rotation = -3e-4, stretch = 2e-4, shear = 1e-4;
  const found = moved((i, axis) => {
    const x = TRUTH.x[i] - 350, y = TRUTH.y[i] - 350;
    const trend = axis === "x"
      ? (scale + stretch) * x + (shear - rotation) * y
      : (shear + rotation) * x + (scale - stretch) * y;
    return trend + 0.05 * normalRandom(random);
  });
  const m = (await measure({ found, truth: TRUTH })).metrics, trend = m.trend!;
  const known = { scale, rotationRad: rotation, stretch, shear };
  for (const [name, value] of Object.entries(known)) {
    const estimate = trend[name as keyof typeof known];
    assertClose(estimate.value!, value, SIGMAS * estimate.error!, name);
    assertAtMost(estimate.error!, 1e-5);
  }
  assertClose(trend.xy.value!, shear - rotation, SIGMAS * trend.xy.error!);
  assertAtMost(trend.pValue!, 1e-20);
  assertClose(trend.rms2dWithout!, 0.05 * Math.SQRT2, SIGMAS * 0.05 / Math.sqrt(2 * N));
  assertAtLeast(m.rms2d!, 1.2 * trend.rms2dWithout!);
});

Deno.test("evaluation.localization: status and margin choose the pairs, not the pairing", async () => {
  const truth: Found = { x: Float64Array.of(50, 60, 4, 70), y: Float64Array.of(50, 50, 50, 50) };
  const found: Found = {
    x: Float64Array.of(50.1, 60.1, 4.1, 20),
    y: Float64Array.of(50, 50, 50, 20),
    status: ["ok", "weak", "ok", "moved"],
  };
  const margin = { margin: 10, width: 100, height: 100 };
  const ok = await measure({ found, truth }, margin);
  assertEquals([...ok.pairs.columns.found], [0]);
  assertEquals(ok.metrics.unpaired, { found: 0, reference: 1 });
  assertEquals(ok.metrics.leftOut, { found: 3, reference: 2 });
  const all = await measure({ found, truth }, { ...margin, status: "all" });
  assertEquals([...all.pairs.columns.found], [0, 1]);
  assertEquals(all.metrics.unpaired, { found: 1, reference: 1 });
  assertEquals(all.metrics.leftOut, { found: 1, reference: 1 });
  // Truth has no say about status; a second exposure has.
  const status = ["edge", "edge", "edge", "edge"];
  assertEquals((await measure({ found, truth: { ...truth, status } })).metrics.pairs, 2);
  assertEquals((await measure({ found, second: { ...truth, status } })).metrics.pairs, 0);
});

Deno.test("evaluation.localization: of duplicates one is paired", async () => {
  const twice: Found = {
    x: Float64Array.of(...TRUTH.x, ...TRUTH.x),
    y: Float64Array.of(...TRUTH.y, ...TRUTH.y),
  };
  const { metrics } = await measure({ found: twice, truth: TRUTH });
  assertEquals([metrics.pairs, metrics.unpaired.found, metrics.rms2d], [N, N, 0]);
  assertEquals(metrics.phase.x.pValue, null, "without noise nothing can be tested");
});

Deno.test("evaluation.localization: no pairs, one pair, nothing at all", async () => {
  const empty: Found = { x: new Float64Array(), y: new Float64Array() };
  const one: Found = { x: Float64Array.of(5.5), y: Float64Array.of(7) };
  const far: Found = { x: Float64Array.of(50), y: Float64Array.of(7) };
  for (
    const inputs of [
      { found: empty, truth: empty },
      { found: one, truth: empty },
      { found: empty, second: one },
      { found: one, truth: far },
    ]
  ) {
    const { metrics, plot, context } = await measure(inputs, { matchRadius: 2 });
    assertEquals([metrics.pairs, metrics.rms2d, metrics.biasX, metrics.coverage], [
      0,
      null,
      null,
      null,
    ]);
    assertEquals(metrics.phase.x.mean, new Array(10).fill(null));
    assertEquals(schemaProblem(METRICS_SCHEMA, metrics), undefined);
    assertEquals(schemaProblem(FIGURE_PORT.schema, plot), undefined);
    assertEquals(context.warnings, [
      { code: "NO_PAIRS", message: "no pairs count: all figures are undefined" },
    ]);
  }
  const errors = { errorX: Float64Array.of(0.5), errorY: Float64Array.of(0.5) };
  const near: Found = { x: Float64Array.of(5), y: Float64Array.of(7) };
  const { metrics, plot } = await measure({ found: { ...one, ...errors }, truth: near }, {
    matchRadius: 2,
  });
  assertEquals([metrics.biasX, metrics.biasXError, metrics.sdX, metrics.robustSdX], [
    0.5,
    null,
    null,
    null,
  ]);
  assertEquals(metrics.coverage!.x, { value: 1, error: null });
  assertEquals(schemaProblem(METRICS_SCHEMA, metrics), undefined);
  assertEquals(schemaProblem(FIGURE_PORT.schema, plot), undefined);
});

Deno.test("evaluation.localization: unknown stated errors are left out of the coverage", async () => {
  const found = noisy(0.05, 0.05);
  const errorX = (found.errorX as Float64Array).map((e, i) => [e, NaN, 0, -1, Infinity][i % 5]);
  const { coverage } = (await measure({ found: { ...found, errorX }, truth: TRUTH })).metrics;
  assertEquals(coverage!.pairs, N / 5);
});

Deno.test("evaluation.localization: exactly one of truth and second", async () => {
  await assertFails(
    () => measure({ found: TRUTH }),
    "INPUT_MISSING",
    'Cannot measure errors of localization: expected either "truth" or "second", got neither; ' +
      "give true positions, or the columns of another exposure",
  );
  await assertFails(
    () => measure({ found: TRUTH, truth: TRUTH, second: TRUTH }),
    "PARAM_CONFLICT",
    'Cannot measure errors of localization: expected either "truth" or "second", got both; ' +
      "leave one of them out",
  );
});

Deno.test("evaluation.localization: errors name the port and what to do", async () => {
  const one: Found = { x: Float64Array.of(1), y: Float64Array.of(1) };
  const lost: Found = { x: Float64Array.of(1, 2), y: Float64Array.of(1, NaN) };
  await assertFails(
    () => measure({ found: lost, truth: TRUTH }),
    "TABLE_VALUE",
    'Cannot compare positions of "found": expected finite x and y, got x 2, y NaN in row 1; ' +
      "remove the rows without a position",
  );
  await assertFails(
    () => measure({ found: TRUTH, second: lost }),
    "TABLE_VALUE",
    'Cannot compare positions of "second": expected finite x and y, got x 2, y NaN in row 1; ' +
      "remove the rows without a position",
  );
  await assertFails(
    () => measure({ found: TRUTH, truth: one }),
    "MATCH_RADIUS_NEEDED",
    "Cannot choose the match radius: expected at least two true positions apart from each other, " +
      "got 1 true position; set matchRadius in px",
  );
  await assertFails(
    () => measure({ found: TRUTH, second: one }),
    "MATCH_RADIUS_NEEDED",
    'Cannot choose the match radius: expected at least two positions in "second" apart from each ' +
      'other, got 1 position in "second"; set matchRadius in px',
  );
  await assertFails(
    () => measure({ found: TRUTH, truth: TRUTH }, { margin: 5 }),
    "PARAM_CONFLICT",
    "Cannot leave out a margin of 5 px: expected the width and height of the image, got width " +
      '"auto"; set width, or margin to 0',
  );
  const same = Math.ceil(Math.sqrt(MAX_CANDIDATE_PAIRS)) + 1;
  const many: Found = { x: new Float64Array(same), y: new Float64Array(same) };
  await assertFails(
    () => measure({ found: many, second: many }, { matchRadius: 5 }),
    "PARAM_RANGE",
    `Cannot pair both exposures' positions: expected at most ${MAX_CANDIDATE_PAIRS} pairs within ` +
      "the match radius, got more within 5 px; set a smaller matchRadius",
  );
});

Deno.test("evaluation.localization: the plot shows what is known", async () => {
  const titles = ({ panels }: Figure) => panels.map(({ title }) => title);
  const found = noisy(0.05, 0.05);
  const plain = moved((i, axis) => found[axis][i] - TRUTH[axis][i]);
  assertEquals(titles((await measure({ found: plain, truth: TRUTH })).plot), [
    "Errors",
    "Bias by sub-pixel phase",
  ]);
  const height = TRUTH.x.map((_, i) => 1 + i);
  const { plot } = await measure({ found: { ...found, height }, truth: TRUTH });
  assertEquals(titles(plot), [
    "Errors",
    "Bias by sub-pixel phase",
    "Errors over stated errors",
    "Error by height",
  ]);
  const [scatter, , normalized, byHeight] = plot.panels;
  assertEquals(scatter.series[0].x.length, N / 2, "every second of 3600");
  const total = normalized.series[0].y.reduce((a, b) => a + b, 0) * 0.5;
  assertClose(total, 1, 1e-5, "a density");
  assertEquals(byHeight.series[0].x.length, 12);
  assertEquals([byHeight.x.scale, byHeight.y.scale], ["log", "log"]);
  for (const [b, sd] of byHeight.series[0].y.entries()) {
    assertClose(sd, 0.05, SIGMAS * byHeight.series[0].error![b]);
    assertClose(byHeight.series[1].y[b], 0.05, ROUNDING);
  }
});

Deno.test("evaluation.localization: the same bytes twice, and JSON without NaN", async () => {
  const texts = [];
  for (let k = 0; k < 2; k++) {
    const { metrics, plot, pairs } = await measure({ found: noisy(0.05, 0.05), truth: TRUTH });
    assertEquals(JSON.parse(JSON.stringify(metrics)), metrics);
    assertEquals(schemaProblem(METRICS_SCHEMA, metrics), undefined);
    texts.push(JSON.stringify([metrics, plot, [...pairs.columns.dx]]));
  }
  assertEquals(texts[0], texts[1]);
});

Deno.test("evaluation.localization: the phase is that of the nearest pixel's center", async () => {
  const truth: Found = { x: Float64Array.of(3.5, 8.49, 20), y: Float64Array.of(-0.5, 4.2, 9.99) };
  const { phase } = (await measure({ found: truth, truth }, { phaseBins: 2 })).metrics;
  assertEquals(phase.x.count, [1, 2]);
  assertEquals(Array.from(truth.x, (v) => phaseOf(v) >= 0 && phaseOf(v) < 0.5), [
    false,
    true,
    true,
  ]);
  assertEquals(phase.y.count, [2, 1]);
});

Deno.test("chiSquareTail agrees with tables and with its own closed forms", () => {
  assertClose(chiSquareTail(3.841458820694124, 1), 0.05, 1e-12);
  assertClose(chiSquareTail(16.918977604620448, 9), 0.05, 1e-12);
  // scipy.stats.chi2.sf
  assertClose(chiSquareTail(2.7003894999803584, 8), 0.9517313041075061, 1e-14);
  assertClose(chiSquareTail(1e-3, 1), 0.9747728793699604, 1e-14);
  assertClose(chiSquareTail(120, 100), 0.08440668109369177, 1e-13);
  assertClose(chiSquareTail(50.5, 99), 0.9999872072806756, 1e-13);
  assertClose(chiSquareTail(400, 9) / 1.3699125019662825e-80, 1, 1e-11);
  for (const x of [0.01, 0.5, 2, 5, 30, 200]) {
    assertClose(chiSquareTail(x, 2) / Math.exp(-x / 2), 1, 1e-12);
    assertClose(chiSquareTail(x, 4) / (Math.exp(-x / 2) * (1 + x / 2)), 1, 1e-11);
  }
  assertEquals([chiSquareTail(0, 3), chiSquareTail(Infinity, 3)], [1, 0]);
  assertClose(normalShare(1), 0.6826894921370859, 1e-14);
});
