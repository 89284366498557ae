import { assertAtLeast, assertAtMost, assertEquals, assertFails, assertTrue } from "@assert";
import { createImage, type Image, type Peaks, resolveParams } from "../../../core/mod.ts";
import { strictMatching } from "../../../core/kernels/mod.ts";
import { createRandom } from "../../../core/kernels/random.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";
import { runReferenceCase } from "../../golden/findfoci.ts";

const GOLDEN = new URL("../../golden/findfoci/", import.meta.url);

/** The goldens are printed with float32 digits; sums of them agree to this. */
const GOLDEN_TOLERANCE = 1e-6;

interface GoldenCase {
  readonly name: string;
  readonly image: "A" | "B" | "C" | "D";
  readonly depth: number;
  readonly options: Record<string, string | number>;
}

/** The reference's test images: Park-Miller bytes, averaged over the 3 x 3 (x 3) neighborhood. */
function goldenImage(name: GoldenCase["image"]) {
  const [width, height, slices, seed] = name === "D" ? [20, 20, 6, 7] : [64, 64, 1, 1];
  let state = seed;
  const raw = Int32Array.from({ length: width * height * slices }, () => {
    state = (16807 * state) % 2147483647;
    return state % 256;
  });
  const clamp = (v: number, n: number) => Math.min(n - 1, Math.max(0, v));
  const deep = slices > 1 ? [-1, 0, 1] : [0];
  const pixels = Array.from(raw, (_, i) => {
    const x = i % width, y = Math.floor(i / width) % height, z = Math.floor(i / (width * height));
    let sum = 0;
    for (const dz of deep) {
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const plane = clamp(z + dz, slices) * height + clamp(y + dy, height);
          sum += raw[plane * width + clamp(x + dx, width)];
        }
      }
    }
    const mean = Math.floor(sum / (9 * deep.length));
    return name === "B" ? mean >> 3 : name === "C" ? mean - 128 : mean;
  });
  return { pixels, width, height, slices };
}

const cases: GoldenCase[] = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", GOLDEN)));

for (const { name, image, depth, options } of cases) {
  Deno.test(`peaks.findfoci gives the reference program's peaks in case ${name}`, () => {
    const rows = runReferenceCase({ ...goldenImage(image), bits: depth, options });
    const [head, ...lines] = Deno.readTextFileSync(new URL(`${name}.csv`, GOLDEN)).trim().split(
      "\n",
    );
    assertEquals(rows.length, lines.length);
    const names = head.split(",");
    for (const [i, line] of lines.entries()) {
      for (const [c, cell] of line.split(",").entries()) {
        const found = (rows[i] as unknown as Record<string, number>)[names[c]];
        const expected = Number(cell);
        const close = found === expected ||
          Math.abs(found - expected) <= GOLDEN_TOLERANCE * Math.abs(expected);
        assertTrue(close, `row ${i}, ${names[c]}: ${found} is not ${expected}`);
      }
    }
  });
}

async function find(image: Image, given: Record<string, unknown> = {}) {
  const { values, problems } = resolveParams(findfoci.params, given, findfoci.id);
  assertEquals(problems.map((p) => p.message), []);
  const context = testContext();
  const { peaks } = await findfoci.run({ image }, values as never, context);
  return { peaks, chosen: context.chosen };
}

/** Precision and recall of peaks farther than a margin from the border. */
function score(
  peaks: Peaks,
  truth: { x: number[]; y: number[] },
  { width, height }: Image,
  radius: number,
  margin: number,
) {
  const inside = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x, (_, i) => i).filter((i) =>
      x[i] >= margin && y[i] >= margin && x[i] <= width - 1 - margin && y[i] <= height - 1 - margin
    );
  const { x, y } = peaks.columns;
  const own = inside(x, y), real = inside(truth.x, truth.y);
  const pick = (values: ArrayLike<number>, rows: number[]) =>
    Float64Array.from(rows, (i) => values[i]);
  const all = (values: ArrayLike<number>) => Float64Array.from(values);
  const recall = strictMatching(
    all(x),
    all(y),
    pick(truth.x, real),
    pick(truth.y, real),
    radius,
    new Int32Array(x.length),
  ) / real.length;
  const precision = strictMatching(
    pick(x, own),
    pick(y, own),
    all(truth.x),
    all(truth.y),
    radius,
    new Int32Array(own.length),
  ) / own.length;
  return { precision, recall };
}

