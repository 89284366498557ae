import { assertAtMost, assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, type Image } from "../../../core/data/image.ts";
import { digestValue } from "../../../core/store/digest.ts";
import { findBurnedIn } from "../../../plugins/inference/_burned_in.ts";
import { atomid } from "../../../plugins/inference/atomid.ts";
import { decode } from "../../../plugins/inference/decode.ts";
import { createHost } from "../../../procedures/create_host.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { columnModel, identityGraph, onnxModel } from "../../support/onnx_model.ts";
import { withFolder } from "../../support/toy_host.ts";

const WASM = { provider: "wasm" } as const;
const model = columnModel(12);

function lattice(size: number, options = {}) {
  return latticeImage({
    width: size,
    height: size,
    a: [12, 0],
    b: [0, 12],
    sigma: 2,
    shift: [6.3, 5.8],
    ...options,
  });
}

function largest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

Deno.test("inference.atomid finds the columns of a lattice, with spacing, place and edge", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const { image, x, y } = lattice(96);
  const calibrated = createImage({ ...image, pixelSize: { x: 0.02, y: 0.02, unit: "nm" } });
  const { columns, summary } = await host.run(atomid, { image: calibrated, model }, WASM);
  assertEquals(columns.length, x.length);
  for (let i = 0; i < x.length; i++) {
    const misses = Array.from(
      columns.columns.x,
      (fx, k) => Math.hypot(fx - x[i], columns.columns.y[k] - y[i]),
    );
    assertAtMost(
      Math.min(...misses),
      0.3,
      "a blurred and normalized picture is not quite the lattice",
    );
  }
  assertClose(summary.predictedSpacing!, 12, 1e-3);
  assertClose(summary.spacing!, 12, 0.01); // between columns whose places are so sure
  assertClose(summary.spacingNm!, 0.24, 2e-4);
  assertEquals([summary.provider, summary.scale, summary.model], ["wasm", 1, "columns"]);
  assertEquals(summary.columns, columns.length);
  const [report] = host.reports;
  assertEquals(report.chosen, { provider: "wasm", scale: 1, tiles: 1 });
});

Deno.test("inference.atomid gives what inference.decode makes of its map", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const { image } = lattice(80, { seed: 3 });
  const found = await host.run(atomid, { image, model }, WASM);
  const again = await host.run(decode, { confidence: found.confidence, spacing: found.summary });
  assertEquals(digestValue(again.columns), digestValue(found.columns));
});

/** Tiles give what the whole gives, up to the order of sums. */
const SEAM_LIMIT = 1e-4;

Deno.test("inference.atomid: tiles give the map of the whole image, in the pool as in the thread", async () => {
  const { image } = lattice(500, { seed: 5 });
  using inline = createHost({ cache: false, runner: "inline" });
  using pool = createHost({ cache: false, workers: 2 });
  const whole = await inline.run(atomid, { image, model }, { ...WASM, tileSize: 4096 });
  const tiled = await inline.run(atomid, { image, model }, { ...WASM, tileSize: 300 });
  assertTrue(tiled.summary.tiles > 4);
  assertAtMost(largest(whole.confidence.data, tiled.confidence.data), SEAM_LIMIT);
  const pooled = await pool.run(atomid, { image, model }, { ...WASM, tileSize: 300 });
  assertEquals(digestValue(pooled), digestValue(tiled));
});

Deno.test("inference.atomid is the same for any brightness, and for dark columns with polarity", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const { image } = lattice(80);
  const bright = await host.run(atomid, { image, model }, WASM);
  const changed = (gain: number, offset: number) =>
    createImage({ ...image, data: image.data.map((v) => gain * v + offset) });
  const lifted = await host.run(atomid, { image: changed(3, 50), model }, WASM);
  assertAtMost(largest(bright.confidence.data, lifted.confidence.data), 1e-3);
  const params = { ...WASM, polarity: "dark" } as const;
  const dark = await host.run(atomid, { image: changed(-1, 200), model }, params);
  assertEquals(dark.columns.length, bright.columns.length);
});

Deno.test("inference.atomid infers again at another scale where the spacing is out of range", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  // this network says 3 px whatever it sees: two more attempts, each enlarged
  const { image } = lattice(64, { a: [4, 0], b: [0, 4], sigma: 0.8 });
  const small = await host.run(atomid, { image, model: columnModel(3) }, WASM);
  assertEquals(small.summary.scale, 8);
  assertEquals(small.confidence.data.length, image.data.length);
  const fixed = await host.run(atomid, { image, model: columnModel(12) }, { ...WASM, scale: 3 });
  assertClose(fixed.summary.predictedSpacing!, 4, 1e-3);
  assertEquals(fixed.summary.scale, 3);
  assertTrue(fixed.columns.length > 150, `${fixed.columns.length} of 225`);
});

