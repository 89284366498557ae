import { assertEquals, assertFails } from "@assert";
import { createImage, createTable } from "@core";
import { join } from "node:path";
import { createHost } from "../../../mod.ts";
import { createCsvFinder } from "../../../procedures/bench_detectors/csv_finder.ts";
import { makeSample } from "../../../procedures/bench_detectors/samples.ts";
import { withFolder } from "../../support/toy_host.ts";

Deno.test("a folder of tables is a finder: by the names of images, nothing measured", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, plugins: false, runner: "inline" });
    const image = createImage({ width: 20, height: 20 });
    const none = createTable({ x: new Float64Array(), y: new Float64Array() });
    const sampleOf = (name: string) =>
      makeSample(name, image, none, "bright", { faintRatio: 0.4, faintSpecies: [] }, 1);
    await Deno.writeTextFile(join(folder, "a.csv"), "Peak#,X,Y,Phase\n1,3,4,0\n");
    const finder = createCsvFinder(host, "mine", folder);
    const signal = new AbortController().signal;
    await finder.begin([], signal);
    const { found, ms, memoryMiB } = await finder.find(sampleOf("a"), signal);
    assertEquals([found!.columns.x[0], found!.columns.y[0], ms, memoryMiB], [3, 4, null, null]);
    await assertFails(
      () => finder.find(sampleOf("b"), signal),
      "FILE_MISSING",
      'Cannot read the finds of "mine": expected a table "b.csv", got 1 other files; name each ' +
        "table as its image",
    );
    finder.end();
    await assertFails(
      () => createCsvFinder(host, "mine", join(folder, "no")),
      "FILE_MISSING",
      `Cannot read the finds of "mine": expected a folder of tables, got no folder "${
        join(folder, "no")
      }"; give --csv NAME=DIR`,
    );
  });
});