const LATTICES: [string, Partial<LatticeImageOptions>, number][] = [
  ["hexagonal at 60 counts", { basis: [{ x: 0, y: 0, height: 60 }] }, 0.99],
  ["hexagonal at 10 counts", { basis: [{ x: 0, y: 0, height: 10 }], background: 3 }, 0.99],
  ["hexagonal at 4 counts", { basis: [{ x: 0, y: 0, height: 4 }], background: 1 }, 0.96],
  ["far apart", { a: [34, 2], b: [-15, 30], sigma: 5, basis: [{ x: 0, y: 0, height: 20 }] }, 0.99],
  [
    "close together",
    { a: [8, 0], b: [-4, 7], sigma: 1.4, basis: [{ x: 0, y: 0, height: 40 }] },
    0.99,
  ],
];

for (const [name, options, bar] of LATTICES) {
  Deno.test(`peaks.findfoci finds a lattice with its defaults: ${name}`, async () => {
    const size = { width: 200, height: 180 };
    const made = latticeImage({
      ...size,
      a: [16, 1],
      b: [-7, 14],
      sigma: 2.6,
      seed: 3,
      ...options,
    });
    const { peaks, chosen } = await find(made.image);
    const spacing = Math.hypot(...(options.a ?? [16, 1]));
    const { precision, recall } = score(peaks, made, made.image, 0.35 * spacing, spacing / 2);
    assertAtLeast(recall, bar, "recall");
    assertAtLeast(precision, bar, "precision");
    assertTrue(typeof chosen.blur === "number" && typeof chosen.height === "number");
  });
}

Deno.test("peaks.findfoci finds dark columns where it finds their negative's bright ones", async () => {
  const { image } = latticeImage({
    width: 96,
    height: 80,
    a: [12, 1],
    b: [-5, 11],
    sigma: 2,
    seed: 2,
  });
  const dark = { ...image, data: image.data.map((v) => 200 - v) };
  const bright = await find(image), found = await find(dark, { polarity: "dark" });
  assertEquals([...found.peaks.columns.x].sort(), [...bright.peaks.columns.x].sort());
});

Deno.test("peaks.findfoci finds next to nothing in noise and nothing in a constant image", async () => {
  const { image } = latticeImage({
    width: 256,
    height: 256,
    a: [900, 0],
    b: [0, 900],
    sigma: 1,
    basis: [],
    seed: 5,
  });
  assertAtMost((await find(image)).peaks.length, 10);
  assertEquals((await find(createImage({ width: 40, height: 30 }))).peaks.length, 0);
});

Deno.test("peaks.findfoci of a constant added or a power of two times changes only the values", async () => {
  const random = createRandom(6);
  const data = Float32Array.from({ length: 40 * 30 }, () => Math.floor(64 * random()));
  const image = createImage({ width: 40, height: 30, data });
  const given = { blur: 0, height: 8, minimumSize: 3 };
  const places = async (scale: number, offset: number) => {
    const changed = { ...image, data: image.data.map((v) => scale * v + offset) };
    const { peaks } = await find(changed, { ...given, height: 8 * scale });
    return Array.from(peaks.columns.x, (x, i) => `${x},${peaks.columns.y[i]}`).sort();
  };
  const expected = await places(1, 0);
  assertAtLeast(expected.length, 20);
  assertEquals(await places(1, 512), expected);
  assertEquals(await places(4, 0), expected);
});

Deno.test("peaks.findfoci refuses a share of the height that is to choose itself", async () => {
  const image = createImage({ width: 8, height: 8 });
  const error = await assertFails(
    () => find(image, { heightMethod: "relative" }),
    "PARAM_CONFLICT",
  );
  assertTrue(
    error.message.startsWith('Cannot use the height method "relative": expected '),
    error.message,
  );
});

const data = Deno.env.get("ADATOM_DATA");

Deno.test({
  name: "peaks.findfoci finds both species of a real WSe2 monolayer with its defaults",
  ignore: data === undefined,
  async fn() {
    const { tiff } = await import("../../../plugins/io/tiff.ts");
    const bytes = await Deno.readFile(`${data}/wse2-seebic/haadf.tif`);
    const images = await tiff.read(bytes, { name: "w", path: "w", warn: () => {} });
    const lines = (await Deno.readTextFile(`${data}/wse2-seebic/atoms.csv`)).trim().split("\n")
      .slice(1);
    const atoms = lines.map((line) => line.split(",").map(Number));
    for (const [frame, image] of images.entries()) {
      const own = atoms.filter(([f]) => f === frame);
      const truth = { x: own.map(([, x]) => x + 0.13), y: own.map(([, , y]) => y - 0.24) };
      const { peaks } = await find(image);
      const { precision, recall } = score(peaks, truth, image, 1.7, 8); // the border is not labeled
      assertAtLeast(2 * precision * recall / (precision + recall), 0.97, `frame ${frame}`);
    }
  },
});
