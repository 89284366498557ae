import { assertEquals, assertFails } from "@assert";
import { readModel, shippedModel } from "../../procedures/read_model.ts";
import { identityGraph, onnxBytes } from "../support/onnx_model.ts";
import { withFolder } from "../support/toy_host.ts";

const BYTES = onnxBytes(identityGraph);

function write(path: string, content: string | Uint8Array): void {
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
}

Deno.test("readModel reads a file, a description, and a folder with either", async () => {
  await withFolder((folder) => {
    write(`${folder}/net.onnx`, BYTES);
    const bare = readModel(`${folder}/net.onnx`);
    assertEquals(bare.model, { name: "net", bytes: BYTES, description: null });
    assertEquals(readModel(folder).weights, `${folder}/net.onnx`);
    write(`${folder}/rdf.yaml`, "name: My net\nweights:\n  onnx:\n    source: net.onnx\n");
    for (const path of [folder, `${folder}/rdf.yaml`, `${folder}/net.onnx`]) {
      const { model, weights, description } = readModel(path);
      assertEquals([model.name, weights], ["My net", `${folder}/net.onnx`]);
      assertEquals(description, `${folder}/rdf.yaml`);
      assertEquals(model.description, {
        name: "My net",
        weights: { onnx: { source: "net.onnx" } },
      });
    }
    write(`${folder}/other.onnx`, BYTES);
    assertEquals(readModel(`${folder}/other.onnx`).description, undefined);
  });
});

Deno.test("readModel says what is wrong with what it was given", async () => {
  await withFolder(async (folder) => {
    await assertFails(
      () => readModel(`${folder}/no.onnx`),
      "FILE_MISSING",
    );
    await assertFails(
      () => readModel(folder),
      "FILE_MISSING",
      `Cannot read model "${folder}": expected an rdf.yaml or one .onnx file in that folder, got neither; name the file`,
    );
    write(`${folder}/rdf.yaml`, "weights:\n  torchscript: {source: a.pt}\n");
    await assertFails(
      () => readModel(folder),
      "FORMAT_UNSUPPORTED",
      `Cannot read model "${folder}/rdf.yaml": expected weights in ONNX format beside it, got torchscript; download or export the weights as ONNX`,
    );
    write(`${folder}/rdf.yaml`, "- a list");
    await assertFails(
      () => readModel(folder),
      "FILE_CORRUPT",
      `Cannot read "${folder}/rdf.yaml": expected the description of a model in YAML, got something else; see the bioimage.io model specification, 0.4 or 0.5`,
    );
    write(`${folder}/rdf.yaml`, "a: [1\n");
    await assertFails(() => readModel(folder), "FILE_CORRUPT");
  });
});

Deno.test("a model of ours that is not there is an error that says where it should be", async () => {
  const error = await assertFails(() => shippedModel("no-such-model"), "FILE_MISSING");
  assertEquals(error.parts.hint, "install Adatom again, or name a model with --in model=PATH");
});