/** Draws a bar and letters of the highest value, as microscope programs do. */
function burnedIn(image: Image): Image {
  const data = image.data.map((v) => v);
  const white = Math.max(...data) * 1.05;
  const fill = (x: number, y: number, w: number, h: number) => {
    for (let v = y; v < y + h; v++) data.fill(white, v * image.width + x, v * image.width + x + w);
  };
  fill(10, 130, 50, 5);
  for (const x of [14, 24, 34]) {
    fill(x, 114, 2, 10);
    fill(x, 114, 6, 2);
  }
  return createImage({ ...image, data });
}

Deno.test("inference.atomid finds columns of any size: where the image is too large, in a smaller one", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  for (const spacing of [24, 70, 120]) {
    const { image, x, y } = lattice(6 * spacing, {
      a: [spacing, 0],
      b: [0, spacing],
      sigma: spacing / 4,
      shift: [spacing / 2, spacing / 2],
      seed: 5,
    });
    const { columns, summary } = await host.run(atomid, { image }, WASM);
    assertEquals(columns.length, x.length, `${spacing} px`);
    assertClose(summary.spacing! / spacing, 1, 0.02);
    for (const [i, cx] of columns.columns.x.entries()) {
      const cy = columns.columns.y[i];
      const misses = Array.from(x, (tx, k) => Math.hypot(tx - cx, y[k] - cy));
      assertAtMost(Math.min(...misses), 0.1 * spacing);
    }
    assertEquals(summary.scale < 1, spacing > 26);
  }
});

Deno.test("inference.atomid leaves burned-in bars and text out, and says where they are", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const { image } = lattice(150, { seed: 2 });
  const marked = burnedIn(image);
  const { columns, summary, confidence } = await host.run(atomid, { image: marked, model }, WASM);
  assertEquals(summary.excluded.map(({ kind }) => kind).sort(), ["bar", "text"]);
  assertEquals(summary.excluded.find(({ kind }) => kind === "bar"), {
    kind: "bar",
    x: 10,
    y: 130,
    width: 50,
    height: 5,
  });
  const { x, y } = columns.columns;
  assertTrue(!x.some((cx, i) => cx >= 10 && cx < 60 && y[i] >= 130 && y[i] < 135));
  assertEquals(confidence.data[132 * 150 + 30], 0);
});

/** White shapes on an image, their edges half gray as where a program has scaled or smoothed them. */
function softWriting(image: Image, boxes: readonly number[][]): Float32Array {
  const data = image.data.map((v) => v), white = Math.max(...data);
  for (const [x, y, w, h] of boxes) {
    for (let v = y; v <= y + h; v++) {
      for (let u = x; u <= x + w; u++) {
        const isEdge = u === x || v === y || u === x + w || v === y + h;
        const at = v * image.width + u;
        data[at] = isEdge ? Math.max(data[at], (data[at] + white) / 2) : white;
      }
    }
  }
  return data;
}

Deno.test("findBurnedIn finds bars and letters with soft edges, the line of letters as one", () => {
  const { image } = lattice(150, { seed: 2 });
  const letters = [14, 26, 38].flatMap((x) => [[x, 100, 4, 16], [x, 100, 9, 4]]);
  const data = softWriting(image, [[10, 125, 60, 7], ...letters]);
  const found = findBurnedIn(data, 150, 150);
  assertEquals(found.map(({ kind }) => kind), ["bar", "text"]);
  const [bar, text] = found;
  assertTrue(Math.abs(bar.x - 11) <= 1 && Math.abs(bar.width - 59) <= 2, JSON.stringify(bar));
  assertTrue(text.x <= 16 && text.x + text.width >= 45, JSON.stringify(text));
});

Deno.test("findBurnedIn finds boxes behind writing, and strips along the border", () => {
  const { image } = lattice(150, { seed: 2 });
  const black = Math.min(...image.data) - 1, white = Math.max(...image.data);
  const draw = (boxes: readonly (readonly [number, number, number, number, number])[]) => {
    const data = image.data.map((v) => v);
    for (const [x, y, w, h, value] of boxes) {
      for (let v = y; v < y + h; v++) data.fill(value, v * 150 + x, v * 150 + x + w);
    }
    return findBurnedIn(data, 150, 150);
  };
  const box = draw([[20, 100, 70, 40, black], [30, 128, 50, 5, white]]);
  assertTrue(box.some(({ x, y, width, height }) => `${[x, y, width, height]}` === "20,100,70,40"));
  const strip = draw([[0, 130, 150, 20, black], [90, 138, 40, 4, white]]);
  assertTrue(
    strip.some(({ x, y, width, height }) => `${[x, y, width, height]}` === "0,130,150,20"),
  );
});

Deno.test("findBurnedIn: empty borders that meet, as of images shifted onto each other, are two strips", () => {
  const { image } = lattice(150, { background: 0.5 });
  const shifted = image.data.map((value, i) => i % 150 < 20 || i >= 125 * 150 ? 0 : value + 1);
  assertEquals(findBurnedIn(shifted, 150, 150), [
    { kind: "text", x: 0, y: 125, width: 150, height: 25 },
    { kind: "text", x: 0, y: 0, width: 20, height: 150 },
  ]);
});

