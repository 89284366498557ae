import { type Image, type ParamsGiven, resolveParams } from "@core";
import { createKdTree, medianNearestDistance, nearestNeighbors } from "@core/kernels";
import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertTrue,
} from "@assert";
import { scene } from "../../../plugins/simulation/scene.ts";
import { testContext } from "../../support/context.ts";

type Given = ParamsGiven<typeof scene.params>;

async function simulate(given: Given, seed = 1) {
  const { values, problems } = resolveParams(scene.params, given, scene.id);
  assertEquals(problems, []);
  const context = testContext(seed);
  return { ...await scene.run({}, values as never, context), context };
}

/** One exposure as the formula gives it: no noise, no jitter, fractions kept. */
const exact = {
  width: 96,
  height: 80,
  exposures: 1,
  poisson: false,
  readNoise: 0,
  offset: 0,
  rowJitter: 0,
  contamination: 0,
  vacancies: 0,
  sampleType: "float32",
} as const satisfies Given;

/** Gaussians are cut at six standard deviations (2e-8), and pixels are float32 (6e-8). */
const RELATIVE_CUT = 3e-7;

type Truth = Awaited<ReturnType<typeof simulate>>["truth"][number];

/** The sum of Gaussians at the truth, by the textbook formula. */
function sumOfGaussians(truth: Truth, background: number, px: number, py: number): number {
  const { x, y, height, sigmaX, sigmaY, angle } = truth.columns;
  let sum = background;
  for (let i = 0; i < truth.length; i++) {
    const dx = px - x[i], dy = py - y[i], c = Math.cos(angle[i]), s = Math.sin(angle[i]);
    const along = (c * dx + s * dy) / sigmaX[i], across = (c * dy - s * dx) / sigmaY[i];
    sum += height[i] * Math.exp(-0.5 * (along * along + across * across));
  }
  return sum;
}

/** Compares an image with the formula, away from the border beyond which columns reach in. */
function assertFormula(
  image: Image,
  truth: Truth,
  background: number,
  top: number,
  margin: number,
) {
  for (let y = margin; y < image.height - margin; y += 3) {
    for (let x = margin; x < image.width - margin; x++) {
      const expected = sumOfGaussians(truth, background, x, y);
      assertClose(image.data[y * image.width + x], expected, RELATIVE_CUT * top, `${x}, ${y}`);
    }
  }
}

for (const structure of ["2H", "1T''", "hexagonal", "square"] as const) {
  Deno.test(`simulation.scene: ${structure} without noise is the sum of Gaussians at truth`, async () => {
    const { exposures, truth } = await simulate({ ...exact, structure, astigmatism: 0.8 });
    assertFormula(exposures.images[0], truth[0], 0.15 * 60, 60, 18);
  });
}

Deno.test("simulation.scene: the truth holds for a specimen that moves during the scan", async () => {
  const given = { ...exact, exposures: 3, scanDrift: 1, driftTotal: 24, driftStep: 4 } as const;
  const { exposures, truth, conditions, drift } = await simulate({ ...given, defocusSpread: 0 });
  for (const [e, image] of exposures.images.entries()) {
    const counts = conditions.columns.counts[e];
    assertFormula(image, truth[e], 0.15 * counts, counts, 20);
  }
  // Columns early in the scan lag behind, those late lead: the drift itself is their mean.
  const [first, last] = [truth[0].columns, truth[2].columns];
  const moved = [...last.site].flatMap((site, k) => {
    const j = first.site.indexOf(site);
    return j < 0 ? [] : [last.x[k] - first.x[j] - drift.columns.x[2]];
  });
  assertAtLeast(moved.length, 20);
  assertAtLeast(Math.max(...moved) - Math.min(...moved), 0.05);
});

