import { assertEquals, assertFails } from "@assert";
import { parsePipeline } from "../../procedures/read_pipeline.ts";

const YAML = `
format: adatom-pipeline/1
name: small
steps:
  - { id: a, stage: peaks.findfoci, in: { image: $inputs.image } }
outputs: { peaks: a.peaks }
`;

Deno.test("parsePipeline reads JSON and YAML of the same content", () => {
  const document = parsePipeline(YAML, "a.yaml");
  assertEquals(parsePipeline(JSON.stringify(document), "a.json"), document);
  assertEquals(document.steps[0].in, { image: "$inputs.image" });
});

Deno.test("parsePipeline says where the syntax breaks", async () => {
  await assertFails(
    () => parsePipeline("steps: [1, 2\nname: x", "broken.yaml"),
    "PIPELINE_SYNTAX",
  );
  await assertFails(
    () => parsePipeline("just words", "words.yaml"),
    "PIPELINE_FIELD",
    'Cannot use the content of pipeline "words.yaml": expected a map of fields, got "just words"',
  );
});
