import { assertFails } from "@assert";
import { createHost } from "../../mod.ts";

Deno.test("a host without workers is an error that says what to do, and not one that waits for ever", async () => {
  for (const workers of [0, -1, 1.5, NaN]) {
    await assertFails(
      () => createHost({ workers, cache: false }),
      "PARAM_TYPE",
      `Cannot make a host: expected a whole number of workers, at least 1, got ${workers}; ` +
        'use runner: "inline" to run stages in the calling thread',
    );
  }
});