Deno.test("simulation.scene: the centroid of one column is its position", async () => {
  const given = {
    ...exact,
    structure: "square",
    width: 150,
    height: 140,
    spacing: 60,
    sigma: 0.05,
    background: 0,
  } as const;
  const { exposures: { images: [image] }, truth: [truth] } = await simulate(given);
  const { x, y } = truth.columns;
  const inner = [...x.keys()].filter((i) => x[i] > 20 && x[i] < 130 && y[i] > 20 && y[i] < 120);
  assertAtLeast(inner.length, 1);
  for (const i of inner) {
    let sum = 0, sumX = 0, sumY = 0;
    for (let v = Math.round(y[i]) - 18; v <= Math.round(y[i]) + 18; v++) {
      for (let u = Math.round(x[i]) - 18; u <= Math.round(x[i]) + 18; u++) {
        const value = image.data[v * image.width + u];
        sum += value;
        sumX += value * u;
        sumY += value * v;
      }
    }
    // Sampling a Gaussian of 3 px at pixels moves its centroid by less than this.
    assertClose(sumX / sum, x[i], 1e-5);
    assertClose(sumY / sum, y[i], 1e-5);
  }
});

Deno.test("simulation.scene: the same seed gives the same bytes, another one another scene", async () => {
  const given = { width: 64, height: 48, exposures: 3 };
  const [a, b, c] = [await simulate(given, 5), await simulate(given, 5), await simulate(given, 6)];
  assertEquals(a.exposures, b.exposures);
  assertEquals(a.truth, b.truth);
  assertEquals(a.drift, b.drift);
  assertTrue(a.exposures.images[0].data.some((v, i) => v !== c.exposures.images[0].data[i]));
  assertTrue(a.drift.columns.x[2] !== c.drift.columns.x[2]);
});

Deno.test("simulation.scene: noise does not change the specimen or its drift", async () => {
  const noisy = await simulate({ width: 64, height: 48, exposures: 2 });
  const clean = await simulate({
    width: 64,
    height: 48,
    exposures: 2,
    poisson: false,
    readNoise: 0,
    sampleType: "float32",
  });
  assertEquals(noisy.truth, clean.truth);
  assertEquals(noisy.drift, clean.drift);
});

Deno.test("simulation.scene: a column at p in exposure 0 is at p + drift in exposure e", async () => {
  const { truth, drift } = await simulate({ ...exact, exposures: 4, driftTotal: 20 });
  const { x: driftX, y: driftY } = drift.columns;
  assertEquals([driftX[0], driftY[0]], [0, 0]);
  assertClose(Math.hypot(driftX[3], driftY[3]), 20, 1e-12);
  for (let e = 1; e < 4; e++) {
    const here = truth[e].columns, there = truth[0].columns;
    let shared = 0;
    for (const [k, site] of here.site.entries()) {
      const j = there.site.indexOf(site);
      if (j < 0) continue;
      shared++;
      assertClose(here.x[k] - there.x[j], driftX[e], 1e-9);
      assertClose(here.y[k] - there.y[j], driftY[e], 1e-9);
      assertEquals(here.species[k], there.species[j]);
    }
    assertAtLeast(shared, 20);
  }
});

Deno.test("simulation.scene: drift steps stay under half a cell by default", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { x, y } = (await simulate({ width: 8, height: 8 }, seed)).drift.columns;
    for (let e = 1; e < 10; e++) assertAtMost(Math.hypot(x[e] - x[e - 1], y[e] - y[e - 1]), 5);
  }
});

Deno.test("simulation.scene: counts span the range in equal ratios, ends included", async () => {
  const { conditions, truth } = await simulate({ width: 64, height: 64 });
  const { counts } = conditions.columns;
  const sorted = counts.slice().sort();
  assertEquals([sorted[0], sorted[9]], [3, 60]);
  const ratio = Math.pow(20, 1 / 9);
  for (let k = 1; k < 10; k++) assertClose(sorted[k] / sorted[k - 1], ratio, 1e-12);
  for (let e = 0; e < 10; e++) {
    const { height, species } = truth[e].columns;
    height.forEach((h, i) => {
      assertClose(h, counts[e] * (species[i] === "Mo" ? 1 : 0.25), 1e-12);
    });
  }
});

