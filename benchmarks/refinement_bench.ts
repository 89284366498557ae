/**
 * Speed of `refinement.gaussian`, best of ten on one core: about 7 000 columns at 10 counts in
 * 1024 x 1024 px, starts uniform in a disc of a quarter of the spacing. The bar: ellipses of their own
 * in a window of 2.5 widths in 0.7 s, and a hundredth of what Atomap takes on the same image.
 *
 * `deno run -A benchmarks/refinement_bench.ts`
 *
 * Atomap runs where `ADATOM_PYTHON`, or else `python3`, has it; that takes one to two minutes.
 *
 * @module
 */
import { resolveParams } from "../core/stage/params.ts";
import { npy } from "../plugins/io/npy.ts";
import { gaussian } from "../plugins/refinement/gaussian.ts";
import { testContext } from "../tests/support/context.ts";
import { drawScene, startsNear } from "./_column_scene.ts";

const ROUNDS = 10;
const SPACING = 12.2;
/** Inner ones; the image has about 7 000. */
const COLUMNS = 6350;

function sceneOf(widths: number) {
  const options = { spacing: SPACING, sigma: SPACING / widths, counts: 10, background: 1 };
  const scene = drawScene({ ...options, columns: COLUMNS }, 1);
  const peaks = startsNear(scene.truth, scene.image, 0.25 * SPACING, 2);
  return { ...scene, peaks };
}

type Scene = ReturnType<typeof sceneOf>;

/** Root mean square distance from the truth of inner columns, px. */
function rmsOf({ truth, inner }: Scene, x: ArrayLike<number>, y: ArrayLike<number>): number {
  let square = 0, count = 0;
  for (let i = 0; i < truth.x.length; i++) {
    if (!inner(i)) continue;
    square += (x[i] - truth.x[i]) ** 2 + (y[i] - truth.y[i]) ** 2;
    count++;
  }
  return Math.sqrt(square / count);
}

async function measure(scene: Scene, given: Record<string, unknown>) {
  const { values } = resolveParams(gaussian.params, given, gaussian.id);
  let best = Infinity, rms = NaN, model: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    const context = testContext();
    const from = performance.now();
    const { columns } = await gaussian.run(scene, values as never, context);
    best = Math.min(best, (performance.now() - from) / 1000);
    rms = rmsOf(scene, columns.columns.x, columns.columns.y);
    model = context.chosen.model;
  }
  return { best, rms, model };
}

/** What Atomap takes on the same, and how far off it is; undefined without it. */
async function atomap(scene: Scene): Promise<{ seconds: number; rms: number } | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    const { x, y } = scene.peaks.columns;
    const starts = Float32Array.from({ length: 2 * x.length }, (_, k) => (k % 2 ? y : x)[k >> 1]);
    const write = async (name: string, data: Float32Array, width: number, height: number) => {
      const image = { ...scene.image, data, width, height };
      await Deno.writeFile(`${folder}/${name}`, await npy.write!([image] as never));
    };
    await write("image.npy", scene.image.data, scene.image.width, scene.image.height);
    await write("starts.npy", starts, 2, x.length);
    const script = new URL("./peers/atomap_refine.py", import.meta.url).pathname;
    const { success, stdout } = await new Deno.Command(Deno.env.get("ADATOM_PYTHON") ?? "python3", {
      args: [script, `${folder}/image.npy`, `${folder}/starts.npy`],
      stderr: "null",
    }).output();
    if (!success) return undefined;
    const found = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
    return { seconds: found.seconds, rms: rmsOf(scene, found.x, found.y) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

console.log("columns  spacing     given                              best of 10  rms px  bar");
let first: { readonly best: number } | undefined;
const bar = sceneOf(5);
for (
  const [widths, given, limit] of [
    [5, { model: "elliptical", window: 2.5 * SPACING / 5 }, "0.7 s"],
    [5, {}, ""],
    [4.5, {}, ""],
    [3.5, {}, ""],
  ] as const
) {
  const scene = widths === 5 ? bar : sceneOf(widths);
  const found = await measure(scene, given);
  first ??= found;
  const text = Object.entries(given).map(([k, v]) => `${k} ${v}`).join(", ") ||
    `auto (${found.model})`;
  console.log(
    `${String(scene.peaks.length).padStart(7)}  ${String(widths).padEnd(3)} widths  ${
      text.padEnd(34)
    } ${found.best.toFixed(3).padStart(7)} s  ${found.rms.toFixed(4).padStart(7)}  ${limit}`,
  );
}
const peer = await atomap(bar);
console.log(
  peer === undefined
    ? "Atomap: skipped; set ADATOM_PYTHON to a Python that has it"
    : `Atomap, 5 widths: ${peer.seconds.toFixed(1)} s of processor time, rms ${
      peer.rms.toFixed(4)
    } px; ${(peer.seconds / first!.best).toFixed(0)} times ours [at least 100]`,
);
