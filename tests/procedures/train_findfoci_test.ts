import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import { createHost, findLabeled, trainFindFoci } from "../../mod.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { runCli } from "../support/cli.ts";
import { latticeImage } from "../support/lattice_image.ts";
import { withFolder } from "../support/toy_host.ts";

/** Writes labeled images of different sizes into a folder. */
async function writeSamples(folder: string, images = folder, labels = folder): Promise<void> {
  for (const seed of [1, 2, 3]) {
    const { image, x, y } = latticeImage({
      width: 80 + seed,
      height: 76,
      a: [11, 1],
      b: [-2, 12],
      sigma: 2.2,
      background: 4,
      basis: [{ x: 0, y: 0, height: 14 }],
      seed,
    });
    await Deno.writeFile(join(images, `s${seed}.tif`), await tiff.write([image]));
    const rows = x.map((v, i) => `${v},${y[i]}`);
    await Deno.writeTextFile(join(labels, `s${seed}.csv`), ["x,y", ...rows, ""].join("\n"));
  }
}

Deno.test("findLabeled pairs images with tables beside them and in labeled sets", async () => {
  await withFolder(async (folder) => {
    using host = createHost({ cache: false, plugins: false, runner: "inline" });
    const [set, plain] = ["set", "plain"].map((name) => join(folder, name));
    for (const dir of [set, join(set, "images"), join(set, "labels"), plain]) await Deno.mkdir(dir);
    await writeSamples(plain);
    await writeSamples(set, join(set, "images"), join(set, "labels"));
    assertEquals(findLabeled(host, [set, join(plain, "s2.tif")]).map(({ truth }) => truth), [
      ...[1, 2, 3].map((i) => join(set, "labels", `s${i}.csv`)),
      join(plain, "s2.csv"),
    ]);
    await Deno.remove(join(plain, "s3.csv"));
    const image = join(plain, "s3.tif");
    await assertFails(
      () => findLabeled(host, [plain]),
      "FILE_MISSING",
      `Cannot find the labels of "${image}": expected a table "s3.csv" beside it, got none; name ` +
        "the tables with --truth, in the order of the images",
    );
    await assertFails(
      () => findLabeled(host, [folder]),
      "FILE_MISSING",
      `Cannot find labeled images in "${folder}": expected images with tables of the same names, ` +
        "or a labeled set, got 2 other files",
    );
  });
});

Deno.test("trainFindFoci writes parameters, scores and a picture, the same each time", async () => {
  await withFolder(async (folder) => {
    await writeSamples(folder);
    const params = { blurs: [1, 2], heights: [0, 0.1, 0.3], minimumSizes: [1, 5] };
    const texts: string[] = [];
    for (const out of ["a", "b"].map((name) => join(folder, name))) {
      using host = createHost({ cache: false, plugins: false, workers: 2 });
      const files = findLabeled(host, [folder]);
      const result = await trainFindFoci(host, { files, out, params });
      assertEquals(result.files, ["params.json", "scores.csv", "summary.json", "plot.svg"]);
      texts.push(
        result.files.map((name) => Deno.readTextFileSync(join(out, name))).join("\n"),
      );
    }
    assertEquals(texts[0], texts[1]);
    const plot = Deno.readTextFileSync(join(folder, "a", "plot.svg"));
    for (const part of ["blur (px)", "height", "minimum size (px)", "held out", "3 images"]) {
      assertIncludes(plot, part);
    }
    assertTrue(!/NaN|undefined|Infinity/.test(plot), "no number missing");
  });
});

Deno.test("adatom train findfoci makes a file that adatom run takes", async () => {
  await withFolder(async (cwd) => {
    await writeSamples(cwd);
    const trained = await runCli(
      ["train", "findfoci", "s1.tif", "s2.tif", "s3.tif", "--preset", "testing", "--out", "t"],
      { cwd },
    );
    assertEquals(trained.code, 0, trained.err);
    assertIncludes(trained.out, /^best f1 +\d\.\d{4} of 16 combinations\nheld-out f1 /);
    assertIncludes(
      trained.err,
      /warning: the best \w+ lies at the end of its range|findfoci-train/,
    );
    const run = await runCli(
      ["run", "peaks.findfoci", "--in", "image=s1.tif", "--params", "t/params.json", "--out", "f"],
      { cwd },
    );
    assertEquals(run.code, 0, run.err);
    assertIncludes(run.out, "f/peaks.csv");
    const wrong = await runCli(
      ["train", "findfoci", "s1.tif", "s2.tif", "--truth", "s1.csv", "--out", "u"],
      { cwd },
    );
    assertEquals(
      wrong.err,
      "error: Cannot train FindFoci: expected a --truth for each of 2 images, got 1 of them\n",
    );
    assertEquals(wrong.code, 2);
  });
});