Deno.test("simulation.scene: widths span the focus range, ellipticity stays within its own", async () => {
  const { conditions } = await simulate({ width: 32, height: 32, spacing: 20 });
  const { sigmaX, sigmaY } = conditions.columns;
  const mean = sigmaX.map((s, e) => Math.sqrt(s * sigmaY[e])).sort();
  assertClose(mean[0], 3.4, 1e-12);
  assertClose(mean[9], 3.4 * 1.4, 1e-12);
  sigmaX.forEach((s, e) => {
    assertAtLeast(s / sigmaY[e], 1);
    assertAtMost(s / sigmaY[e], 1.15);
  });
});

Deno.test("simulation.scene: Poisson noise has variance and mean of the expected counts", async () => {
  // A level image: all heavy columns missing, nothing but background.
  const level = { ...exact, structure: "square", vacancies: 1, poisson: true } as const;
  for (const counts of [2, 40]) {
    const { exposures: { images: [image] } } = await simulate({
      ...level,
      width: 200,
      height: 200,
      background: 1,
      countsMin: counts,
      countsMax: counts,
    });
    const n = image.data.length;
    const mean = image.data.reduce((sum, v) => sum + v, 0) / n;
    const variance = image.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    // Five standard errors of 40 000 samples.
    assertClose(mean, counts, 5 * Math.sqrt(counts / n));
    assertClose(variance, counts, 5 * counts * Math.sqrt((2 + 1 / counts) / n));
    assertTrue(image.data.every(Number.isInteger));
  }
});

Deno.test("simulation.scene: readout noise and offset", async () => {
  const { exposures: { images: [image] } } = await simulate({
    ...exact,
    structure: "square",
    vacancies: 1,
    background: 0,
    offset: 100,
    readNoise: 4,
  });
  const n = image.data.length;
  const mean = image.data.reduce((sum, v) => sum + v, 0) / n;
  const variance = image.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  assertClose(mean, 100, 5 * 4 / Math.sqrt(n));
  assertClose(variance, 16, 5 * 16 * Math.sqrt(2 / n));
});

Deno.test("simulation.scene: vacancies are dark and absent from truth", async () => {
  const given = { ...exact, structure: "square", background: 0 } as const;
  const full = await simulate(given);
  const { exposures: { images: [image] }, truth: [truth] } = await simulate({
    ...given,
    vacancies: 0.3,
  });
  const kept = truth.length / full.truth[0].length;
  assertTrue(kept > 0.5 && kept < 0.9);
  const { x, y } = full.truth[0].columns;
  const tree = createKdTree(truth.columns.x, truth.columns.y);
  const nearest = new Int32Array(1), distance = new Float64Array(1);
  let missing = 0;
  for (let i = 0; i < x.length; i++) {
    nearestNeighbors(tree, x[i], y[i], -1, nearest, distance);
    const [u, v] = [Math.round(x[i]), Math.round(y[i])];
    if (distance[0] < 1 || u < 0 || v < 0 || u >= image.width || v >= image.height) continue;
    missing++;
    assertAtMost(image.data[v * image.width + u], 0.05 * 60);
  }
  assertAtLeast(missing, 3);
});

Deno.test("simulation.scene: substitutions are in the truth by name and height", async () => {
  const { truth: [truth] } = await simulate({ ...exact, substitutions: 0.3 });
  const { species, height } = truth.columns;
  assertEquals([...new Set(species)].sort(), ["Mo", "S2", "W"]);
  species.forEach((word, i) => {
    assertClose(height[i], 60 * { Mo: 1, S2: 0.25, W: 2.6 }[word]!, 1e-12);
  });
});

Deno.test("simulation.scene: truth lies in the image's area, tall, wide, single row and pixel", async () => {
  for (const [width, height] of [[37, 153], [153, 37], [64, 1], [1, 64], [1, 1]]) {
    const given = { width, height, exposures: 3, driftTotal: 6, spacing: 5 };
    const { truth, exposures } = await simulate(given);
    assertEquals(truth.length, 3);
    for (const [e, { length, columns: { x, y } }] of truth.entries()) {
      const image = exposures.images[e];
      assertEquals([image.width, image.height], [width, height]);
      assertTrue(x.every((v) => v >= -0.5 && v < width - 0.5));
      assertTrue(y.every((v) => v >= -0.5 && v < height - 0.5));
      // 2H has four columns in an area of 2 x 0.866 spacings squared.
      const expected = width * height * 2 / (25 * Math.sqrt(0.75));
      assertClose(length, expected, 4 + 3 * (width + height) / 5);
    }
  }
});

