/**
 * What a user does with models: lists them, checks them by their own test tensors, measures their speed.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { AdatomError, createImage, type Image, type Model } from "../core/mod.ts";
import type { Host } from "../core/host/host.ts";
import { createRandom, poissonRandom } from "../core/kernels/mod.ts";
import { digestBytes } from "../core/store/digest.ts";
import type { Provider } from "../plugins/inference/provider.ts";
import { inference } from "../plugins/mod.ts";
import { createHost } from "./create_host.ts";
import { modelsFolder, readModel } from "./read_model.ts";

/** One model, for a list. */
export interface ModelRow {
  readonly name: string;
  /** Path of the ONNX file. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** What its description says it is. */
  readonly summary: string;
  /** Why it cannot be used; left out where it can. */
  readonly problem?: string;
}

/** The models that come along, and those at some paths. */
export function listModels(paths: readonly string[] = []): ModelRow[] {
  const folder = modelsFolder();
  const ours = existsSync(folder)
    ? readdirSync(folder).sort().map((name) => join(folder, name))
      .filter((path) => existsSync(join(path, "rdf.yaml")))
    : [];
  return [...ours, ...paths].map((path) => {
    try {
      const { model, weights } = readModel(path);
      const { description } = model.description ?? {};
      const summary = typeof description === "string" ? description : "";
      const sha256 = digestBytes(model.bytes);
      return { name: model.name, path: weights, bytes: model.bytes.length, sha256, summary };
    } catch (error) {
      const problem = (error as Error).message;
      return { name: path, path, bytes: 0, sha256: "", summary: "", problem };
    }
  });
}

/** How far one output of a model is from its test tensor. */
export interface ModelTestRow {
  readonly output: string;
  readonly channel: number;
  /** Largest difference of a value. */
  readonly worst: number;
  /** Largest value of the test tensor, without sign. */
  readonly largest: number;
  readonly ok: boolean;
}

/** A difference of this share of the largest value (or of 1) passes, as bioimage.io's own test does. */
export const MODEL_TOLERANCE = 1e-4;

interface Tensor {
  readonly test_tensor?: { readonly source?: unknown };
  readonly id?: unknown;
  readonly name?: unknown;
}

/**
 * Runs a model on the test tensor of its description and compares what comes out.
 *
 * @throws AdatomError FILE_MISSING when it has none; what reading and running throw
 */
export async function testModel(
  path: string,
  { provider, tolerance = MODEL_TOLERANCE, signal }: {
    readonly provider: Provider | "auto";
    readonly tolerance?: number;
    readonly signal?: AbortSignal;
  },
): Promise<ModelTestRow[]> {
  const { model, description } = readModel(path);
  const files = testFiles(model, description, path);
  using host = createHost({ cache: false });
  const [image] = (await host.readExposures(files.input)).images;
  const rows: ModelTestRow[] = [];
  for (const [output, file] of files.outputs.entries()) {
    const wanted = (await host.readExposures(file.path)).images;
    for (const [channel, plane] of wanted.entries()) {
      const params = { provider, output, channel };
      const { map } = await host.run(inference.onnx, { image, model }, params, {
        ...(signal === undefined ? {} : { signal }),
      });
      rows.push({ output: file.name, channel, ...difference(map, plane, tolerance) });
    }
  }
  return rows;
}

/**
 * The error for a model that differs from its test tensors, or `undefined`.
 */
export function modelProblem(path: string, rows: readonly ModelTestRow[]): AdatomError | undefined {
  const wrong = rows.find(({ ok }) => !ok);
  if (wrong === undefined) return undefined;
  return new AdatomError("MODEL_DIFFERS", {
    cannot: `trust model "${path}"`,
    expected: `its test tensor as output "${wrong.output}"`,
    got: `differences of up to ${wrong.worst.toPrecision(3)}`,
    hint: "its weights, description and test tensors may not belong together; fetch it again",
  });
}

function testFiles(model: Model, description: string | undefined, path: string) {
  const { inputs, outputs, test_inputs, test_outputs } = (model.description ?? {}) as Record<
    string,
    unknown
  >;
  const sourceOf = (tensor: Tensor | undefined, list: unknown, i: number) => {
    const source = tensor?.test_tensor?.source ?? (list as unknown[] | undefined)?.[i];
    return typeof source === "string" ? join(dirname(description!), source) : undefined;
  };
  const input = description && sourceOf((inputs as Tensor[])?.[0], test_inputs, 0);
  const found = description === undefined ? [] : ((outputs ?? []) as Tensor[]).map((tensor, i) => ({
    name: String(tensor.id ?? tensor.name ?? i),
    path: sourceOf(tensor, test_outputs, i),
  }));
  const complete = found.filter((file): file is { name: string; path: string } =>
    file.path !== undefined
  );
  if (input !== undefined && complete.length > 0) return { input, outputs: complete };
  throw new AdatomError("FILE_MISSING", {
    cannot: `test model "${path}"`,
    expected: "an rdf.yaml that names test tensors of input and output",
    got: description === undefined ? "no rdf.yaml" : "none in it",
    hint: "ask its author for them",
  });
}

