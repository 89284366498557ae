import { contractChecks } from "./suite.ts";
import { add, brightest, noise } from "../support/toy_stages.ts";
import { assertTrue } from "@assert";

/** Checks that must fail for each of these, so that the suite itself is known to bite. */
const SABOTAGE = {
  "leaves its inputs alone": {
    ...add,
    run(inputs: { image: { data: Float32Array } }) {
      inputs.image.data[0]++;
      return { image: inputs.image };
    },
  },
  "the same bytes twice": {
    ...add,
    run: (inputs: { image: { data: Float32Array } }) => ({
      image: { ...inputs.image, data: inputs.image.data.map(() => Math.random()) },
    }),
  },
  "progress that never falls": { ...add, run: (inputs: { image: unknown }) => inputs },
  "stops when it is cancelled": { ...add, run: (inputs: { image: unknown }) => inputs },
  "survives small, empty": {
    ...brightest,
    run() {
      throw new TypeError("boom");
    },
  },
};

for (const stage of [brightest, noise]) {
  for (const check of contractChecks(stage)) {
    if (/progress that|is cancelled/.test(check.name)) continue; // toys too quick to report
    Deno.test(`contract: ${check.name}`, check.run);
  }
}

for (const [part, stage] of Object.entries(SABOTAGE)) {
  Deno.test(`contract finds a stage that breaks: ${part}`, async () => {
    const check = contractChecks(stage as never).find(({ name }) => name.includes(part))!;
    let failed = false;
    await check.run().catch(() => failed = true);
    assertTrue(failed, "the check must fail");
  });
}
