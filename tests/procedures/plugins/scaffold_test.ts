import { assertEquals, assertFails, assertTrue } from "@assert";
import type { Image, Plugin } from "../../../core/mod.ts";
import { executeStage } from "../../../core/runner/execute.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { scaffoldPlugin } from "../../../procedures/plugins/scaffold.ts";

const CORE = new URL("../../../core/mod.ts", import.meta.url).href;

/** A plain name, a long one with hyphens in both words, a word of JavaScript. */
const IDS = ["lab.sharpen", "my-lab.a-long-name-for-the-thing-that-we-tested", "lab.delete"];

/** Writes a new plugin to a folder that is gone afterwards. */
async function withPlugin(id: string, action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const files = await scaffoldPlugin({ id, coreAddress: CORE, year: 2026 });
    for (const [path, bytes] of files) {
      const target = `${folder}/${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(target, bytes);
    }
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function denoIn(cwd: string, ...args: string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertTrue(success, `deno ${args.join(" ")}\n${text(stdout)}${text(stderr)}`);
}

for (const id of IDS) {
  Deno.test(`scaffoldPlugin makes ${id}, which passes format, lint, types and its own tests`, () =>
    withPlugin(id, async (folder) => {
      await denoIn(folder, "fmt", "--check", ".", ".github/workflows/ci.yml");
      await denoIn(folder, "lint");
      await denoIn(folder, "check", ".");
      await denoIn(folder, "test");
    }));
}

Deno.test("scaffoldPlugin ships an example that its stage repeats", () =>
  withPlugin("my-lab.sharp-edges", async (folder) => {
    const { default: plugin } = await import(`file://${folder}/plugin.ts`) as { default: Plugin };
    const [stage] = plugin.stages!;
    assertEquals([plugin.id, stage.id], ["my-lab.sharp-edges", "my-lab.sharp-edges"]);
    const example = JSON.parse(await Deno.readTextFile(`${folder}/examples/sharp_edges.json`));
    assertEquals(example.stage, stage.id);
    const read = async (name: string) => {
      const bytes = await Deno.readFile(`${folder}/examples/${name}`);
      return (await tiff.read(bytes, { name, path: name, warn: () => {} }))[0];
    };
    const fractions: number[] = [];
    const { outputs } = await executeStage({
      stage,
      inputs: { image: await read(example.inputs.image) },
      params: example.params,
      seed: 1,
    }, {
      signal: new AbortController().signal,
      cancelled: () => false,
      progress: (fraction) => void fractions.push(fraction),
      map: (task, items) => Promise.all(items.map((item) => task.call(item))),
    });
    const expected = await read(example.expected.image);
    const { data } = outputs.image as Image;
    assertEquals(data.length, expected.data.length);
    const worst = data.reduce((most, v, i) => Math.max(most, Math.abs(v - expected.data[i])), 0);
    assertTrue(worst <= example.tolerance, `off by ${worst}`);
    assertEquals(fractions.at(-1), 1);
  }));

Deno.test("scaffoldPlugin gives the same bytes for the same request, and no path of the machine", async () => {
  const request = { id: "lab.sharpen", coreAddress: "../../../core/mod.ts", year: 2026 };
  const [one, two] = [await scaffoldPlugin(request), await scaffoldPlugin(request)];
  assertEquals([...one], [...two]);
  const text = (path: string) => new TextDecoder().decode(one.get(path));
  assertEquals(JSON.parse(text("deno.json")).imports, {
    "@core": "../../../core/mod.ts",
    "@core/kernels": "../../../core/kernels/mod.ts",
  });
  for (const path of one.keys()) assertTrue(!text(path).includes(Deno.cwd()), path);
});

Deno.test("scaffoldPlugin names files so that none is the entry or taken for a test", async () => {
  const stageFile = async (id: string) => {
    const files = await scaffoldPlugin({ id, coreAddress: CORE, year: 2026 });
    return [...files.keys()][1];
  };
  assertEquals(await stageFile("lab.sharp-edges"), "sharp_edges.ts");
  assertEquals(await stageFile("lab.plugin"), "plugin_stage.ts");
  assertEquals(await stageFile("lab.my-test"), "my_test_stage.ts");
  assertEquals(await stageFile("a-.b--c-"), "b_c.ts");
});

Deno.test("scaffoldPlugin names the author in the license, or the owner", async () => {
  const request = { id: "my-lab.sharpen", coreAddress: CORE, year: 2027 };
  const license = async (author?: string) => {
    const files = await scaffoldPlugin(author === undefined ? request : { ...request, author });
    return new TextDecoder().decode(files.get("LICENSE")).split("\n")[2];
  };
  assertEquals(await license(), "Copyright (c) 2027 my-lab");
  assertEquals(await license("Ada Tom"), "Copyright (c) 2027 Ada Tom");
});

Deno.test("scaffoldPlugin refuses ids that are not owner.name", async () => {
  for (const id of ["", "sharpen", "Lab.sharpen", "lab.sharpen.more", "lab.", "1ab.x", "lab/x"]) {
    await assertFails(
      () => scaffoldPlugin({ id, coreAddress: CORE, year: 2026 }),
      "PLUGIN_DECLARATION",
      `Cannot make the plugin "${id}": expected an id like "owner.name": lower case letters, digits ` +
        `and hyphens, got "${id}"${id === "Lab.sharpen" ? '; did you mean "lab.sharpen"?' : ""}`,
    );
  }
});
