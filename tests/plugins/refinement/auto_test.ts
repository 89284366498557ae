import { createTable } from "@core";
import { createRandom, poissonRandom } from "@core/kernels";
import { assertAtMost, assertEquals, assertFails, assertTrue } from "@assert";
import { auto, CROSSING } from "../../../plugins/refinement/auto.ts";
import { centerOfMass } from "../../../plugins/refinement/center_of_mass.ts";
import { gaussian } from "../../../plugins/refinement/gaussian.ts";
import { matchedPeak } from "../../../plugins/refinement/matched_peak.ts";
import { imageOf } from "../../support/columns_image.ts";
import {
  drawnColumns,
  largestMiss,
  peaksNear,
  refineWith,
  scatteredLattice,
  spread,
} from "../../support/refining.ts";

const SIGMA = 2.4, SPACING = 12;

function counted(top: number, background: number, size = 240, seed = 5) {
  const truth = scatteredLattice(size, SPACING);
  const random = createRandom(seed);
  const mean = drawnColumns(size, size, truth, SIGMA, top, background);
  const image = imageOf(size, mean, (m) => poissonRandom(m, random));
  return { truth, image, peaks: peaksNear(truth, 0.25 * SPACING) };
}

Deno.test("refinement.auto takes the matched peak for few counts, the Gaussian for many", async () => {
  for (
    const [top, background, method] of [[1.5, 1, "matched-peak"], [50, 5, "gaussian"]] as const
  ) {
    const { truth, image, peaks } = counted(top, background);
    const { columns, context } = await refineWith(auto, image, peaks);
    const stage = method === "gaussian" ? gaussian : matchedPeak;
    const direct = (await refineWith(stage, image, peaks)).columns;
    assertEquals(context.chosen.method, method);
    assertEquals((context.chosen.signalToNoise as number) < CROSSING, method === "matched-peak");
    assertEquals(columns.columns.x, direct.columns.x);
    assertEquals(columns.columns.status, direct.columns.status);
    assertEquals(columns.length, truth.length);
    assertEquals(Object.keys(columns.units).length, 11);
  }
});

Deno.test("refinement.auto is better than the Gaussian among few counts", async () => {
  let ours = 0, gaussians = 0;
  for (const seed of [5, 6]) {
    const { truth, image, peaks } = counted(2, 1, 360, seed);
    ours += spread((await refineWith(auto, image, peaks)).columns, truth).rms;
    gaussians += spread((await refineWith(gaussian, image, peaks)).columns, truth).rms;
  }
  assertAtMost(ours / gaussians, 1);
});

Deno.test("refinement.auto does as told", async () => {
  const { image, peaks } = counted(20, 5, 120);
  const stages = { gaussian, "matched-peak": matchedPeak, "center-of-mass": centerOfMass } as const;
  for (const [method, stage] of Object.entries(stages)) {
    const given = { spacing: SPACING };
    const { columns, context } = await refineWith(auto, image, peaks, { ...given, method });
    const direct = (await refineWith(stage, image, peaks, given)).columns;
    assertEquals(context.chosen.method, method);
    assertEquals(columns.columns.errorX, direct.columns.errorX);
    assertEquals(context.fractions, [...context.fractions].sort((a, b) => a - b));
    assertEquals(context.fractions.at(-1), 1);
  }
});

Deno.test("refinement.auto finds dark columns", async () => {
  const truth = scatteredLattice(120, SPACING);
  const mean = drawnColumns(120, 120, truth, SIGMA, 100, 10).map((m) => 300 - m);
  const found = await refineWith(auto, imageOf(120, mean), peaksNear(truth, 2), {
    polarity: "dark",
  });
  assertAtMost(largestMiss(found.columns, truth), 1e-4); // outer columns are cut
});

Deno.test("refinement.auto gives an empty table and one warning for no peaks", async () => {
  const image = imageOf(20, drawnColumns(20, 20, [], 1, 1, 5));
  const { columns, context } = await refineWith(auto, image, peaksNear([]));
  assertEquals(columns.length, 0);
  assertEquals(context.warnings, [
    { code: "PEAKS_EMPTY", message: "no peaks were given, so there are no columns" },
  ]);
});

Deno.test("refinement.auto gives numbers for a flat image", async () => {
  const image = imageOf(30, new Float64Array(600).fill(7));
  const { columns } = await refineWith(auto, image, peaksNear([{ x: 3, y: 4 }, { x: 20, y: 9 }]));
  assertTrue(
    columns.columns.x.every(Number.isFinite) && columns.columns.errorX.every(Number.isFinite),
  );
  assertTrue(columns.columns.status.every((s) => s !== "ok"));
});

Deno.test("refinement.auto refuses a peak outside the image", async () => {
  const y = Float64Array.of(4, 5);
  const peaks = createTable({ x: Float64Array.of(4, 31), y, height: y });
  const error = await assertFails(
    () => refineWith(auto, imageOf(30, drawnColumns(30, 20, [], 1, 1, 5)), peaks),
    "TABLE_VALUE",
    "Cannot refine the peaks: expected positions inside the image of 30 x 20 px, got x 31, y 5 " +
      "in row 1; give the peaks of this image, in px",
  );
  assertEquals([error.stage, error.port], ["refinement.auto", "peaks"]);
});
