import {
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertIncludes,
  assertTrue,
} from "@assert";
import { createImage, type Image, resolveParams } from "../../../core/mod.ts";
import { createHost } from "../../../mod.ts";
import { drift } from "../../../plugins/alignment/drift.ts";
import { createRandom } from "../../../core/kernels/random.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

const CELL = { a: [14, 1], b: [-6, 12] } as const;

/** Twice the bound for the translation of such a frame, 0.02 px an axis at 10 counts. */
const QUIET_ERROR = 0.04;
/** The bar for a set that spans 3 to 60 counts. */
const SET_ERROR = 0.1;
/** Without noise only the taper and the vacancies at the border differ between exposures. */
const NOISE_FREE_ERROR = 0.02;

async function measure(images: readonly Image[], given: Record<string, unknown> = {}) {
  const context = testContext();
  const { values } = resolveParams(drift.params, given, drift.id);
  const out = await drift.run({ exposures: { images } }, values as never, context);
  return { ...out.drift.columns, context, length: out.drift.length };
}

function exposure(options: Partial<LatticeImageOptions>, name = ""): Image {
  const { image } = latticeImage({
    width: 192,
    height: 160,
    ...CELL,
    sigma: 2.2,
    background: 3,
    vacancies: 0.05,
    ...options,
  });
  return { ...image, name };
}

Deno.test("alignment.drift has the sign of the specimen's motion, in all four quadrants", async () => {
  for (const [dx, dy] of [[3, 2], [-3, 2], [3, -2], [-2.4, -1.3]]) {
    const images = [exposure({ shift: [20, 20] }), exposure({ shift: [20 + dx, 20 + dy] })];
    const { x, y } = await measure(images);
    assertClose(x[1], dx, NOISE_FREE_ERROR);
    assertClose(y[1], dy, NOISE_FREE_ERROR);
    assertEquals([x[0], y[0]], [0, 0]);
  }
});

Deno.test("alignment.drift draws the path and names what is ambiguous", async () => {
  const images = [0, 2, 5].map((d) => exposure({ vacancies: 0, shift: [20 + d, 20], seed: d + 1 }));
  const context = testContext();
  const { values } = resolveParams(drift.params, {}, drift.id);
  const out = await drift.run({ exposures: { images } }, values as never, context);
  const { panels, caption } = out.plot;
  assertEquals(caption, "3 exposures; ambiguous by a lattice vector: 1-2.");
  assertEquals(panels.map((p) => p.title), [
    "Path of the specimen",
    "By exposure",
    "Best correlation with another exposure",
  ]);
  assertEquals(panels[0].series[1].x, [...out.drift.columns.x]);
  assertEquals(panels[1].series[0].error, [...out.drift.columns.error]);
});

Deno.test("alignment.drift is relative to the reference it is given", async () => {
  const images = [[0, 0], [2, 1], [3, 3]].map(([dx, dy]) =>
    exposure({ shift: [20 + dx, 20 + dy] })
  );
  const { x, y } = await measure(images, { reference: 2 });
  assertClose(x[0], -3, NOISE_FREE_ERROR);
  assertClose(y[1], -2, NOISE_FREE_ERROR);
  assertEquals(x[2], 0);
});

Deno.test("alignment.drift follows a random walk at 3 to 60 counts, and knows how well", async () => {
  const random = createRandom(11);
  const truth = { x: [] as number[], y: [] as number[] };
  let px = 20, py = 20;
  const images = [3, 60, 12, 5, 30, 3, 20, 8].map((counts, e) => {
    truth.x.push(px - 20);
    truth.y.push(py - 20);
    const image = exposure({
      basis: [{ x: 0, y: 0, height: counts }],
      background: 0.2 * counts,
      sigma: 2 + random(),
      shift: [px, py],
      seed: e + 1,
    });
    const angle = 2 * Math.PI * random(), step = 5 * random();
    px += step * Math.cos(angle) + 0.7;
    py += step * Math.sin(angle) - 0.5;
    return image;
  });
  const { x, y, error } = await measure(images);
  const off = [...x].map((v, e) => v - truth.x[e]), offY = [...y].map((v, e) => v - truth.y[e]);
  const rms = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  };
  assertAtMost(rms(off), SET_ERROR);
  assertAtMost(rms(offY), SET_ERROR);
  for (let e = 1; e < x.length; e++) assertAtMost(Math.abs(off[e]), 6 * error[e] + 0.02);
});