function difference(map: Image, wanted: Image, tolerance: number) {
  if (map.width !== wanted.width || map.height !== wanted.height) {
    return { worst: Infinity, largest: Infinity, ok: false };
  }
  let worst = 0, largest = 0;
  for (let i = 0; i < map.data.length; i++) {
    worst = Math.max(worst, Math.abs(map.data[i] - wanted.data[i]));
    largest = Math.max(largest, Math.abs(wanted.data[i]));
  }
  return { worst, largest, ok: worst <= tolerance * Math.max(1, largest) };
}

/**
 * What is in the picture a model is measured on: columns all over it, or a particle of 12 % of it in vacuum, where more
 * is looked for than in a lattice.
 */
export type BenchPicture = "lattice" | "particle";

/** What was measured of a provider. */
export interface ModelBenchRow {
  readonly provider: Provider;
  readonly picture: BenchPicture;
  /** Side of the image, px. */
  readonly size: number;
  readonly runs: number;
  /** Shortest and median time of a run, sessions warm, ms. */
  readonly best: number;
  readonly median: number;
  /** Memory of the process with sessions warm, and the most above that during the runs, MB. */
  readonly warmMb: number;
  readonly aboveMb: number;
  /** How much more memory the process held after the last run than after the second, MB. */
  readonly grownMb: number;
}

/**
 * Measures `inference.atomid` with a model on a picture, of a lattice unless told otherwise.
 *
 * Memory is sampled while it runs, and is that of the whole process.
 */
export async function benchModel(
  model: Model,
  { provider, size, runs, picture = "lattice", signal }: {
    readonly provider: Provider;
    readonly size: number;
    readonly runs: number;
    readonly picture?: BenchPicture;
    readonly signal?: AbortSignal;
  },
): Promise<ModelBenchRow> {
  using host = createHost({ cache: false });
  const options = signal === undefined ? {} : { signal };
  const scale = picture === "lattice" ? 1 : "auto"; // which looks at smaller images, too
  const infer = (image: Image, tiles: { readonly tileSize?: number } = {}) =>
    host.run(inference.atomid, { image, model }, { provider, scale, ...tiles }, options);
  // several small tiles: the sessions of all workers
  await infer(noisyPicture(700, picture), { tileSize: 256 });
  const image = noisyPicture(size, picture);
  const warmMb = memoryMb();
  let most = warmMb, early = warmMb;
  const watch = setInterval(() => most = Math.max(most, memoryMb()), 10);
  const times: number[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      await infer(image);
      times.push(performance.now() - started);
      most = Math.max(most, memoryMb());
      if (run <= 1) early = memoryMb();
    }
  } finally {
    clearInterval(watch);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const [best, median] = [sorted[0], sorted[sorted.length >> 1]];
  return {
    provider,
    picture,
    size,
    runs,
    best,
    median,
    warmMb,
    aboveMb: most - warmMb,
    grownMb: memoryMb() - early,
  };
}

/** Measures the decoding of a map of many columns in this thread: the shortest time, ms. */
export async function benchDecode(
  columns: number,
  runs: number,
): Promise<{ readonly columns: number; readonly best: number }> {
  using host = createHost({ cache: false, runner: "inline" });
  const spacing = 9;
  const side = Math.ceil(Math.sqrt(columns)) * spacing - (spacing >> 1); // the last ones whole
  const confidence = benchPicture(side, spacing);
  const { best, found } = await bestOf(runs, host, confidence, spacing);
  return { columns: found, best };
}

async function bestOf(runs: number, host: Host, confidence: Image, spacing: number) {
  let best = Infinity, found = 0;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const result = await host.run(inference.decode, { confidence, spacing: { spacing } });
    best = Math.min(best, performance.now() - started);
    found = result.columns.length;
  }
  return { best, found };
}

/**
 * Counts at the top of a column of {@linkcode noisyPicture} and everywhere; px between columns, many and none sure,
 * and in a particle; its radius, in the side of the picture.
 */
const COUNTS = 10, FIELD = 0.3, DENSE = 9, WIDE = 18, RADIUS = 0.2;

/** An image as a network meets it, in the noise of few counts. */
function noisyPicture(size: number, picture: BenchPicture): Image {
  const isLattice = picture === "lattice", random = createRandom(1);
  const clean = benchPicture(size, isLattice ? DENSE : WIDE);
  const isIn = (i: number) =>
    isLattice || Math.hypot(i % size - size / 2, Math.floor(i / size) - size / 2) < RADIUS * size;
  const field = isLattice ? 0 : FIELD;
  const mean = clean.data.map((value, i) => field + (isIn(i) ? COUNTS * value : 0));
  return { ...clean, data: mean.map((value) => poissonRandom(value, random)) };
}

/** Gaussians of a square lattice, between 0 and 1. */
function benchPicture(size: number, spacing: number): Image {
  const profile = Float32Array.from({ length: size }, (_, i) => {
    const d = (i + spacing / 2) % spacing - spacing / 2;
    return Math.exp(-d * d / (2 * (spacing / 4) ** 2));
  });
  const data = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) data[y * size + x] = profile[x] * profile[y];
  }
  return createImage({ width: size, height: size, data });
}

function memoryMb(): number {
  return Deno.memoryUsage().rss / 2 ** 20;
}
