import { assertClose, assertEquals, assertFails } from "@assert";
import { createHost } from "../../../mod.ts";
import {
  DEFAULT_SIMULATION,
  simulateSamples,
  type SimulationPlan,
} from "../../../procedures/bench_detectors/simulate.ts";

const RULES = { faintRatio: 0.4, faintSpecies: [] };
const PLAN: SimulationPlan = { ...DEFAULT_SIMULATION, doses: [3, 30], fieldsNm: [4, 8], size: 128 };

async function simulate(change: Partial<SimulationPlan>) {
  using host = createHost({ cache: false, plugins: false, runner: "inline" });
  const signal = new AbortController().signal;
  const seen: string[] = [];
  const samples = await simulateSamples(host, { ...PLAN, ...change }, RULES, {
    seed: 1,
    signal,
    onImage: (name, fraction) => void seen.push(`${name} ${fraction}`),
  });
  return { samples, seen };
}

Deno.test("simulateSamples lets structures take turns, at the doses and fields asked for", async () => {
  const { samples, seen } = await simulate({});
  assertEquals(samples.map(({ name }) => name), [
    "2H_3_counts_4_nm",
    "1T_3_counts_8_nm",
    "1T_30_counts_4_nm",
    "2H_30_counts_8_nm",
  ]);
  assertEquals(seen[3], "2H_30_counts_8_nm 0.75");
  assertEquals(samples.map(({ dose }) => dose), [3, 3, 30, 30]);
  for (const [i, sample] of samples.entries()) {
    assertClose(sample.fieldNm!, [4, 8][i % 2], 1e-9);
    assertEquals(sample.truth.faint, [sample.name.startsWith("2H") ? "S2" : "S"]);
  }
  // 2H MoS2: 0.316 nm between molybdenum columns
  assertClose(samples[0].truth.spacing!, 0.316 * 128 / 4, 0.05);
  const again = (await simulate({})).samples;
  assertEquals(again.map(({ image }) => image.data), samples.map(({ image }) => image.data));
});

Deno.test("simulateSamples makes every structure at every dose and field when asked for all", async () => {
  const { samples } = await simulate({ doses: [3], fieldsNm: [4], full: true });
  assertEquals(samples.map(({ name }) => name), ["2H_3_counts_4_nm", "1T_3_counts_4_nm"]);
});

Deno.test("simulateSamples refuses plans that make no image", async () => {
  const cannot = "Cannot simulate a set: expected ";
  for (
    const [change, text] of [
      [{ doses: [3, NaN] }, `${cannot}doses greater than 0, got NaN`],
      [{ fieldsNm: [] }, `${cannot}fields of view greater than 0, got none`],
      [
        { structures: ["3R"] },
        `${cannot}structures among 2H, 1T'', hexagonal, square, 2H-WSe2, graphene, SrTiO3-001, Au-110, got "3R"`,
      ],
      [{ size: 12 }, `${cannot}images of 64 to 8192 px a side, got 12`],
      [
        { fieldsNm: [40] },
        "Cannot simulate a field of 40 nm: expected columns at least 2 px apart, got 1.01 px; " +
        "choose smaller fields or a larger size",
      ],
    ] as const
  ) await assertFails(() => simulate(change), "PARAM_RANGE", text);
});