/** 24 stacks of 4 exposures give the mean to 0.13 (one sd). */
const HONEST = 0.35;

Deno.test("alignment.drift states an uncertainty as large as its errors", async () => {
  const random = createRandom(7);
  let squares = 0, count = 0;
  for (let stack = 0; stack < 24; stack++) {
    const steps = [0, 1, 2, 3].map((e) => e === 0 ? [0, 0] : [6 * random() - 3, 6 * random() - 3]);
    const images = steps.map(([dx, dy], e) =>
      exposure({
        basis: [{ x: 0, y: 0, height: 2 }],
        background: 0.5,
        shift: [20 + dx, 20 + dy],
        seed: 10 * stack + e + 1,
      })
    );
    const { x, y, error } = await measure(images);
    for (let e = 1; e < 4; e++) {
      squares += ((x[e] - steps[e][0]) ** 2 + (y[e] - steps[e][1]) ** 2) / (2 * error[e] ** 2);
      count++;
    }
  }
  assertClose(squares / count, 1, HONEST);
});

Deno.test("alignment.drift picks the reference most like the others when told to, and says so", async () => {
  const images = [2, 3, 20, 2].map((counts, e) =>
    exposure({ basis: [{ x: 0, y: 0, height: counts }], shift: [20 + e, 20], seed: e + 1 })
  );
  const { x, y, error, context } = await measure(images, { reference: "auto" });
  assertEquals(context.chosen.reference, 2);
  assertEquals([x[2], y[2], error[2]], [0, 0, 0]);
  const { x: given } = await measure(images, { reference: 2 });
  assertEquals(x, given);
});

Deno.test("alignment.drift stays below its noise bound at equal counts", async () => {
  const images = [0, 1, 2, 3].map((e) =>
    exposure({ basis: [{ x: 0, y: 0, height: 10 }], shift: [20 + e, 20], seed: e + 1 })
  );
  const { x } = await measure(images);
  const errors = [...x].map((v, e) => v - e);
  assertAtMost(Math.max(...errors.map(Math.abs)), 4 * QUIET_ERROR);
});

/** The rates hold to first order: 0.012 squared, and 0.01 px of drift in 200 rows. */
const RATE_ERROR = 2e-4;

Deno.test("alignment.drift tells the shear and scale of exposures scanned in steady drift", async () => {
  const size = 200, rate = { x: 0.012, y: -0.008 }, middle = (size - 1) / 2;
  const k = 2 * Math.PI / 17;
  const images = [0, 1, 2, 3].map((e) => {
    const data = new Float32Array(size * size);
    for (let y = 0; y < size; y++) {
      const rows = e * size + y - middle; // since the middle of the first exposure
      for (let x = 0; x < size; x++) {
        const px = x - rate.x * rows, py = y - rate.y * rows;
        // waves of a third period are landmarks
        data[y * size + x] = 3 + Math.cos(k * px) + Math.cos(k * py) +
          0.5 * Math.cos(0.043 * (px + 2 * py));
      }
    }
    return createImage({ width: size, height: size, data });
  });
  const context = testContext();
  const { values } = resolveParams(drift.params, { scan: "shear" }, drift.id);
  const out = await drift.run({ exposures: { images } }, values as never, context);
  const columns = out.drift.columns as Record<string, Float64Array>;
  for (let e = 0; e < 4; e++) {
    assertClose(columns.shearX[e], rate.x, RATE_ERROR);
    assertClose(columns.scaleY[e], rate.y, RATE_ERROR);
  }
  assertTrue(!("shearX" in await measure(images)));
});

Deno.test("alignment.drift calls a perfect crystal ambiguous, and a specimen with landmarks not", async () => {
  const perfect = [0, 2].map((d) => exposure({ vacancies: 0, shift: [20 + d, 20] }));
  assertEquals([...(await measure(perfect)).ambiguous], [0, 1]);
  const landmarks = [0, 2].map((d) => exposure({ vacancies: 0.4, shift: [20 + d, 20] }));
  const found = await measure(landmarks);
  assertEquals([...found.ambiguous], [0, 0]);
  assertTrue(found.context.warnings.length === 0);
});

