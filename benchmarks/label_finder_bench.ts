/**
 * How low a dose the labeling procedure still labels at, with each of its finders: the sets of the demo
 * at ever fewer counts, every label compared with the truth.
 *
 * `deno run -A benchmarks/label_finder_bench.ts [steps] [first]` lowers the counts by the root of 3 a
 * step, before the given step and from another on (default 9, from 0).
 * The bar: with AtomID recall and precision of 0.99 at a third of the lowest dose at which automatic
 * FindFoci has both.
 */
import {
  type Columns,
  createHost,
  evaluation,
  labelingWith,
  simulation,
  type Table,
} from "../mod.ts";

const SCENES = [
  { seed: 1, structure: "2H", spacing: 15, rotation: 11 },
  { seed: 2, structure: "2H", spacing: 12, rotation: 34 },
  { seed: 3, structure: "1T''", spacing: 14, rotation: 5 },
] as const;
const FINDERS = ["findfoci", "atomid"] as const;
const GOOD = 0.99;
/** Counts of the demo's weakest and strongest exposure. */
const COUNTS = { least: 3, most: 60 };

type Positions = Table<"x" | "y">;
type Window = { x: number; y: number; width: number; height: number };
interface Metrics {
  readonly strict: { readonly matches: number };
  readonly found: number;
  readonly truth: number;
}

const steps = Number(Deno.args[0] ?? 9);
using host = createHost({ cache: false });
const lowest: Record<string, number> = {};
const scores = new Map<string, number>();
console.log("counts         finder    precision  recall  worst set");
for (let step = Number(Deno.args[1] ?? 0); step < steps; step++) {
  // in steps of the root of 3, so that a third lies two steps on
  const dose = 3 ** (-step / 2);
  for (const finder of FINDERS) {
    const rows = [];
    for (const scene of SCENES) rows.push(await labelAt(dose, finder, scene));
    const precision = Math.min(...rows.map((row) => row.precision));
    const recall = Math.min(...rows.map((row) => row.recall));
    scores.set(`${finder} ${step}`, Math.min(precision, recall));
    if (Math.min(precision, recall) >= GOOD) lowest[finder] = step;
    const range = `${(COUNTS.least * dose).toFixed(2)}-${(COUNTS.most * dose).toFixed(2)}`;
    console.log(
      `${range.padEnd(14)} ${finder.padEnd(10)} ${precision.toFixed(4)}   ${recall.toFixed(4)}`,
    );
  }
}
const third = (lowest.findfoci ?? -1) + 2;
const reached = scores.get(`atomid ${third}`) ?? NaN;
console.log(
  `FindFoci reaches ${GOOD} down to ${
    COUNTS.most * 3 ** (-(lowest.findfoci ?? NaN) / 2)
  } counts in the ` +
    `best exposure; AtomID at a third of it: ${reached.toFixed(4)} (bar ${GOOD})`,
);

/** Precision and recall over all exposures of a set; 0 where the procedure refuses it. */
async function labelAt(
  dose: number,
  finder: (typeof FINDERS)[number],
  { seed, ...scene }: (typeof SCENES)[number],
) {
  const { exposures, truth } = await host.run(simulation.scene, {}, {
    ...scene,
    driftTotal: 15,
    driftStep: 2,
    countsMin: COUNTS.least * dose,
    countsMax: COUNTS.most * dose,
  }, { seed });
  let matches = 0, found = 0, wanted = 0;
  try {
    const { outputs } = await host.runPipeline(labelingWith(finder), { exposures });
    const { labels, windows } = outputs as unknown as {
      labels: readonly Columns[];
      windows: Table<"x" | "y" | "width" | "height">;
    };
    for (const [e, columns] of labels.entries()) {
      const { x, y, width, height } = windows.columns;
      const window = { x: x[e], y: y[e], width: width[e], height: height[e] };
      const { metrics } = await host.run(evaluation.match, {
        found: columns as Positions,
        truth: heavyInWindow(truth[e] as Table<"x" | "y" | "height", "species">, window),
      }, { width: window.width, height: window.height, margin: scene.spacing / 2 });
      const { strict, found: n, truth: m } = metrics as unknown as Metrics;
      matches += strict.matches;
      found += n;
      wanted += m;
    }
  } catch (error) {
    console.log(`  ${scene.structure} ${scene.spacing} px, ${finder}: ${(error as Error).message}`);
  }
  return { precision: matches / Math.max(1, found), recall: matches / Math.max(1, wanted) };
}

function heavyInWindow(truth: Table<"x" | "y" | "height", "species">, window: Window): Positions {
  const { x, y, species } = truth.columns;
  const rows = [...x.keys()].filter((i) =>
    !species[i].startsWith("S") && x[i] >= window.x - 0.5 && y[i] >= window.y - 0.5 &&
    x[i] <= window.x + window.width - 0.5 && y[i] <= window.y + window.height - 0.5
  );
  const columns = {
    x: Float64Array.from(rows, (i) => x[i] - window.x),
    y: Float64Array.from(rows, (i) => y[i] - window.y),
  };
  return { length: rows.length, columns, units: { x: "px", y: "px" } };
}
