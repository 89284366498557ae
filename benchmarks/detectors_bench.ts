/**
 * The scale-space finders beside scikit-image's at equal parameters: processor time (best of three), number
 * of blobs, and whether they are the same. `deno run -A benchmarks/detectors_bench.ts` runs both in one go;
 * `ADATOM_PYTHON`, or else `python3`, must have scikit-image 0.26.
 *
 * Times are of the processor, all threads of a process together, as machines are shared.
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { createHost, createImage, type Image, type Peaks, peaks } from "../mod.ts";
import { latticeImage } from "../tests/support/lattice_image.ts";

const REPEATS = 3;

/** scikit-image's names of our parameters. */
const NAMES: Readonly<Record<string, string>> = {
  minSigma: "min_sigma",
  maxSigma: "max_sigma",
  numSigma: "num_sigma",
  sigmaRatio: "sigma_ratio",
  threshold: "threshold",
};

interface Case {
  readonly method: "log" | "dog" | "doh";
  readonly given: Readonly<Record<string, number>>;
}

interface Blobs {
  readonly seconds: number;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly sigma: ArrayLike<number>;
}

/** The thesis's settings for a confidence map (table 3), and scales for an image; wide ones last. */
const CASES: readonly Case[] = [
  { method: "log", given: { minSigma: 1, maxSigma: 3.6, numSigma: 10, threshold: 0.1 } },
  { method: "log", given: { minSigma: 2, maxSigma: 8, numSigma: 7, threshold: 0.05 } },
  { method: "log", given: { minSigma: 1, maxSigma: 50, numSigma: 10, threshold: 0.05 } },
  { method: "dog", given: { minSigma: 1, maxSigma: 3.6, threshold: 0.1 } },
  { method: "dog", given: { minSigma: 2, maxSigma: 8, threshold: 0.05 } },
  { method: "dog", given: { minSigma: 1, maxSigma: 50, threshold: 0.05 } },
  { method: "doh", given: { minSigma: 1, maxSigma: 3.6, numSigma: 10, threshold: 0.004 } },
  { method: "doh", given: { minSigma: 3, maxSigma: 15, numSigma: 7, threshold: 0.004 } },
  { method: "doh", given: { minSigma: 1, maxSigma: 30, numSigma: 10, threshold: 0.004 } },
];

/** Columns 13 px apart of few counts, as wide as in a confidence map, pixels from 0 to 1. */
function scene(size: number): Image {
  const { image } = latticeImage({
    width: size,
    height: size,
    a: [12.8, 1.9],
    b: [-1.7, 13.1],
    basis: [{ x: 0.3, y: 0.4, height: 40 }],
    background: 4,
    sigma: 2.9,
    seed: 6,
  });
  const highest = image.data.reduce((a, b) => Math.max(a, b), 0);
  return createImage({ width: size, height: size, data: image.data.map((v) => v / highest) });
}

const image = scene(1024);
const folder = await Deno.makeTempDir({ prefix: "adatom-bench-" });
await Deno.writeFile(`${folder}/image.npy`, npy(image));
const peer = await runPeer(`${folder}/image.npy`);
await Deno.remove(folder, { recursive: true });
console.log(`${image.width} x ${image.height} px, Deno ${Deno.version.deno}, processor time\n`);
console.log(
  "finder     parameters                      adatom         scikit-image   ratio   the same",
);
for (const [k, { method, given }] of CASES.entries()) {
  const ours = await runOurs({ method, given });
  const cells = [
    `peaks.${method}`.padEnd(9),
    Object.values(given).join(", ").padEnd(30),
    `${ours.seconds.toFixed(2)} s  ${ours.x.length}`.padEnd(13),
  ];
  if (peer === undefined) console.log(cells.join("  "));
  else {
    const theirs = peer[k];
    const ratio = theirs.seconds / ours.seconds;
    cells.push(
      `${theirs.seconds.toFixed(2)} s  ${theirs.x.length}`.padEnd(13),
      `${ratio.toFixed(1)} x${ratio < 1 ? "!" : " "}`.padEnd(6),
      same(ours, theirs),
    );
    console.log(cells.join("  "));
  }
}
if (peer === undefined) {
  console.log("scikit-image: skipped; set ADATOM_PYTHON to a Python that has it");
}

async function runOurs({ method, given }: Case): Promise<Blobs> {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const params = { ...given, interpolate: false };
  let seconds = Infinity, found: Peaks | undefined;
  for (let i = 0; i < REPEATS; i++) {
    const before = cpuUsage();
    const result = method === "log"
      ? await host.run(peaks.log, { image }, params)
      : method === "dog"
      ? await host.run(peaks.dog, { image }, params)
      : await host.run(peaks.doh, { image }, { ...params, polarity: "both" });
    const { user, system } = cpuUsage(before);
    seconds = Math.min(seconds, (user + system) / 1e6);
    found = result.peaks;
  }
  const { x, y, sigma } = found!.columns;
  return { seconds, x, y, sigma: sigma as Float64Array };
}

/** How many blobs of both are the same, out of all that either has. */
function same(ours: Blobs, theirs: Blobs): string {
  const key = (b: Blobs, k: number) => `${b.x[k]},${b.y[k]},${b.sigma[k].toFixed(6)}`;
  const known = new Set(Array.from(theirs.x, (_, k) => key(theirs, k)));
  let both = 0;
  for (let k = 0; k < ours.x.length; k++) if (known.has(key(ours, k))) both++;
  return `${both} of ${ours.x.length + theirs.x.length - both}`;
}

/** What scikit-image finds; nothing where it cannot run. */
async function runPeer(path: string): Promise<Blobs[] | undefined> {
  const python = Deno.env.get("ADATOM_PYTHON") ?? "python3";
  const script = new URL("./peers/skimage_blobs.py", import.meta.url).pathname;
  const requests = CASES.map(({ method, given }) =>
    JSON.stringify({
      method,
      parameters: Object.fromEntries(Object.entries(given).map(([k, v]) => [NAMES[k], v])),
    })
  );
  try {
    const { success, stdout } = await new Deno.Command(python, {
      args: [script, path, ...requests],
    }).output();
    if (!success) return undefined;
    return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** An image as NumPy's array file, float32. */
function npy({ width, height, data }: Image): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const header = new TextEncoder().encode(text.padEnd(128 - 10 - 1) + "\n");
  const out = new Uint8Array(128 + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  out.set(header, 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 128);
  return out;
}
