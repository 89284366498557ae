/**
 * Drift alignment against its bars: error of the drift by dose, honesty of the stated uncertainty, hops,
 * inverted contrast, and what must be refused or called ambiguous. A figure that misses its bar ends in "!".
 *
 * `deno run -A benchmarks/drift_limit_bench.ts [stacks]`; real stacks where `ADATOM_DATA` names them.
 */
import { createHost, type Image, isAdatomError } from "../mod.ts";
import { alignment } from "../mod.ts";
import {
  axisRms,
  createSpecimen,
  createStack,
  driftErrors,
  picture,
  SCENE,
  type SpecimenOptions,
  squareLattice,
  type Stack,
  type StackOptions,
} from "./_drift_scene.ts";
import { createRandom } from "@core/kernels";

const STACKS = Number(Deno.args[0] ?? 100);
/** Stacks of each kind of stranger. */
const STRANGER_STACKS = 20;
/** An exposure this far off has hopped, px. */
const HOP = 4;

/** Drift of the SrTiO3 stack, known to about 0.4 px. */
const SRTIO3 = { x: [0, 3.1, 6.3, 7.4, 9.3], y: [0, -0.6, -2.4, -4.7, -3.4] };

using host = createHost({ cache: false, plugins: false });
let missed = 0;

await errorsByDose();
await invertedContrast();
await strangers();
await otherRegion();
await realStacks();
console.log(`\n${missed} figures miss their bars`);

/** Error and honesty of the uncertainty by dose. */
async function errorsByDose(): Promise<void> {
  console.log(
    `Ten exposures of 256 x 256, ${STACKS} stacks a dose, default parameters. rms in px, mean error removed:\n` +
      "median of one axis [bar], of the distance, worst of one axis, and over the bound for a known specimen;\n" +
      "z2 is the squared error relative to the reference over the stated variance\n",
  );
  console.log(
    "dose   axis    bar    distance  worst   /bound  hops [0]  refused [0]  z2 [0.8-1.25]  ambiguous",
  );
  for (const [dose, bar] of [[0.2, 0.17], [0.5, 0.09], [1, 0.08], [3, 0.04], [10, NaN]]) {
    const axis: number[] = [];
    let hops = 0, refused = 0, squares = 0, count = 0, unsure = 0;
    for (let seed = 1; seed <= STACKS; seed++) {
      const stack = createStack({ ...SCENE, dose }, seed);
      const found = await align(stack.images);
      if (found === undefined) {
        refused++;
        continue;
      }
      axis.push(axisRms(driftErrors(found, stack)));
      if (hasHopped(found, stack)) hops++;
      unsure += found.ambiguous.some((a) => a === 1) ? 1 : 0;
      for (let e = 1; e < stack.x.length; e++) {
        const dx = found.x[e] - stack.x[e], dy = found.y[e] - stack.y[e];
        squares += (dx * dx + dy * dy) / (2 * found.error[e] ** 2);
        count++;
      }
    }
    const median = middle(axis), z2 = squares / count;
    console.log([
      String(dose).padEnd(5),
      mark(median.toFixed(4), !(median > bar)),
      (Number.isNaN(bar) ? "-" : bar.toFixed(2)).padEnd(7),
      (Math.SQRT2 * median).toFixed(4).padEnd(8),
      Math.max(...axis).toFixed(4).padEnd(6),
      (median / bound(dose)).toFixed(2).padEnd(6),
      mark(String(hops), hops === 0).padEnd(9),
      mark(String(refused), refused === 0).padEnd(12),
      mark(z2.toFixed(3), dose < 0.5 || (z2 >= 0.8 && z2 <= 1.25)).padEnd(13),
      `${unsure} of ${STACKS}`,
    ].join("  "));
  }
}

/** The least rms of one axis for a known specimen, the mean of the exposures removed, px. */
function bound(dose: number): number {
  const { size, frames } = SCENE;
  const p = picture(createSpecimen(SCENE, createRandom(1)), size, 0, 0);
  let information = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 1; x < size - 1; x++) {
      const i = y * size + x;
      information += dose * ((p[i + 1] - p[i - 1]) / 2) ** 2 / p[i];
    }
  }
  return Math.sqrt((1 - 1 / frames) / information);
}

async function invertedContrast(): Promise<void> {
  console.log(`\nContrast of every second exposure inverted, contrast "any", ${STACKS} stacks`);
  for (const [dose, isBar] of [[5, true], [1, false]] as const) {
    let hops = 0, refused = 0, wrong = 0;
    const axis: number[] = [];
    for (let seed = 1; seed <= STACKS; seed++) {
      const stack = createStack({ ...SCENE, dose, inverted: true }, seed);
      const found = await align(stack.images, { contrast: "any" });
      if (found === undefined) {
        refused++;
        continue;
      }
      axis.push(axisRms(driftErrors(found, stack)));
      if (hasHopped(found, stack)) hops++;
      if (found.sign.some((sign, e) => sign !== (e % 2 === 0 ? 1 : -1))) wrong++;
    }
    const bar = isBar ? " [0]" : "";
    console.log(
      `dose ${dose}: hops ${
        mark(String(hops), !isBar || hops === 0)
      }${bar}, wrong signs ${wrong}, ` +
        `refused ${refused}, axis rms ${middle(axis).toFixed(4)}`,
    );
  }
}