Deno.test("alignment.drift calls another region of the same crystal ambiguous", async () => {
  const images = [0, 1, 2, 3].map((e) =>
    exposure({
      basis: [{ x: 0, y: 0, height: 10 }],
      shift: [20 + e, 20],
      seed: e + 1,
      specimen: e < 2 ? 1 : 2,
    })
  );
  const { ambiguous } = await measure(images);
  assertEquals([...ambiguous.slice(2)], [1, 1]);
});

Deno.test("alignment.drift finds inverted contrast when it may be", async () => {
  const first = exposure({ vacancies: 0.3, shift: [20, 20] });
  const second = exposure({ vacancies: 0.3, shift: [22, 21] });
  const inverted = { ...second, data: second.data.map((v) => 200 - v) };
  const { x, sign } = await measure([first, inverted], { contrast: "any" });
  assertEquals([...sign], [1, -1]);
  assertClose(x[1], 2, 0.1);
});

Deno.test("alignment.drift rounds to the grid it is asked for", async () => {
  const images = [exposure({ shift: [20, 20] }), exposure({ shift: [21.3, 20] })];
  const { x } = await measure(images, { upsample: 2 });
  assertClose(x[1], 1.5, 1e-9);
});

Deno.test("alignment.drift refuses what cannot be aligned, and says what to do", async () => {
  const good = exposure({ shift: [20, 20], seed: 1 });
  await assertFails(
    () => measure([good]),
    "EXPOSURES_TOO_FEW",
    "Cannot measure drift: expected at least 2 exposures, got 1; add the other exposures of the region",
  );
  await assertFails(
    () => measure([good, good], { reference: 2 }),
    "PARAM_RANGE",
    'Cannot set parameter "reference" of alignment.drift: expected an exposure from 0 to 1, got 2',
  );
  const flat = createImage({ width: 192, height: 160 });
  await assertFails(
    () => measure([good, flat]),
    "IMAGE_CONSTANT",
    "Cannot measure the drift of exposure 1: expected an image with contrast, got the same value in every pixel; leave the exposure out",
  );
  const random = createRandom(3);
  const noise = { ...flat, data: flat.data.map(() => random()) };
  const error = await assertFails(() => measure([good, good, noise]), "EXPOSURES_UNCORRELATED");
  assertTrue(
    /^Cannot align exposure 2 with the others: expected exposures of one specimen region, got .* in exposure 2; leave it out, or check that it shows the same region and is no blank$/
      .test(error.message),
    error.message,
  );
  const other = exposure({ a: [21, 3], b: [2, 19], shift: [20, 20], seed: 4 });
  await assertFails(() => measure([good, good, other]), "EXPOSURES_UNCORRELATED");
});

Deno.test("alignment.drift follows a specimen without a lattice over many pixels", async () => {
  const place = createRandom(5);
  const specks = Array.from({ length: 60 }, () => [200 * place() - 20, 200 * place() - 20]);
  const steps = [[0, 0], [17.5, -9.25], [31.25, -20]];
  const images = steps.map(([dx, dy]) => {
    const data = new Float32Array(160 * 160);
    for (let i = 0; i < data.length; i++) {
      for (const [x, y] of specks) {
        const d2 = (i % 160 - x - dx) ** 2 + (Math.floor(i / 160) - y - dy) ** 2;
        if (d2 < 200) data[i] += 50 * Math.exp(-d2 / 12);
      }
    }
    return createImage({ width: 160, height: 160, data });
  });
  const { x, y, ambiguous } = await measure(images, { maxStep: 40 });
  for (const [e, [dx, dy]] of steps.entries()) {
    // specks enter and leave the field, which no lattice averages out
    assertAtMost(Math.hypot(x[e] - dx, y[e] - dy), 0.3);
  }
  assertEquals([...ambiguous], [0, 0, 0]);
});

Deno.test("alignment.drift refuses exposures of two regions, each seen more than once", async () => {
  const other = { a: [10, 9], b: [-9, 8] } as const;
  const images = [
    exposure({ shift: [20, 20], seed: 1 }),
    exposure({ shift: [21, 20], seed: 2 }),
    exposure({ shift: [20, 20], seed: 3 }),
    exposure({ ...other, shift: [20, 20], seed: 4 }),
    exposure({ ...other, shift: [20, 21], seed: 5 }),
  ];
  const error = await assertFails(() => measure(images), "EXPOSURES_UNCORRELATED");
  assertIncludes(
    error.message,
    /got a correlation of 0\.[01]\d, below 0\.3, in exposure 3; leave it out/,
  );
});

