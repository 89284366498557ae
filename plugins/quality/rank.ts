/**
 * Ranks exposures by how well their columns can be located, and says why.
 *
 * Use it to choose the exposure to find columns in. The score is the square root of the Fisher
 * information of the lattice's position: the power of each Bragg peak over the noise, times its
 * frequency squared. So strong contrast, low noise and sharp focus all count, in one currency.
 *
 * Input   exposures  one or more, of one size
 * Output  ranking    one row an exposure: rank (0 is best), score, what it is made of, a reason
 *         best       the chosen exposure: the best one, or the one `reference` names
 *
 * Cost    one transform an exposure
 * Errors  EXPOSURES_TOO_FEW, PARAM_RANGE
 *
 * @module
 */
import { AdatomError, createTable, defineStage, type Stage } from "@core";
import { measureVisibility, type Visibility } from "./_visibility.ts";

const inputs = {
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures of one region" },
} as const;

const outputs = {
  ranking: {
    kind: "table",
    columns: {
      exposure: "",
      rank: "",
      score: "",
      latticeStrength: "",
      sharpness: "1/px",
      noise: "counts",
      dose: "counts",
      chosen: "",
    },
    words: ["reason"],
    description: "One row an exposure: rank 0 is best, chosen is 1 for the exposure given out",
  },
  best: { kind: "image", axes: "yx", description: "The chosen exposure" },
} as const;

const params = {
  reference: {
    type: "integer",
    default: "auto",
    auto: true,
    minimum: 0,
    description: "Exposure to choose, counted from 0; auto is the best one",
  },
} as const;

/** `quality.rank` */
export const rank: Stage<typeof inputs, typeof outputs, typeof params> = defineStage({
  id: "quality.rank",
  version: "1.0.0",
  api: "^1.0",
  summary: "Ranks exposures by how well their columns can be located",
  inputs,
  outputs,
  params,
  module: import.meta.url,
  run({ exposures: { images } }, { reference }, context) {
    checkRequest(images.length, reference);
    const measured = measureVisibility(images, (f) => context.progress(f));
    const order = measured.map((_, e) => e).sort((a, b) =>
      measured[b].score - measured[a].score || a - b
    );
    const chosen = reference === "auto" ? order[0] : reference;
    context.chose({ reference: chosen });
    context.progress(1);
    return { ranking: rankingTable(measured, order, chosen), best: copyOf(images[chosen]) };
  },
});

function checkRequest(count: number, reference: number | "auto"): void {
  if (count === 0) {
    throw new AdatomError("EXPOSURES_TOO_FEW", {
      cannot: "rank exposures",
      expected: "at least 1 exposure",
      got: "0",
      hint: "name the files of the exposures",
    }, { port: "exposures" });
  }
  if (reference !== "auto" && reference >= count) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: 'set parameter "reference" of quality.rank',
      expected: `an exposure from 0 to ${count - 1}, or auto`,
      got: String(reference),
    }, { param: "reference" });
  }
}

function rankingTable(measured: readonly Visibility[], order: readonly number[], chosen: number) {
  const numbers = (of: (v: Visibility, e: number) => number) => Float64Array.from(measured, of);
  return createTable({
    exposure: numbers((_, e) => e),
    rank: numbers((_, e) => order.indexOf(e)),
    score: numbers((v) => v.score),
    latticeStrength: numbers((v) => v.latticeStrength),
    sharpness: numbers((v) => v.sharpness),
    noise: numbers((v) => v.noise),
    dose: numbers((v) => v.dose),
    chosen: numbers((_, e) => e === chosen ? 1 : 0),
    reason: measured.map((v, e) => reasonFor(v, measured, order.indexOf(e))),
  }, outputs.ranking.columns);
}

/** Why an exposure has its rank, in words. */
function reasonFor(v: Visibility, all: readonly Visibility[], place: number): string {
  if (v.latticeStrength === 0) return "no lattice above the noise";
  const strongest = Math.max(...all.map((o) => o.latticeStrength));
  const sharpest = Math.max(...all.map((o) => o.sharpness));
  const strength = v.latticeStrength === strongest && all.length > 1
    ? "strongest lattice"
    : "lattice";
  const clear = `${strength}, ${Math.round(v.latticeStrength)} x the noise`;
  const period = v.sharpness > 0 ? 1 / v.sharpness : 0;
  const focus = v.sharpness === 0
    ? "no single peak clear of it"
    : `${v.sharpness === sharpest && place === 0 ? "sharp" : "resolved"} down to ${
      period.toFixed(1)
    } px`;
  return `${clear}; ${focus}`;
}

/** A copy that owns its pixels, since outputs are handed on. */
function copyOf<T extends { readonly data: Float32Array }>(image: T): T {
  return { ...image, data: image.data.slice() };
}
