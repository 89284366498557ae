/**
 * The public surface as a snapshot: a changed name or default shows in review.
 * `deno task test -u tests/surface_test.ts` writes it anew.
 */
import * as core from "@core";
import * as kernels from "@core/kernels";
import * as adatom from "../mod.ts";
import { builtinFormats, builtinStages } from "../plugins/mod.ts";

Deno.test("exported names", async (t) => {
  const names = (module: object) => Object.keys(module).sort();
  await t.assertSnapshot({
    "mod.ts": names(adatom),
    "@core": names(core),
    "@core/kernels": names(kernels),
  });
});

Deno.test("stages with their ports and defaults", async (t) => {
  await t.assertSnapshot(builtinStages.map(({ id, version, inputs, outputs, params }) => ({
    id,
    version,
    inputs: Object.keys(inputs),
    outputs: Object.keys(outputs),
    defaults: Object.fromEntries(
      Object.entries(params as Record<string, { default: unknown }>).map((
        [name, param],
      ) => [name, param.default]),
    ),
  })));
});

Deno.test("file formats", async (t) => {
  await t.assertSnapshot(builtinFormats.map(({ id, kind, extensions, write }) => ({
    id,
    kind,
    extensions,
    writes: write !== undefined,
  })));
});
