import { assertEquals, assertFails, assertTrue } from "@assert";
import { createImage } from "@core";
import { join } from "node:path";
import { createHost } from "../../../mod.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { readSamples } from "../../../procedures/bench_detectors/samples.ts";
import { latticeImage } from "../../support/lattice_image.ts";
import { withFolder } from "../../support/toy_host.ts";

const RULES = { faintRatio: 0.4, faintSpecies: [] };
const signal = new AbortController().signal;

async function writeSample(folder: string, labels: string, name: string): Promise<void> {
  const { image, x, y } = latticeImage({
    ...{ width: 64, height: 48, a: [12, 0], b: [0, 12], sigma: 2, background: 2 },
    basis: [{ x: 0, y: 0, height: 20 }],
  });
  for (const dir of [folder, labels]) await Deno.mkdir(dir, { recursive: true });
  const pixelSize = { x: 0.025, y: 0.025, unit: "nm" };
  await Deno.writeFile(join(folder, `${name}.tif`), await tiff.write([{ ...image, pixelSize }]));
  const rows = x.map((v, i) => `${v},${y[i]}`);
  await Deno.writeTextFile(join(labels, `${name}.csv`), ["x,y", ...rows, ""].join("\n"));
}

Deno.test("readSamples reads labeled sets and folders, each image under a name of its own", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, plugins: false, runner: "inline" });
    const [set, plain] = [join(folder, "set"), join(folder, "plain")];
    await writeSample(join(set, "images"), join(set, "labels"), "a");
    await writeSample(plain, plain, "a");
    await writeSample(plain, plain, "b");
    const record = { format: "adatom-labeled-set", polarity: "dark" };
    await Deno.writeTextFile(join(set, "dataset.json"), JSON.stringify(record));
    const { samples, sources } = await readSamples(host, [set, plain], RULES, signal);
    assertEquals(samples.map(({ name }) => name), ["set-a", "plain-a", "b"]);
    assertEquals(samples.map(({ polarity }) => polarity), ["dark", "bright", "bright"]);
    assertEquals([samples[1].truth.spacing, samples[1].fieldNm?.toFixed(3)], [12, "1.600"]);
    // the height of 20 counts is averaged over the first ring
    assertTrue(samples[1].dose! > 17 && samples[1].dose! < 20, `${samples[1].dose}`);
    assertEquals([sources.images.length, sources.truth.length], [3, 3]);
    const told = await readSamples(host, [set], { ...RULES, polarity: "bright" }, signal);
    assertEquals(told.samples[0].polarity, "bright");
  });
});

Deno.test("readSamples refuses stacks and pixels that are not finite, and stops when cancelled", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, plugins: false, runner: "inline" });
    await writeSample(folder, folder, "a");
    const path = join(folder, "a.tif");
    const image = createImage({ width: 8, height: 8 });
    await Deno.writeFile(path, await tiff.write([image, image]));
    await assertFails(
      () => readSamples(host, [folder], RULES, signal),
      "PORT_TYPE",
      `Cannot bench detectors on "${path}": expected a file of one image, as its table is of one, ` +
        "got a stack of 2; save each page under a name of its own, or label the stack with adatom label",
    );
    image.data[5] = NaN;
    await Deno.writeFile(path, await tiff.write([image]));
    await assertFails(
      () => readSamples(host, [folder], RULES, signal),
      "IMAGE_NON_FINITE",
      `Cannot bench detectors on "${path}": expected finite pixels, got 1 that are NaN or infinite; ` +
        "replace them, or leave the image out",
    );
    const stopped = AbortSignal.abort();
    await assertFails(() => readSamples(host, [folder], RULES, stopped), "CANCELLED");
  });
});
