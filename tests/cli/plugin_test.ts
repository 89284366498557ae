import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestBytes } from "../../procedures/plugins/build.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { cliCommand, type CliResult, runCli } from "../support/cli.ts";
import { bundleOf, installText, scalePlugin } from "../support/plugin_bundle.ts";
import { withPluginFolder } from "../support/plugin_folder.ts";
import { ramp, withFolder } from "../support/toy_host.ts";

interface Work {
  readonly home: string;
  /** Runs `adatom` in the folder, and expects it to end well unless another code is named. */
  adatom(words: string, code?: number): Promise<CliResult>;
  json<T>(words: string): Promise<T>;
}

function withHome(action: (work: Work) => Promise<void>): Promise<void> {
  return withFolder(async (home) => {
    const adatom: Work["adatom"] = async (words, code = 0) => {
      const result = await runCli(words.split(" "), {
        cwd: home,
        home,
        cache: join(home, "cache"),
      });
      assertEquals(result.code, code, `adatom ${words}\n${result.out}${result.err}`);
      return result;
    };
    const json: Work["json"] = async (words) => JSON.parse((await adatom(`${words} --json`)).out);
    await action({ home, adatom, json });
  });
}

/** Puts a bundle into a folder. */
async function writeBundle(folder: string, text: string): Promise<string> {
  const { manifest, code } = await bundleOf(text);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "manifest.json"), manifestBytes(manifest));
  writeFileSync(join(folder, "plugin.js"), code);
  return manifest.bundle.sha256;
}

async function writeImage(home: string): Promise<void> {
  await Deno.writeFile(join(home, "a.tif"), await tiff.write([ramp(1)]));
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly problem?: string;
}

interface Step {
  readonly stage: string;
  readonly runner: string;
  readonly plugin: { readonly id: string; readonly sha256: string; readonly trusted?: true };
}

/** The only step of a finished run. */
function stepOf(home: string, out: string): Step {
  return JSON.parse(readFileSync(join(home, out, "run.json"), "utf8")).steps[0];
}

Deno.test("adatom plugin lists its commands, and misspelt ones are answered", () =>
  withHome(async ({ adatom }) => {
    const [bare, help, add] = await Promise.all(
      ["plugin", "plugin --help", "plugin add --help"].map((words) => adatom(words)),
    );
    assertEquals(bare.out, help.out);
    for (const name of ["new", "check", "test", "bundle", "add", "list", "remove", "verify"]) {
      assertIncludes(help.out, new RegExp(`^  ${name} .*[a-z]`, "m"));
    }
    assertIncludes(add.out, "adatom plugin add npm:adatom-plugin-denoise@1.0.0");
    const [wrong, less] = await Promise.all([adatom("plugin lst", 2), adatom("plugin remove", 2)]);
    assertIncludes(wrong.err, 'error: Cannot run "lst": expected a command of adatom, got "lst"');
    assertIncludes(less.err, 'expected a value for "owner.name", got nothing');
  }));

