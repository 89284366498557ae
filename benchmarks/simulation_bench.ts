/**
 * Speed of `simulation.scene` with a probe: crops of 128 x 128 px a second of processor time, each a
 * scene of its own with another lens. The bar: 50 on one core.
 *
 * `deno run -A benchmarks/simulation_bench.ts`
 *
 * Beside it a slow twin, the picture of `columnProfile` added at every column over its whole window,
 * and abTEM's multislice where `ADATOM_PYTHON`, or else `python3`, has it: some probe positions, scaled
 * to the pixels of a crop.
 *
 * @module
 */
import process from "node:process";
import { type ParamsGiven, resolveParams } from "../core/stage/params.ts";
import { pictureSize } from "../plugins/simulation/_pictures.ts";
import { addProfilesInPlace, columnProfile } from "../plugins/simulation/_probe.ts";
import { atomSigma } from "../plugins/simulation/_scattering.ts";
import { scene } from "../plugins/simulation/scene.ts";
import { testContext } from "../tests/support/context.ts";

const SIZE = 128, CROPS = 60, WARM = 20, ROUNDS = 3, BAR = 50;

type Given = ParamsGiven<typeof scene.params>;

const CASES: readonly (readonly [string, Given])[] = [
  ["2H, the defaults", {}],
  ["2H, 6 px apart", { spacing: 6 }],
  ["2H, 20 px apart", { spacing: 20 }],
  ["1T''", { structure: "1T''" }],
  ["graphene", { structure: "graphene" }],
  ["SrTiO3, 3 degrees off", { structure: "SrTiO3-001", tilt: 3, thickness: 5 }],
  ["2H, 8 nm out of focus", { defocus: 8 }],
  ["adatoms on 3 nm of carbon", { structure: "none", adatoms: 0.5, carbon: 3 }],
];

/** Seconds of processor time. */
function spent(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
}

async function crop(given: Given, seed: number) {
  const size = { width: SIZE, height: SIZE, exposures: 1, formation: "probe" } as const;
  const { values } = resolveParams(scene.params, { ...size, ...given }, scene.id);
  return await scene.run({}, values as never, testContext(seed));
}

/** Crops a second, best of some rounds. */
async function ours(given: Given): Promise<number> {
  for (let i = 0; i < WARM; i++) await crop(given, i);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const from = process.cpuUsage();
    for (let i = 0; i < CROPS; i++) await crop(given, 1000 * round + i);
    best = Math.max(best, CROPS / spent(from));
  }
  return best;
}

/** The same columns by the plain way; noise left out. */
async function twin(given: Given): Promise<number> {
  const { truth: [{ columns, length }], exposures: { images: [image] }, conditions } = await crop(
    given,
    1,
  );
  const lens = conditions.columns as Record<string, Float64Array>;
  const detection = { voltage: 80, detectorInner: 60, detectorOuter: 200 };
  const optics = {
    ...{ voltage: 80, convergence: 27.5, spherical: 0, defocus: lens.defocus[0] },
    ...{ twofold: lens.twofold[0], twofoldAngle: lens.twofoldAngle[0] },
    ...{ threefold: lens.threefold[0], threefoldAngle: lens.threefoldAngle[0] },
  };
  const blur = { source: 0.035, thermal: 0.007, leanX: 0, leanY: 0 };
  const all = Math.hypot(blur.source, blur.thermal, atomSigma(detection));
  const { size, step, perPixel } = pictureSize(optics, blur, image.pixelSize!.x, 0);
  const rows = new Float64Array(SIZE);
  const draw = () => {
    const out = new Float64Array(SIZE * SIZE);
    for (const kind of new Set(columns.species)) {
      const own = [...Array(length).keys()].filter((i) => columns.species[i] === kind);
      const pick = (name: "x" | "y" | "height") => Float64Array.from(own, (i) => columns[name][i]);
      const picture = columnProfile(optics, all, step, size, perPixel);
      const where = [out, SIZE, SIZE, pick("x"), pick("y"), pick("height"), 1] as const;
      addProfilesInPlace(...where, picture, rows, 0, own.length);
    }
  };
  draw();
  const from = process.cpuUsage();
  for (let i = 0; i < 10; i++) draw();
  return 10 / spent(from);
}

async function abtem(): Promise<{ seconds: number; positions: number; abtem: string } | undefined> {
  const script = new URL("./peers/abtem_scan.py", import.meta.url).pathname;
  try {
    const { success, stdout } = await new Deno.Command(Deno.env.get("ADATOM_PYTHON") ?? "python3", {
      args: [script, "4", "64"],
      stderr: "null",
    }).output();
    return success
      ? JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!)
      : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

let first = 0;
console.log(`crops of ${SIZE} x ${SIZE} px a second of processor time        [at least ${BAR}]`);
for (const [name, given] of CASES) {
  const rate = await ours(given);
  first ||= rate;
  console.log(`  ${name.padEnd(28)} ${rate.toFixed(1).padStart(7)} ${rate < BAR ? "!" : ""}`);
}
const slow = await twin({});
console.log(
  `  ${"the slow twin, 2H, no noise".padEnd(28)} ${slow.toFixed(1).padStart(7)}  1 / ${
    (first / slow).toFixed(1)
  }`,
);
const peer = await abtem();
if (peer === undefined) {
  console.log("  abTEM: skipped; set ADATOM_PYTHON to a Python that has it");
} else {
  const rate = peer.positions / peer.seconds / (SIZE * SIZE);
  const name = `abTEM ${peer.abtem}, 2H, scaled`;
  console.log(`  ${name.padEnd(28)} ${rate.toExponential(1)}  1 / ${(first / rate).toFixed(0)}`);
}