/** Stacks that end in exposures of something else. */
async function strangers(): Promise<void> {
  const { size, scatter, odd } = SCENE;
  const like = (lattice: SpecimenOptions["lattice"]) => ({ size, scatter, odd, lattice });
  const kinds: [string, SpecimenOptions | undefined][] = [
    ["square, 13 px", like(squareLattice(13))],
    ["square, 20 px", like(squareLattice(20))],
    ["hexagonal, 16 px", like({ a: [16, 0], b: [8, 8 * Math.sqrt(3)] })],
    ["hexagonal, rows shared", like({ a: [32 / Math.sqrt(3), 0], b: [16 / Math.sqrt(3), 16] })],
    ["16 x 13 px", like({ a: [16, 0], b: [0, 13] })],
    ...[5, 10, 20, 30].map((degrees): [string, SpecimenOptions] => [
      `turned by ${degrees} deg`,
      like(squareLattice(16, degrees)),
    ]),
    ["none", undefined],
  ];
  console.log(
    `\nThe last exposures (1 to 9 of 10) show another lattice: refused of ${STRANGER_STACKS} [all]`,
  );
  console.log("                        dose 1  dose 3  dose 10");
  for (const [name, stranger] of kinds) {
    const cells: string[] = [];
    for (const dose of [1, 3, 10]) {
      let refused = 0;
      for (let seed = 1; seed <= STRANGER_STACKS; seed++) {
        const strangersFrom = 1 + seed % 9;
        const { images } = createStack({ ...SCENE, dose, strangersFrom, stranger }, seed);
        if (await align(images) === undefined) refused++;
      }
      cells.push(mark(String(refused), refused === STRANGER_STACKS).padEnd(6));
    }
    console.log(`${name.padEnd(24)}${cells.join("  ")}`);
  }
}

/** The last five exposures show another region of the same crystal. */
async function otherRegion(): Promise<void> {
  console.log(
    `\nExposures 5 to 9 show another region of the same crystal: stacks of ${STRANGER_STACKS} in which all` +
      " five are flagged ambiguous [all]",
  );
  console.log("                               dose 1  dose 3  dose 10");
  for (
    const [name, scatter, odd] of [
      ["perfect", 0, 0],
      ["columns scattered", SCENE.scatter, 0],
      ["scattered, and odd columns", SCENE.scatter, SCENE.odd],
    ] as const
  ) {
    const specimen = { ...SCENE, scatter, odd };
    const cells: string[] = [];
    for (const dose of [1, 3, 10]) {
      let flagged = 0;
      for (let seed = 1; seed <= STRANGER_STACKS; seed++) {
        const options: StackOptions = { ...specimen, dose, strangersFrom: 5, stranger: specimen };
        const found = await align(createStack(options, seed).images);
        if (found?.ambiguous.slice(5).every((a) => a === 1)) flagged++;
      }
      cells.push(mark(String(flagged), flagged === STRANGER_STACKS).padEnd(6));
    }
    console.log(`${name.padEnd(31)}${cells.join("  ")}`);
  }
}

async function realStacks(): Promise<void> {
  const folder = Deno.env.get("ADATOM_DATA");
  if (folder === undefined) {
    console.log("\nReal stacks: skipped; set ADATOM_DATA to the folder that holds them");
    return;
  }
  const { tiff } = await import("../plugins/io/tiff.ts");
  const read = async (path: string) =>
    await tiff.read(await Deno.readFile(`${folder}/${path}`), { name: path, path, warn: () => {} });
  const abf = (await align(await read("abf-srtio3/stack.tif")))!;
  const off = Math.max(...SRTIO3.x.map((x, e) => Math.hypot(abf.x[e] - x, abf.y[e] - SRTIO3.y[e])));
  console.log(
    `\nABF SrTiO3: at most ${
      mark(off.toFixed(2), off <= 0.6)
    } px from the drift known to 0.4 px an axis`,
  );
  const wse2 = (await align(await read("wse2-seebic/haadf.tif")))!;
  const flags = wse2.ambiguous.join(" ");
  console.log(`WSe2: ambiguous ${mark(flags, flags === "0 1 1 1 1")} [0 1 1 1 1]`);
}

/** The drift table's columns, or nothing where the stack is refused. */
async function align(images: readonly Image[], params: { contrast?: "any" } = {}) {
  try {
    const { drift } = await host.run(alignment.drift, { exposures: { images } }, params);
    return drift.columns;
  } catch (error) {
    if (isAdatomError(error, "EXPOSURES_UNCORRELATED")) return undefined;
    throw error;
  }
}

function hasHopped(
  found: { readonly x: Float64Array; readonly y: Float64Array },
  { x, y }: Stack,
): boolean {
  return x.some((v, e) => Math.hypot(found.x[e] - v, found.y[e] - y[e]) > HOP);
}

function mark(figure: string, holds: boolean): string {
  if (!holds) missed++;
  return holds ? figure : `${figure}!`;
}

function middle(values: readonly number[]): number {
  return values.length === 0 ? NaN : Float64Array.from(values).sort()[values.length >> 1];
}
