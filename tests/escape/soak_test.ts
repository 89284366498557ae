import { assertAtLeast, assertEquals } from "@assert";
import { KILLS, soak } from "../../benchmarks/kill_soak.ts";

Deno.test("after kills of child, host and both nothing is left and no result differs", async () => {
  const report = await soak({ runs: 20, seed: 5 });
  assertEquals(report.faults, []);
  assertEquals([report.runs, report.orphans], [20, 0]);
  assertAtLeast(KILLS.reduce((sum, kind) => sum + report.kills[kind], 0), 10);
});