Deno.test("a plugin is made, tested, bundled, added, used, verified and removed", () =>
  withHome(async ({ home, adatom, json }) => {
    const made = await adatom("plugin new lab.sharpen --author Ada");
    assertIncludes(made.out, "sharpen/plugin.ts\n");
    assertEquals(made.err, "\nNext: adatom plugin test sharpen\n");
    assertIncludes(readFileSync(join(home, "sharpen/LICENSE"), "utf8"), "Ada");
    const rows = await json<Row[]>("plugin test sharpen");
    assertTrue(rows.length > 10 && rows.every(({ state }) => state === "ok"), JSON.stringify(rows));
    const bundled = await adatom("plugin bundle sharpen");
    const manifest = JSON.parse(readFileSync(join(home, "sharpen/dist/manifest.json"), "utf8"));
    const { sha256 } = manifest.bundle;
    assertEquals(
      bundled.out,
      `sharpen/dist/plugin.js\nsharpen/dist/manifest.json\nsha256 ${sha256}\n`,
    );
    const added = await adatom("plugin add sharpen/dist --yes");
    assertEquals(added.out, "installed lab.sharpen 0.1.0\n");
    assertEquals(
      added.err.trim(),
      `lab.sharpen 0.1.0 (MIT): Sharpens images: the stage sharpen
  from         ${home}/sharpen/dist
  sha256       ${sha256}
  brings       lab.sharpen
  may reach    its inputs only`,
    );
    assertEquals((await adatom("plugin add sharpen/dist")).out, "lab.sharpen is there\n");
    const [row, ...others] = await json<Row[]>("plugin list");
    assertEquals([row.id, row.state, others.length], ["lab.sharpen", "ok", 0]);
    const [stages, described, text] = await Promise.all([
      adatom("stages"),
      adatom("describe lab.sharpen"),
      adatom("plugin list"),
    ]);
    assertIncludes(stages.out, /^lab\.sharpen +0\.1\.0/m);
    assertIncludes(described.out, "--amount");
    assertIncludes(text.out, /lab\.sharpen +0\.1\.0 +ok +sandbox +its inputs +lab\.sharpen/);
    await adatom("run lab.sharpen --in image=sharpen/examples/image.tif --amount 2 --out out");
    const step = stepOf(home, "out");
    assertEquals([step.runner, step.plugin.sha256], ["process", sha256]);
    const verified = await adatom("plugin verify");
    assertEquals(verified.out, `lab.sharpen 0.1.0 is as installed (sha256 ${sha256})\n`);
    assertEquals((await adatom("plugin remove lab.sharpen")).out, "removed lab.sharpen 0.1.0\n");
    const [none, unknown] = await Promise.all([
      adatom("plugin list"),
      adatom("describe lab.sharpen", 2),
    ]);
    assertEquals(none.out, "none; add one with: adatom plugin add\n");
    assertIncludes(unknown.err, 'Cannot use stage "lab.sharpen": expected a registered stage');
  }));

// the command line shows no code; this one is "PLUGIN_UNCONFIRMED"
Deno.test("adatom plugin add asks, and without an answer installs nothing", () =>
  withHome(async ({ home, adatom }) => {
    const asks = 'license: "MIT", permissions: { net: ["example.org"], read: ["/data"] },';
    const sha256 = await writeBundle(
      join(home, "dist"),
      scalePlugin().replace('license: "MIT",', asks),
    );
    const { out, err } = await adatom("plugin add dist", 2);
    assertEquals([out, err], [
      "",
      `lab.scale 1.0.0 (MIT): A plugin of the tests
  from         ${home}/dist
  sha256       ${sha256}
  brings       lab.scale
  may reach    read /data, net example.org
error: Cannot add plugin lab.scale 1.0.0: expected your word that it may be installed, got none; ` +
      "answer y, or add --yes\n",
    ]);
    const trusted = await adatom("plugin add dist --trust", 2);
    assertIncludes(trusted.err, "  may reach    EVERYTHING (--trust)\n");
    assertEquals([...Deno.readDirSync(home)].map(({ name }) => name), ["dist"]);
  }));

Deno.test("adatom plugin test ends with 3 when a check fails, and check with it", () =>
  withPluginFolder(
    { "LICENSE": null, "sharpen_test.ts": null },
    (folder) =>
      withHome(async ({ adatom }) => {
        const [tested, checked] = await Promise.all([
          adatom(`plugin test ${folder} --json`, 3),
          adatom(`plugin check ${folder}`, 3),
        ]);
        const rows: Row[] = JSON.parse(tested.out);
        const failed = rows.filter(({ state }) => state === "failed").map(({ id }) => id);
        assertEquals(failed, ["docs", "unit-tests"]);
        assertEquals(
          tested.err,
          `error: Cannot pass the plugin in "${folder}": expected every check to be ok, got 2 of ` +
            `${rows.length} that failed (docs, unit-tests); mend what they say and run it again\n`,
        );
        assertIncludes(checked.out, /^ok {6}types .* ms {2}4 files$/m);
        assertIncludes(
          checked.out,
          /^failed {2}docs .* ms {2}expected a file "LICENSE", got none$/m,
        );
      }),
  ));