Deno.test("findBurnedIn leaves the vacuum around a particle alone, be it of one value", () => {
  const particle = (radiusX: number, radiusY: number) => {
    const { image } = lattice(150, { background: 0.3 });
    return image.data.map((value, i) => {
      const x = (i % 150 - 75) / radiusX, y = (Math.floor(i / 150) - 75) / radiusY;
      return Math.max(0, 1 - x * x - y * y) * value;
    });
  };
  for (const [radiusX, radiusY] of [[73, 73], [60, 90], [90, 55], [68, 66]]) {
    assertEquals(findBurnedIn(particle(radiusX, radiusY), 150, 150), []);
  }
});

Deno.test("findBurnedIn leaves clipped columns and the zeros of few counts alone", () => {
  const { image } = lattice(150, { sigma: 2.5 });
  const clipped = image.data.map((v) => Math.min(v, 80));
  assertEquals(findBurnedIn(clipped, 150, 150), []);
  const few = lattice(150, { basis: [{ x: 0, y: 0, height: 1 }], background: 0.5, seed: 4 });
  assertEquals(findBurnedIn(few.image.data, 150, 150), []);
  assertEquals(findBurnedIn(new Float32Array(100).fill(3), 10, 10), []);
});

Deno.test("inference.atomid: tiny, constant and thin images give a result", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  for (const [width, height] of [[10, 10], [1, 70], [70, 1], [1, 1]]) {
    const image = createImage({ width, height });
    const { columns, confidence } = await host.run(atomid, { image, model }, WASM);
    assertEquals(columns.length, 0);
    assertEquals(confidence.data.length, width * height);
  }
});

Deno.test("inference.atomid finds the only column of a large image, of no spacing", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const image = createImage({ width: 700, height: 700 });
  for (let i = 0; i < image.data.length; i++) {
    const square = (i % 700 - 301) ** 2 + (Math.floor(i / 700) - 402) ** 2;
    image.data[i] = 50 * Math.exp(-square / 8);
  }
  const { columns, summary } = await host.run(atomid, { image }, { ...WASM, scale: 1 });
  assertEquals([columns.length, summary.spacing, summary.predictedSpacing], [1, null, null]);
  assertClose(columns.columns.x[0], 301, 1);
  assertClose(columns.columns.y[0], 402, 1);
});

Deno.test("inference.atomid refuses NaN pixels and models of other outputs", async () => {
  using host = createHost({ cache: false, runner: "inline" });
  const image = createImage({ width: 20, height: 20 });
  image.data[7] = NaN;
  await assertFails(
    () => host.run(atomid, { image, model }, WASM),
    "IMAGE_NON_FINITE",
    'Cannot give input "image" to inference.atomid: expected finite pixels, got 1 NaN or infinite pixels; replace them or crop them away',
  );
  const other = onnxModel("other", identityGraph);
  await assertFails(
    () => host.run(atomid, { image: lattice(32).image, model: other }, WASM),
    "MODEL_SHAPE",
    'Cannot use model "other" in inference.atomid: expected an input of any size and the outputs "confidence" and "spacing", got any size, "out"; use inference.onnx for other models',
  );
});

Deno.test("inference.atomid without a host needs a model", async () => {
  const { testContext } = await import("../../support/context.ts");
  const { resolveParams } = await import("../../../core/stage/params.ts");
  const { values } = resolveParams(atomid.params, {}, atomid.id);
  await assertFails(
    async () => await atomid.run({ image: lattice(32).image }, values as never, testContext()),
    "INPUT_MISSING",
    'Cannot run a neural network: expected an input "model", got nothing; a host made with createHost gives ours',
  );
});

Deno.test("the provider of this machine and the model are part of the cache key", async () => {
  await withFolder(async (cache) => {
    using host = createHost({ cache, runner: "inline" });
    const { image } = lattice(48);
    await host.run(atomid, { image, model });
    const [first] = host.reports;
    assertTrue(["wasm", "native", "webgpu"].includes(String(first.params.provider)));
    await host.run(atomid, { image, model });
    assertEquals(host.reports[1].cache.hits, 1);
    const document = host.record("all");
    assertEquals(
      document.steps[0].params,
      undefined,
      "the record leaves the choice to the machine",
    );
    const explained = await host.explain(document, { image, model });
    assertEquals(explained.map(({ state }) => state), ["cached", "cached"]);
    await host.run(atomid, { image, model: columnModel(13) });
    assertEquals(host.reports[2].cache.hits, 0);
  });
});

Deno.test("a cancelled inference ends long before it is done, and the pool goes on", async () => {
  const controller = new AbortController();
  let fraction = 0;
  using host = createHost({
    cache: false,
    workers: 2,
    onEvent: (event) => {
      if (event.type !== "step-progress") return;
      fraction = event.fraction;
      if (fraction > 0.2) controller.abort(); // the first of several rounds of tiles is done
    },
  });
  const { image } = lattice(1200);
  const params = { ...WASM, tileSize: 256 };
  await assertFails(
    () => host.run(atomid, { image, model }, params, { signal: controller.signal }),
    "CANCELLED",
  );
  assertAtMost(fraction, 0.5);
  const after = await host.run(atomid, { image: lattice(48).image, model }, WASM);
  assertTrue(after.columns.length > 5);
});
