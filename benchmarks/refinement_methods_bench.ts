/**
 * The three refinement methods side by side: rms over the Cramer-Rao bound and share of `ok` by counts,
 * background and spacing; simulated lattices with exact truth, starts uniform in a disc of 0.25
 * spacings, all inner columns whatever their status. What `refinement.auto` would choose is marked `*`.
 *
 * The bound is that of columns that share a width which is known, as is the background. An estimate can
 * be below it where heights are drawn together, or where a wide template draws columns toward the
 * middle between their neighbors: lattices with more scatter (last rows) tell.
 *
 * `deno run -A benchmarks/refinement_methods_bench.ts [columns] [spacings] [counts]`
 */
import type { Columns } from "../core/mod.ts";
import { resolveParams } from "../core/stage/params.ts";
import { CROSSING } from "../plugins/refinement/auto.ts";
import { centerOfMass } from "../plugins/refinement/center_of_mass.ts";
import { gaussian } from "../plugins/refinement/gaussian.ts";
import { matchedPeak } from "../plugins/refinement/matched_peak.ts";
import { testContext } from "../tests/support/context.ts";
import { meanBound } from "./_column_bound.ts";
import { drawScene, type SceneOptions, startsNear } from "./_column_scene.ts";

const list = (text: string | undefined, otherwise: readonly number[]) =>
  text === undefined ? otherwise : text.split(",").map(Number);

const COLUMNS = Number(Deno.args[0] ?? 3000);
const SPACINGS = list(Deno.args[1], [4, 5]);
const COUNTS = list(Deno.args[2], [1, 2, 3, 5, 10, 100]);
const SIGMA = 2;

const METHODS = [
  ["gaussian", gaussian],
  ["matched", matchedPeak],
  ["mass", centerOfMass],
] as const;

const SCENES: readonly SceneOptions[] = [
  ...SPACINGS.flatMap((spacing) =>
    COUNTS.flatMap((counts) =>
      [0.1, 0.5, 1].map((share) => ({
        spacing: spacing * SIGMA,
        sigma: SIGMA,
        counts,
        background: share * counts,
      }))
    )
  ),
  ...SPACINGS.flatMap((spacing) =>
    [2, 5, 100].map((counts) => ({
      spacing: spacing * SIGMA,
      sigma: SIGMA,
      counts,
      background: 0.5 * counts,
      scatter: 0.08,
    }))
  ),
];

const head = METHODS.map(([name]) => `${name.padStart(10)}    ok lost us/col`);
console.log(`${"spacing, counts + background".padEnd(34)} bound  SNR${head.join("")}`);
for (const [s, scene] of SCENES.entries()) {
  const { spacing, counts, background, scatter } = scene;
  const bound = meanBound({ ...scene, shared: true, circular: false, plane: false });
  const drawn = drawScene({ ...scene, columns: COLUMNS }, 17 + s);
  const peaks = startsNear(drawn.truth, drawn.image, 0.25 * spacing, 99 + s);
  let signalToNoise = NaN;
  const cells: { name: string; text: string }[] = [];
  for (const [name, stage] of METHODS) {
    const context = testContext();
    const { values } = resolveParams(stage.params, {}, stage.id);
    const start = performance.now();
    const { columns } = await stage.run(
      { image: drawn.image, peaks },
      values as never,
      context,
    );
    const time = (performance.now() - start) * 1000 / peaks.length;
    if (stage === matchedPeak) signalToNoise = Number(context.chosen.signalToNoise);
    const { rms, ok, lost } = figures(columns, drawn, spacing);
    const text = `${ok.toFixed(3)} ${lost.toFixed(3).slice(1)} ${time.toFixed(0).padStart(6)}`;
    cells.push({ name, text: `${(rms / bound).toFixed(3)}|${text}` });
  }
  const best = signalToNoise < CROSSING ? "matched" : "gaussian";
  const row = cells.map(({ name, text }) => {
    const [ratio, rest] = text.split("|");
    return `${(ratio + (name === best ? "*" : " ")).padStart(10)} ${rest}`;
  });
  const label = `${spacing / SIGMA} sigma, ${counts} + ${+background.toFixed(1)}` +
    (scatter === undefined ? "" : `, scatter ${scatter}`);
  console.log(
    `${label.padEnd(34)} ${bound.toFixed(3)} ${signalToNoise.toFixed(1).padStart(4)}${
      row.join("")
    }`,
  );
}

/** Rms, share of `ok`, share that ended more than a third of a spacing away. */
function figures(
  { columns }: Columns,
  { truth, inner }: ReturnType<typeof drawScene>,
  spacing: number,
) {
  let square = 0, ok = 0, lost = 0, n = 0;
  for (let i = 0; i < truth.x.length; i++) {
    if (!inner(i)) continue;
    const off = Math.hypot(columns.x[i] - truth.x[i], columns.y[i] - truth.y[i]);
    n++;
    square += off * off;
    if (columns.status[i] === "ok") ok++;
    if (off > spacing / 3) lost++;
  }
  return { rms: Math.sqrt(square / n), ok: ok / n, lost: lost / n };
}
