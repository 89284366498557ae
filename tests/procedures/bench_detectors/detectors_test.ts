import { assertEquals, assertFails, assertTrue } from "@assert";
import { resolveParams } from "../../../core/stage/params.ts";
import { builtinStages } from "../../../plugins/mod.ts";
import {
  DETECTORS,
  detectorsNamed,
  detectorWithParams,
} from "../../../procedures/bench_detectors/detectors.ts";

Deno.test("every listed detector has a name of its own and parameters that its stage takes", () => {
  const names = DETECTORS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  let checked = 0;
  for (const { name, stage: id, params = {}, model } of DETECTORS) {
    const stage = builtinStages.find((stage) => stage.id === id);
    if (stage === undefined) continue;
    checked++;
    assertEquals(resolveParams(stage.params, params, id).problems, [], name);
    assertTrue("image" in stage.inputs, name);
    assertTrue("peaks" in stage.outputs || "columns" in stage.outputs, name);
    if (model !== undefined) assertTrue("model" in stage.inputs, name);
  }
  assertTrue(checked >= 2, "the finders that are always there were checked");
});

Deno.test("detectorsNamed keeps the order of the list and refuses names that are not in it", async () => {
  assertEquals(detectorsNamed(undefined), DETECTORS);
  assertEquals(detectorsNamed(["find-maxima", "atomid"]).map(({ name }) => name), [
    "atomid",
    "find-maxima",
  ]);
  await assertFails(
    () => detectorsNamed(["findfoco"]),
    "PARAM_RANGE",
    'Cannot bench detector "findfoco": expected one of ' +
      `${DETECTORS.map(({ name }) => name).join(", ")}, got "findfoco"; did you mean "findfoci"?`,
  );
});

Deno.test("detectorWithParams makes a detector of its own name and lays parameters over the listed ones", () => {
  const base = DETECTORS.find(({ name }) => name === "log-map")!;
  assertEquals(detectorWithParams("log-map", "mine", { overlap: 0.2 }), {
    ...base,
    name: "log-map+mine",
    title: "LoG on the map (mine)",
    params: { ...base.params, overlap: 0.2 },
  });
});