Deno.test("adatom plugin list shows a broken plugin as a row, and its use says why", () =>
  withHome(async ({ home, adatom, json }) => {
    await installText(home, scalePlugin());
    await installText(home, scalePlugin({ id: "other.scale" }));
    rmSync(join(home, "plugins", "lab.scale"), { recursive: true });
    const [rows, text, stages, described, verified] = await Promise.all([
      json<Row[]>("plugin list"),
      adatom("plugin list"),
      adatom("stages"),
      adatom("describe lab.scale", 2),
      adatom("plugin verify lab.scale", 2),
    ]);
    assertEquals(rows.map(({ id, state }) => [id, state]), [
      ["lab.scale", "broken"],
      ["other.scale", "ok"],
    ]);
    assertIncludes(text.out, /^lab\.scale +1\.0\.0 +broken +sandbox/m);
    assertIncludes(text.out, `\nlab.scale: ${rows[0].problem}\n`);
    assertIncludes(stages.out, /^other\.scale/m);
    assertIncludes(described.err, "expected plugin lab.scale to be in order, got a broken one");
    assertIncludes(verified.err, "error: Cannot open plugin lab.scale: expected its manifest");
    assertEquals((await adatom("plugin remove lab.scale")).out, "removed lab.scale 1.0.0\n");
    assertEquals((await json<Row[]>("plugin list")).length, 1);
  }));

Deno.test("a plugin runs in a process of its own, and in the pool when it is trusted", () =>
  withHome(async ({ home, adatom }) => {
    await installText(home, scalePlugin());
    await writeImage(home);
    await adatom("run lab.scale --in image=a.tif --factor 3 --no-cache --out one");
    await adatom(
      "run lab.scale --in image=a.tif --factor 3 --no-cache --trust lab.scale --out two",
    );
    const [one, two] = [stepOf(home, "one"), stepOf(home, "two")];
    assertEquals([one.runner, two.runner], ["process", "pool"]);
    assertEquals([one.plugin.trusted, two.plugin.trusted], [undefined, true]);
    const [a, b] = ["one", "two"].map((out) => readFileSync(join(home, out, "image.tif")));
    assertTrue(a.equals(b), "the same bytes");
    await writeBundle(join(home, "dist"), scalePlugin());
    await adatom("plugin add dist --trust --yes");
    assertIncludes((await adatom("plugin list")).out, "pool (trusted)");
    await adatom("run lab.scale --in image=a.tif --no-cache --out three");
    assertEquals(stepOf(home, "three").runner, "pool");
  }));

Deno.test("a plugin that never ends, or reaches for what it may not, ends the run with its name", () =>
  withHome(async ({ home, adatom }) => {
    await installText(home, scalePlugin({ more: "run() { for (;;); }," }));
    const reads = 'run() { Deno.readTextFileSync("/etc/hostname"); },';
    await installText(home, scalePlugin({ id: "other.scale", more: reads }));
    await writeImage(home);
    const [slow, curious] = await Promise.all([
      adatom("run lab.scale --in image=a.tif --time-limit 1 --out one", 4),
      adatom("run other.scale --in image=a.tif --out two", 5),
    ]);
    assertEquals(
      slow.err.split("\n").at(-2),
      "error: Cannot run lab.scale (plugin lab.scale 1.0.0): expected an answer within 1 s, got none; " +
        "raise the limit with --time-limit, or report it to the author of lab.scale",
    );
    assertEquals(
      curious.err.split("\n").at(-2),
      "error: Cannot run other.scale (plugin other.scale 1.0.0): expected a plugin that reaches for " +
        'nothing but its inputs, got the refused attempt "Requires read access to "/etc/hostname""; ' +
        "report it to the author of other.scale",
    );
    const names = [...Deno.readDirSync(home)].map(({ name }) => name).sort();
    assertEquals(names.filter((name) => name !== "cache"), ["a.tif", "plugins"], "nothing is left");
  }));

const LOOP = "run(_inputs, _params, { progress }) { progress(0.1); for (;;); },";

Deno.test("Ctrl-C ends a run whose plugin hangs, with 130 and nothing half-written", () =>
  withFolder(async (home) => {
    await installText(home, scalePlugin({ more: LOOP }));
    await Deno.writeFile(join(home, "image.tif"), await tiff.write([ramp()]));
    const child = cliCommand(
      ["run", "lab.scale", "--in", "image=image.tif", "--out", "out", "--no-cache"],
      { cwd: home, home },
    ).spawn();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const started = performance.now();
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    assertEquals(code, 130);
    assertIncludes(new TextDecoder().decode(stderr), "cancelled; run the same command again");
    assertTrue(performance.now() - started < 5000, "within the grace and some");
    assertEquals([...Deno.readDirSync(home)].map(({ name }) => name).sort(), [
      "image.tif",
      "plugins",
    ]);
  }));
