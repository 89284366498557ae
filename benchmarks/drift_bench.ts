/**
 * Drift alignment: time and peak memory against the bars, and beside scikit-image.
 *
 * `deno run -A benchmarks/drift_bench.ts` runs each size in a process of its own, best of three. The peer
 * is `phase_cross_correlation` with upsample_factor=20 from exposure to exposure, where `ADATOM_PYTHON`, or
 * else `python3`, has scikit-image.
 *
 * @module
 */
import { alignment, createHost, type Image } from "../mod.ts";
import { axisRms, createStack, driftErrors, SCENE, type Stack } from "./_drift_scene.ts";

const REPEATS = 3;

if (Deno.args[0] === "measure") await measure(Number(Deno.args[1]), Number(Deno.args[2]));
else {
  await speed();
  await besidePeer();
}

/** Prints seconds and peak memory of this process, which also made the exposures. */
async function measure(size: number, frames: number): Promise<void> {
  const { images } = createStack({ ...SCENE, size, frames, dose: 3 }, 1);
  using host = createHost({ cache: false, plugins: false });
  let seconds = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    await host.run(alignment.drift, { exposures: { images } });
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
  }
  const peak = /VmHWM:\s+(\d+)/.exec(await Deno.readTextFile("/proc/self/status"));
  console.log(JSON.stringify({ seconds, megabytes: Number(peak?.[1]) / 1024 }));
}

async function speed(): Promise<void> {
  console.log(`${navigator.hardwareConcurrency} cores, Deno ${Deno.version.deno}\n`);
  console.log("exposures             time     bar     peak memory  bar");
  let ten = NaN;
  for (
    const [size, frames, most, memory] of [
      [1024, 10, 2.5, NaN],
      [1024, 20, NaN, NaN],
      [512, 100, 30, 1024],
    ]
  ) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL(import.meta.url).pathname, "measure", `${size}`, `${frames}`],
      stderr: "inherit",
    }).output();
    const { seconds, megabytes } = JSON.parse(new TextDecoder().decode(stdout));
    if (frames === 10) ten = seconds;
    const bar = frames === 20 ? 2.5 * ten : most;
    console.log([
      `${frames} of ${size} x ${size}`.padEnd(20),
      `${seconds.toFixed(2)} s${seconds <= bar ? " " : "!"}`.padEnd(8),
      `${bar.toFixed(1)} s`.padEnd(7),
      `${megabytes.toFixed(0)} MB${megabytes > memory ? "!" : " "}`.padEnd(12),
      Number.isNaN(memory) ? "-" : `${memory} MB`,
    ].join(" "));
  }
}

/** The drift and how long it took. */
interface Found {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly seconds: number;
}

async function besidePeer(): Promise<void> {
  console.log(
    "\nTen exposures of the noisy lattice, 5 stacks: median rms of one axis, and time a stack [ours least]",
  );
  console.log("size  dose   adatom                skimage, phase        skimage, none");
  const folder = await Deno.makeTempDir({ prefix: "adatom-bench-" });
  using host = createHost({ cache: false, plugins: false });
  for (const [size, dose] of [[256, 0.5], [256, 3], [256, 10], [256, 50], [512, 3], [1024, 3]]) {
    const stacks = [1, 2, 3, 4, 5].map((seed) => createStack({ ...SCENE, size, dose }, seed));
    const paths = await Promise.all(stacks.map(async ({ images }, s) => {
      await Deno.writeFile(`${folder}/${s}.npy`, npy(images));
      return `${folder}/${s}.npy`;
    }));
    const ours: Found[] = [];
    for (const { images } of stacks) {
      let best = Infinity, found: { x: Float64Array; y: Float64Array } | undefined;
      for (let i = 0; i < REPEATS; i++) {
        const started = performance.now();
        found = (await host.run(alignment.drift, { exposures: { images } })).drift.columns;
        best = Math.min(best, (performance.now() - started) / 1000);
      }
      ours.push({ x: found!.x, y: found!.y, seconds: best });
    }
    const all = [summary(ours, stacks)];
    for (const normalization of ["phase", "none"]) {
      const peer = await runPeer([normalization, ...paths]);
      if (peer === undefined) {
        console.log("scikit-image: skipped; set ADATOM_PYTHON to a Python that has it");
        await Deno.remove(folder, { recursive: true });
        return;
      }
      all.push(summary(peer, stacks));
    }
    const cells = all.map(({ rms, seconds }, k) => {
      const missed = (of: number, best: number) => k === 0 && of > best ? "!" : " ";
      const rmsMark = missed(rms, Math.min(all[1].rms, all[2].rms));
      const timeMark = missed(seconds, Math.min(all[1].seconds, all[2].seconds));
      return `${rms.toFixed(4)} px${rmsMark} ${seconds.toFixed(3)} s${timeMark}`;
    });
    console.log(
      [String(size).padEnd(4), String(dose).padEnd(5), ...cells.map((c) => c.padEnd(20))].join(
        "  ",
      ),
    );
  }
  await Deno.remove(folder, { recursive: true });
}

function summary(found: readonly Found[], stacks: readonly Stack[]) {
  const rms = Float64Array.from(found, (f, s) => axisRms(driftErrors(f, stacks[s]))).sort();
  const seconds = Float64Array.from(found, (f) => f.seconds).sort();
  return { rms: rms[rms.length >> 1], seconds: seconds[seconds.length >> 1] };
}

/** What the script says of each stack; nothing where it cannot run. */
async function runPeer(args: readonly string[]): Promise<Found[] | undefined> {
  const python = Deno.env.get("ADATOM_PYTHON") ?? "python3";
  const script = new URL("./peers/skimage_chain.py", import.meta.url).pathname;
  try {
    const { success, stdout } = await new Deno.Command(python, { args: [script, ...args] })
      .output();
    if (!success) return undefined;
    return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A stack as NumPy's array file, float32. */
function npy(images: readonly Image[]): Uint8Array {
  const [{ width, height }] = images;
  const shape = `(${images.length}, ${height}, ${width})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = new TextEncoder().encode(text.padEnd(128 - 10 - 1) + "\n");
  const out = new Uint8Array(128 + 4 * width * height * images.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  out.set(header, 10);
  for (const [e, { data }] of images.entries()) {
    out.set(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      128 + e * data.byteLength,
    );
  }
  return out;
}