Deno.test("simulation.scene: spacing and density of every structure are as asked", async () => {
  for (const structure of ["2H", "1T''", "hexagonal", "square"] as const) {
    const { truth: [truth] } = await simulate({
      ...exact,
      structure,
      width: 300,
      height: 280,
      spacing: 12,
    });
    const { x, y, species, height } = truth.columns;
    const heavy = [...x.keys()].filter((i) => height[i] === 60);
    const spacing = medianNearestDistance(
      Float64Array.from(heavy, (i) => x[i]),
      Float64Array.from(heavy, (i) => y[i]),
    );
    // Two of the four rhenium columns stand a little closer than the mean, two a little farther.
    assertClose(spacing, 12, structure === "1T''" ? 0.25 : 1e-9);
    const cell = { "2H": 124.7, "1T''": 701.6 / 4, hexagonal: 124.7, square: 144 }[structure];
    assertClose(heavy.length, 300 * 280 / cell, 0.05 * 300 * 280 / cell);
    const faint = { "2H": 1, "1T''": 2, hexagonal: 0, square: 0 }[structure];
    assertClose(species.length / heavy.length, 1 + faint, 0.1);
  }
});

Deno.test("simulation.scene: 1T'' has diamonds of rhenium and keeps its sulfur off the metal", async () => {
  const { truth: [truth], exposures } = await simulate({
    ...exact,
    structure: "1T''",
    width: 300,
    height: 300,
  });
  const { x, y, species } = truth.columns;
  const nm = exposures.images[0].pixelSize!.x;
  const re = [...x.keys()].filter((i) => species[i] === "Re");
  const tree = createKdTree(Float64Array.from(re, (i) => x[i]), Float64Array.from(re, (i) => y[i]));
  const near = new Int32Array(3), distance = new Float64Array(3);
  const expected = [0.2695, 0.279, 0.282, 0.2895];
  const seen = new Set<number>();
  for (const i of [...x.keys()]) {
    if (x[i] < 40 || y[i] < 40 || x[i] > 260 || y[i] > 260) continue;
    const self = species[i] === "Re" ? re.indexOf(i) : -1;
    nearestNeighbors(tree, x[i], y[i], self, near, distance);
    const inNm = [...distance].map((d) => d * nm);
    for (const d of inNm) {
      const bond = expected.find((length) => Math.abs(length - d) < 1e-4);
      if (self < 0) assertTrue(d > 0.14 && d < 0.24);
      else seen.add(bond ?? d);
    }
  }
  assertEquals([...seen].sort(), expected);
});

Deno.test("simulation.scene: time runs with the scan and from exposure to exposure", async () => {
  const { truth } = await simulate({ ...exact, exposures: 2, dwell: 100 });
  const seconds = 96 * 80 * 1e-4;
  for (const [e, { columns: { x, y, time } }] of truth.entries()) {
    time.forEach((t, i) => {
      assertClose(t, seconds * e + 1e-4 * (y[i] * 96 + x[i] + 0.5), 1e-12);
    });
  }
});

Deno.test("simulation.scene: names, sample type, pixel size and what it chose", async () => {
  const { exposures: { images }, context } = await simulate({ width: 16, height: 16, spacing: 8 });
  assertEquals(images.map(({ name }) => name).slice(0, 2), ["exposure_00", "exposure_01"]);
  assertEquals(images[3].sourceType, "uint16");
  assertClose(images[0].pixelSize!.x, 0.316 / 8, 1e-12);
  assertEquals(images[0].pixelSize!.unit, "nm");
  assertEquals(Object.keys(context.chosen), ["rotation", "spacingNm"]);
  assertTrue(images.every(({ data }) => data.every((v) => Number.isInteger(v) && v >= 0)));
  assertEquals(context.fractions.at(-1), 1);
  assertTrue(context.fractions.every((f, i, all) => i === 0 || f >= all[i - 1]));
  const given = await simulate({ width: 16, height: 16, spacing: 8, spacingNm: 0.8, rotation: 30 });
  assertClose(given.exposures.images[0].pixelSize!.x, 0.1, 1e-12);
  assertEquals(given.context.chosen, { rotation: 30, spacingNm: 0.8 });
});