Deno.test("alignment.drift refuses noise, whatever its size and number", async () => {
  for (const [width, height, n] of [[5, 7, 2], [37, 53, 2], [128, 128, 5], [200, 100, 10]]) {
    const random = createRandom(width + n);
    const images = Array.from({ length: n }, () =>
      createImage({
        width,
        height,
        data: Float32Array.from({ length: width * height }, () => random()),
      }));
    await assertFails(
      () => measure(images),
      "EXPOSURES_UNCORRELATED",
      "Cannot align exposure 0 with the others: expected exposures of one specimen region, got no structure above its noise in exposure 0; leave it out, or check that it shows the same region and is no blank",
    );
  }
});

Deno.test("alignment.drift refuses a lattice that shares rows with the others, or is turned by 5 degrees", async () => {
  const good = [1, 2, 3].map((seed) =>
    exposure({ width: 256, height: 256, a: [16, 0], b: [0, 16], shift: [20, 20], seed })
  );
  const rows = exposure({ width: 256, height: 256, a: [16, 0], b: [0, 13], seed: 4 });
  const error = await assertFails(() => measure([...good, rows]), "EXPOSURES_UNCORRELATED");
  assertIncludes(
    error.message,
    /got a correlation of 0\.[01]\d along one direction, below 0\.3, in exposure 3; leave it out/,
  );
  const [cos, sin] = [16 * Math.cos(Math.PI / 36), 16 * Math.sin(Math.PI / 36)];
  const turned = exposure({ width: 256, height: 256, a: [cos, sin], b: [-sin, cos], seed: 4 });
  await assertFails(() => measure([...good, turned]), "EXPOSURES_UNCORRELATED");
});

Deno.test("alignment.drift refuses exposures of different sizes, and NaN, before it runs", async () => {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const good = exposure({ shift: [20, 20] }, "a"), other = exposure({ width: 190 }, "b");
  await assertFails(
    () => host.run(drift, { exposures: { images: [good, other] } }),
    "IMAGE_SIZE_DIFFERS",
    'Cannot give input "exposures" to alignment.drift: expected exposures of one size, 192 x 160 px, got 190 x 160 px in exposure 1 ("b"); leave it out or crop it',
  );
  const holed = { ...good, data: good.data.map((v, i) => i === 7 ? NaN : v) };
  await assertFails(
    () => host.run(drift, { exposures: { images: [good, holed] } }),
    "IMAGE_NON_FINITE",
    'Cannot give input "exposures" to alignment.drift: expected finite pixels, got 1 NaN or infinite pixels in exposure 1; replace them or crop them away',
  );
});

Deno.test("alignment.drift gives the same drift with either exposure first, but for its sign", async () => {
  const one = exposure({ shift: [20, 20], seed: 1 }),
    two = exposure({ shift: [22.4, 18.7], seed: 2 });
  const forth = await measure([one, two]), back = await measure([two, one]);
  assertClose(forth.x[1], -back.x[1], 1e-6);
  assertClose(forth.y[1], -back.y[1], 1e-6);
});

const data = Deno.env.get("ADATOM_DATA");

async function readStack(path: string): Promise<Image[]> {
  const { tiff } = await import("../../../plugins/io/tiff.ts");
  const bytes = await Deno.readFile(`${data}/${path}`);
  return await tiff.read(bytes, { name: "stack", path, warn: () => {} });
}

Deno.test({
  name: "alignment.drift agrees with the drift known of a real stack (ABF SrTiO3)",
  ignore: data === undefined,
  async fn() {
    const known = [[0, 0], [3.1, -0.6], [6.3, -2.4], [7.4, -4.7], [9.3, -3.4]];
    const { x, y, ambiguous } = await measure(await readStack("abf-srtio3/stack.tif"));
    for (const [e, [kx, ky]] of known.entries()) {
      assertAtMost(Math.hypot(x[e] - kx, y[e] - ky), 0.6, `exposure ${e}`);
    }
    assertTrue(ambiguous.every((a) => a === 0));
  },
});

Deno.test({
  name: "alignment.drift says that the drift of a real perfect crystal is ambiguous (WSe2)",
  ignore: data === undefined,
  async fn() {
    const { ambiguous } = await measure(await readStack("wse2-seebic/haadf.tif"));
    assertEquals([...ambiguous], [0, 1, 1, 1, 1]);
  },
});
