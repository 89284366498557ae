import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { createTable } from "@core";
import { join } from "node:path";
import { createHost } from "../../../mod.ts";
import { createPeers } from "../../../procedures/bench_detectors/peers.ts";
import { makeSample } from "../../../procedures/bench_detectors/samples.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { identityGraph, onnxBytes } from "../../support/onnx_model.ts";
import { withFolder } from "../../support/toy_host.ts";

const MEASURE = { runs: 2, workers: 1, seed: 1 };
const freshHost = () => createHost({ cache: false, plugins: false, runner: "inline" });
const signal = new AbortController().signal;
const { image, x, y } = latticeImage({ width: 96, height: 90, a: [12, 0], b: [0, 12], sigma: 2 });
const truth = createTable({ x: Float64Array.from(x), y: Float64Array.from(y) });
const rules = { faintRatio: 0.4, faintSpecies: [] };
const samples = ["a", "b"].map((name) => makeSample(name, image, truth, "bright", rules, 10));

/** A program that stands for Python: prints some lines and ends. */
async function fakePython(folder: string, script: string): Promise<string> {
  const path = join(folder, "python");
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

Deno.test("peers take all images at once and give positions, times, or an image's error", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(join(folder, "tiny.onnx"), onnxBytes(identityGraph));
    const python = await fakePython(
      folder,
      `echo "$@" > ${folder}/words
case "$1" in *published_atomid.py) cp ${folder}/tiny.onnx "$3"; exit 0 ;; esac
echo loading
echo '{"ms": 12, "memoryMiB": null, "x": [1, 2], "y": [3, 4]}'
echo '{"error": "ValueError: no"}'`,
    );
    const [atomap, published] = createPeers(freshHost, python, MEASURE);
    await atomap.begin(samples, signal);
    assertIncludes(
      await Deno.readTextFile(`${folder}/words`),
      /atomap_find\.py 2 \S+0\.npy 12 \S+1\.npy 12$/m,
    );
    const { found, ms, memoryMiB } = await atomap.find(samples[0], signal);
    assertEquals([[...found!.columns.x], ms, memoryMiB], [[1, 2], 12, null]);
    await assertFails(
      () => atomap.find(samples[1], signal),
      "STAGE_FAILED",
      'Cannot run Atomap on "b": expected a result, got ValueError: no',
    );
    atomap.end();
    await published.begin(samples, signal);
    assertIncludes(
      await Deno.readTextFile(`${folder}/words`),
      /published_atomid\.py export \S+\.onnx$/m,
    );
    assertTrue((await published.find(samples[0], signal)).ms! > 0);
    published.end();
  });
});

Deno.test("peers say what their Python lacks", async () => {
  await withFolder(async (folder) => {
    const python = await fakePython(folder, `echo "No module named 'atomap'" >&2; exit 1`);
    const [atomap] = createPeers(freshHost, python, MEASURE);
    await assertFails(
      () => atomap.begin(samples, signal),
      "STAGE_FAILED",
      `Cannot run Atomap: expected "${python}" to be a Python that has what it needs, got No module ` +
        "named 'atomap'; name one with --python or ADATOM_PYTHON, or leave out --peers",
    );
    const [missing] = createPeers(freshHost, join(folder, "no-python"), MEASURE);
    assertTrue(
      (await assertFails(() => missing.begin(samples, signal), "STAGE_FAILED")).message.includes(
        "no-python",
      ),
    );
  });
});

const python = Deno.env.get("ADATOM_PYTHON");

Deno.test({
  name: "Atomap finds a clear lattice, and the published architecture runs",
  ignore: python === undefined,
  async fn() {
    const [atomap, published] = createPeers(freshHost, python!, {
      ...MEASURE,
      runs: 1,
    });
    await atomap.begin(samples, signal);
    const { found } = await atomap.find(samples[1], signal);
    const isNear = (i: number) =>
      x.some((v, k) => Math.hypot(v - found!.columns.x[i], y[k] - found!.columns.y[i]) < 1);
    assertTrue(found!.length >= 30 && Array.from(found!.columns.x, (_, i) => i).every(isNear));
    await published.begin(samples.slice(0, 1), signal);
    assertTrue((await published.find(samples[0], signal)).ms! > 0);
    published.end();
  },
});
