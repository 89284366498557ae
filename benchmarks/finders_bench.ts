/**
 * The finders side by side, with default parameters: how well they find simulated columns of few counts,
 * what they make of noise, and how long they take. `deno run -A benchmarks/finders_bench.ts` prints the
 * table of docs/finding-peaks.md; all but the times is the same in every run.
 *
 * @module
 */
import { createImage, type Image } from "../core/data/image.ts";
import type { Peaks } from "../core/data/peaks.ts";
import { strictMatching } from "../core/kernels/matching.ts";
import { createRandom, normalRandom } from "../core/kernels/random.ts";
import type { AnyStage } from "../core/stage/stage.ts";
import { resolveParams } from "../core/stage/params.ts";
import { dog } from "../plugins/peaks/dog.ts";
import { doh } from "../plugins/peaks/doh.ts";
import { findMaxima } from "../plugins/peaks/find_maxima.ts";
import { findfoci } from "../plugins/peaks/findfoci.ts";
import { localMaxima } from "../plugins/peaks/local_maxima.ts";
import { log } from "../plugins/peaks/log.ts";
import { testContext } from "../tests/support/context.ts";
import { type LatticeImage, latticeImage } from "../tests/support/lattice_image.ts";

const FINDERS: readonly [stage: AnyStage, given: Readonly<Record<string, unknown>>][] = [
  [findfoci, {}],
  [findMaxima, {}],
  [findMaxima, { blur: "auto" }],
  [localMaxima, {}],
  [log, {}],
  [dog, {}],
  [doh, {}],
];

/** Found and true columns pair up to this share of their distance. */
const RADIUS_SHARE = 0.35;
const SPACINGS = [6, 10, 16, 25];
const REPEATS = 5;

interface Scene extends LatticeImage {
  readonly spacing: number;
}

const turned = (length: number, degrees: number): [number, number] => [
  length * Math.cos(degrees * Math.PI / 180),
  length * Math.sin(degrees * Math.PI / 180),
];

/** A hexagonal lattice with a chosen count at the columns' tops, over a background of 15 % of it. */
function hexagonal(spacing: number, counts: number): Scene {
  const scene = latticeImage({
    width: 384,
    height: 384,
    a: turned(spacing, 8),
    b: turned(spacing, 68),
    basis: [{ x: 0, y: 0, height: counts }],
    sigma: 0.17 * spacing,
    background: 0.15 * counts,
    seed: spacing + 100 * counts,
  });
  return { ...scene, spacing };
}

/** Heavy and light columns (40 % as high) in turn, as in 2H MoS2. */
function honeycomb(spacing: number, counts: number): Scene {
  const [x, y] = turned(spacing / Math.sqrt(3), 38);
  const scene = latticeImage({
    width: 384,
    height: 384,
    a: turned(spacing, 8),
    b: turned(spacing, 68),
    basis: [{ x: 0, y: 0, height: counts }, { x, y, height: 0.4 * counts }],
    sigma: 0.11 * spacing,
    background: 0.15 * counts,
    seed: spacing + 100 * counts,
  });
  return { ...scene, spacing: spacing / Math.sqrt(3) };
}

/** The hexagonal lattice with a hill of twice the columns' height under it. */
function onHill(spacing: number, counts: number): Scene {
  const scene = hexagonal(spacing, counts);
  const data = scene.image.data.map((v, i) => {
    const x = i % 384 - 150, y = Math.floor(i / 384) - 170;
    return v + 2 * counts * Math.exp(-(x * x + y * y) / (2 * 90 * 90));
  });
  return { ...scene, image: { ...scene.image, data } };
}

const noise = createImage({ width: 512, height: 512 });
const normal = createRandom(1);
for (let i = 0; i < noise.data.length; i++) noise.data[i] = 50 + 4 * normalRandom(normal);

const { image: counts } = latticeImage({
  width: 1024,
  height: 1024,
  a: [23, 2],
  b: [-4, 22],
  basis: [{ x: 0, y: 0, height: 60 }],
  background: 60,
  sigma: 4,
  seed: 4,
});
const large = { ...counts, data: counts.data.map((v, i) => v + ((i * 7919) % 1000) / 1000) };

async function find(
  stage: AnyStage,
  given: Readonly<Record<string, unknown>>,
  image: Image,
): Promise<Peaks> {
  const { values } = resolveParams(stage.params, given, stage.id);
  const run = stage.run as (...call: unknown[]) => { peaks: Peaks } | Promise<{ peaks: Peaks }>;
  return (await run({ image }, values, testContext())).peaks;
}

/** F1 against the columns; those nearer than half a spacing to the border are left out. */
function f1(peaks: Peaks, { image: { width, height }, spacing, ...scene }: Scene): number {
  const inside = (x: number, y: number) =>
    Math.min(x, y, width - 1 - x, height - 1 - y) >= spacing / 2 - 0.5;
  const { x, y } = peaks.columns;
  const truth = { x: Float64Array.from(scene.x), y: Float64Array.from(scene.y) };
  const partner = new Int32Array(x.length);
  strictMatching(x, y, truth.x, truth.y, RADIUS_SHARE * spacing, partner);
  let pairs = 0, mistakes = 0, wanted = 0;
  for (let i = 0; i < x.length; i++) {
    if (partner[i] < 0) mistakes += inside(x[i], y[i]) ? 1 : 0;
    else if (inside(truth.x[partner[i]], truth.y[partner[i]])) pairs++;
  }
  for (let i = 0; i < truth.x.length; i++) wanted += inside(truth.x[i], truth.y[i]) ? 1 : 0;
  return wanted === 0 ? 0 : 2 * pairs / (pairs + mistakes + wanted);
}

/** The mean F1 over lattices of several spacings. */
async function meanF1(
  [stage, given]: (typeof FINDERS)[number],
  scenes: readonly Scene[],
): Promise<string> {
  let sum = 0;
  for (const scene of scenes) sum += f1(await find(stage, given, scene.image), scene);
  return (sum / scenes.length).toFixed(3);
}

const columns: readonly [string, readonly Scene[]][] = [
  ["3 counts", SPACINGS.map((s) => hexagonal(s, 3))],
  ["10 counts", SPACINGS.map((s) => hexagonal(s, 10))],
  ["60 counts", SPACINGS.map((s) => hexagonal(s, 60))],
  ["heavy and light, 60", SPACINGS.slice(1).map((s) => honeycomb(s, 60))],
  ["on a hill, 60", SPACINGS.map((s) => onHill(s, 60))],
];
const heads = ["finder", ...columns.map(([name]) => name), "in noise", "1024 x 1024"];
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
console.log(line(heads));
console.log(line(heads.map((_, i) => i === 0 ? "---" : "---:")));
for (const finder of FINDERS) {
  const [stage, given] = finder;
  const flags = Object.entries(given).map(([name, value]) => ` --${name} ${value}`).join("");
  const cells = [`\`${stage.id}${flags}\``];
  for (const [, scenes] of columns) cells.push(await meanF1(finder, scenes));
  cells.push(String((await find(stage, given, noise)).length));
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    await find(stage, given, large);
    best = Math.min(best, performance.now() - start);
  }
  cells.push(`${best.toFixed(0)} ms`);
  console.log(line(cells));
}