Deno.test("simulation.scene: the rotation turns the first lattice vector from x towards y", async () => {
  const { truth: [{ columns: { x, y } }] } = await simulate({
    ...exact,
    structure: "square",
    rotation: 20,
  });
  const angle = 20 * Math.PI / 180;
  const i = [...x.keys()].find((k) => Math.hypot(x[k] - 48, y[k] - 40) < 8)!;
  const next = [...x.keys()].some((k) =>
    Math.hypot(x[k] - x[i] - 10 * Math.cos(angle), y[k] - y[i] - 10 * Math.sin(angle)) < 1e-9
  );
  assertTrue(next);
});

Deno.test("simulation.scene: contamination adds light, row jitter moves rows", async () => {
  const clean = (await simulate(exact)).exposures.images[0].data;
  const clouded = (await simulate({ ...exact, contamination: 0.5 })).exposures.images[0].data;
  assertTrue(clouded.every((v, i) => v >= clean[i]));
  assertAtLeast(Math.max(...clouded.map((v, i) => v - clean[i])), 3);
  const jittered = (await simulate({ ...exact, rowJitter: 0.5 })).exposures.images[0].data;
  const changed = jittered.filter((v, i) => Math.abs(v - clean[i]) > 0.1).length;
  assertAtLeast(changed / clean.length, 0.3);
});

Deno.test("simulation.scene: pixels above the sample type's range are clipped with a warning", async () => {
  const { exposures: { images: [image] }, context } = await simulate({
    ...exact,
    countsMin: 400,
    countsMax: 400,
    sampleType: "uint8",
  });
  assertEquals(Math.max(...image.data), 255);
  const count = image.data.filter((v) => v === 255).length;
  assertEquals(context.warnings.map(({ code }) => code), ["SATURATED"]);
  assertAtMost(Number(context.warnings[0].message.split(" ")[0]), count);
});

Deno.test("simulation.scene: counts the wrong way round", async () => {
  await assertFails(
    () => simulate({ countsMin: 50, countsMax: 5 }),
    "PARAM_CONFLICT",
    "Cannot spread the counts of the exposures: expected countsMin of at most countsMax, 5 counts, " +
      "got 50 counts; exchange them",
  );
});

Deno.test("simulation.scene: more columns replaced than there are", async () => {
  await assertFails(
    () => simulate({ vacancies: 0.6, substitutions: 0.5 }),
    "PARAM_CONFLICT",
    "Cannot replace heavy columns: expected vacancies and substitutions of at most 1 together, " +
      "got 0.6 and 0.5; lower one of them",
  );
});

Deno.test("simulation.scene: a specimen that moves as fast as the beam", async () => {
  await assertFails(
    () =>
      simulate({ ...exact, height: 4, exposures: 2, driftTotal: 100, driftStep: 0, scanDrift: 1 }),
    "PARAM_CONFLICT",
    "Cannot scan a moving specimen: expected motion along y of less than half the image's height, " +
      "2 px, in a scan, got 91.0 px in exposure 0; lower scanDrift or driftTotal",
  );
});

Deno.test("simulation.scene: stops when it is cancelled", async () => {
  const controller = new AbortController();
  const context = testContext(1, controller.signal);
  const { values } = resolveParams(scene.params, { width: 64, height: 64 }, scene.id);
  const stopping = {
    ...context,
    progress: (fraction: number) => {
      if (fraction > 0.2) controller.abort(new Error("stop"));
      context.progress(fraction);
    },
  };
  let message = "";
  try {
    await scene.run({}, values as never, stopping);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "stop");
  assertAtMost(context.fractions.at(-1)!, 0.2);
});
