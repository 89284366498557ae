/**
 * The conformance kit finds nothing wrong with a new plugin, and each saboteur by the right row.
 */
import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { testPlugin, testProblem } from "../../../procedures/plugins/test.ts";
import type { CheckRow } from "../../../procedures/plugins/check.ts";
import { type FileChange, withPluginFolder } from "../../support/plugin_folder.ts";

/** The rows that fail, with what they say, a temporary folder left out. */
function failures(rows: readonly CheckRow[], folder: string): Record<string, string> {
  return Object.fromEntries(
    rows.filter(({ state }) => state === "failed")
      .map(({ id, detail }) => [id, detail.replaceAll(folder, "")]),
  );
}

/** A test that passes and needs no time. */
const NO_TESTS = 'Deno.test("nothing", () => {});\n';

/** The loop of the scaffold's stage. */
const LOOP = "context.progress((y + 1) / height);";
const RETURN = "    return { image";

Deno.test("testPlugin finds nothing wrong with a new plugin, also in a folder named dist", () =>
  withPluginFolder({}, async (made) => {
    const folder = join(dirname(made), "dist");
    renameSync(made, folder);
    mkdirSync(join(folder, "node_modules"));
    const told: CheckRow[] = [];
    const rows = await testPlugin(folder, (row) => told.push(row));
    assertEquals(failures(rows, folder), {});
    assertEquals(told, rows, "each row is told as it ends");
    assertEquals(rows.map(({ id }) => id.replace("lab.sharpen ", "")), [
      "manifest",
      "types",
      "docs",
      "unit-tests",
      "load-time",
      "reproducible",
      "examples",
      "example sharpen.json",
      "plain-declaration",
      "refuses-params",
      "schemas",
      "same-bytes",
      "same-bytes-elsewhere",
      "outputs",
      "progress",
      "stops",
      "answers-cancel",
      "edge-inputs",
      "non-finite",
      "limits",
      "permissions",
    ]);
    const detail = (id: string) => rows.find((row) => row.id === id)?.detail;
    assertEquals(detail("unit-tests"), "2 passed");
    assertEquals(detail("example sharpen.json"), "largest difference 0");
    assertEquals(detail("permissions"), "none declared, none attempted");
    assertEquals(testProblem(folder, rows), undefined);
    assertTrue(!existsSync(join(folder, "produced")));
  }));

Deno.test("testPlugin runs some checks only, and takes what the examples give when told to", () =>
  withPluginFolder({ "examples/sharpen.json": ['"amount": 1', '"amount": 2'] }, async (folder) => {
    const states = async (options: Parameters<typeof testPlugin>[2]) =>
      (await testPlugin(folder, () => {}, options)).map(({ id, state }) => `${state} ${id}`);
    const only = "example";
    const failed = ["ok examples", "failed example sharpen.json"];
    assertEquals(await states({ only }), failed);
    const good = ["ok examples", "ok example sharpen.json"];
    assertEquals(await states({ only, accept: true }), good);
    assertEquals(await states({ only }), good, "what was accepted is expected from now on");
    assertEquals(await states({ only: "sharpen limits" }), ["ok lab.sharpen limits"]);
  }));

Deno.test("testPlugin passes on what a plugin prints", () =>
  withPluginFolder(
    { "sharpen.ts": [RETURN, `    console.log("at work");\n${RETURN}`] },
    async (folder) => {
      const printed: string[] = [];
      await testPlugin(folder, () => {}, { only: "example", print: (text) => printed.push(text) });
      assertIncludes(printed.join(""), "at work");
    },
  ));

/** A plugin with a format; `read` is what its reader does with the bytes. */
function formatPlugin(read: string): string {
  return `import { AdatomError, createImage, defineFormat, definePlugin } from "@core";
  const row = defineFormat({
    id: "lab.row", kind: "image", title: "Row", extensions: ["row"],
    signatures: [{ at: 3, bytes: "ROW1" }],
    async read(bytes, { path }) {
      ${read}
      throw new AdatomError("FILE_CORRUPT", { cannot: "read " + path, expected: "a row", got: "none" });
    },
  });
  export default definePlugin({
    id: "lab.row", version: "1.0.0", api: "^1.1", summary: "Reads rows of pixels", license: "MIT",
    formats: [row],
  });`;
}

/** What a reader does with noise, and the row of it. */
const READERS: readonly (readonly [read: string, state: string, detail: RegExp])[] = [
  ["", "ok", /^20 of 20 files of noise refused, the others read$/],
  [
    `if (String.fromCharCode(...bytes.subarray(3, 7)) === "ROW1") {
      return [createImage({ width: 1, height: 1 })];
    }`,
    "ok",
    /^10 of 20 files of noise refused, the others read$/,
  ],
  [
    "bytes.none.of();",
    "failed",
    /with lab\.row \(plugin lab\.row 1\.0\.0\): expected .*reading 'of'/,
  ],
  ["return [];", "failed", /expected a list of images, got a list of 0/],
];

Deno.test("testPlugin gives noise to readers, with and without their signature", async () => {
  for (const [read, state, detail] of READERS) {
    await withPluginFolder({ "plugin.ts": formatPlugin(read) }, async (folder) => {
      const [row, ...others] = await testPlugin(folder, () => {}, { only: "noise" });
      assertEquals([row.id, row.state, others.length], ["lab.row noise", state, 0], row.detail);
      assertIncludes(row.detail, detail);
    });
  }
});

/** Saboteurs, several in one plugin where they are found by different rows. */
const SABOTEURS: readonly {
  readonly what: string;
  readonly changes: Readonly<Record<string, FileChange>>;
  /** The rows that fail, and what they say; no other may fail. */
  readonly found: Readonly<Record<string, string | RegExp>>;
  readonly produced?: string;
}[] = [
  {
    what: "reads a file in secret, has a type error, a failing test and a wrong expectation",
    changes: {
      "sharpen.ts": [
        RETURN,
        `try { Deno.readTextFileSync("/etc/hostname"); } catch { /**/ }\n${RETURN}`,
      ],
      "extra.ts": '/** One. */\nexport const one: number = "1";\n',
      "sharpen_test.ts": 'Deno.test("one", () => { throw new Error("one is two"); });\n',
      "examples/sharpen.json": ['"amount": 1', '"amount": 2'],
    },
    found: {
      types: /TS2322.*Type 'string' is not assignable to type 'number'/,
      "unit-tests": /one is two/,
      "example sharpen.json":
        /^expected numbers within 0.001 of expected.tif, got a difference of [\d.]+; what was produced is in produced\/sharpen\/image.tif$/,
      permissions:
        /^expected nothing to be reached for but inputs, got read of "\/etc\/hostname" and \d+ more$/,
    },
    produced: "produced/sharpen/image.tif",
  },
  {
    what: "is random, never reports progress, has no example and no word in its README",
    changes: {
      "sharpen.ts": [LOOP, "out[0] += Math.random();"],
      "sharpen_test.ts": null,
      "examples/sharpen.json": null,
      "README.md": "# A plugin\n",
    },
    found: {
      docs: "expected a word about lab.sharpen in README.md, got none",
      "unit-tests": "expected tests, got none",
      examples: "expected an example of lab.sharpen in examples/, got none",
      "lab.sharpen same-bytes":
        "Expected the same bytes from the same inputs, got others in a second run",
      "lab.sharpen progress": "Expected reports of progress, got none",
      "lab.sharpen stops":
        "Expected CANCELLED when cancelled at the first report of progress, got a result",
    },
  },
  {
    what: "swallows the cancel, lacks its expected file and a comment",
    changes: {
      "sharpen.ts": [LOOP, `try { ${LOOP} } catch { /**/ }`],
      "sharpen_test.ts": NO_TESTS,
      "extra.ts": "export const one = 1;\n",
      "examples/expected.tif": null,
    },
    found: {
      docs: /^expected a comment on every export, got none on sharpen\/extra.ts:1 one$/,
      "example sharpen.json":
        'expected the file "expected.tif", got none; what was produced is in ' +
        "produced/sharpen/image.tif",
      "lab.sharpen stops":
        "Expected CANCELLED when cancelled at the first report of progress, got a result",
    },
    produced: "produced/sharpen/image.tif",
  },
  {
    what: "writes into its input",
    changes: {
      "sharpen.ts": [RETURN, `    data[0] += 1;\n${RETURN}`],
      "sharpen_test.ts": NO_TESTS,
    },
    found: {
      "example sharpen.json":
        /inputs that are left as they were, got inputs that the stage wrote into$/,
      "lab.sharpen same-bytes":
        /inputs that are left as they were, got inputs that the stage wrote/,
    },
  },
  {
    what: "does not build",
    changes: { "plugin.ts": ["export default", "export default default"] },
    found: { manifest: /expected sources that can be bundled/, types: /./, docs: /./ },
  },
];

for (const { what, changes, found, produced } of SABOTEURS) {
  Deno.test(`testPlugin finds a plugin that ${what}`, () =>
    withPluginFolder(changes, async (folder) => {
      const rows = await testPlugin(folder);
      const failed = failures(rows, folder);
      assertEquals(Object.keys(failed).sort(), Object.keys(found).sort(), JSON.stringify(failed));
      for (const [id, said] of Object.entries(found)) {
        if (typeof said === "string") assertEquals(failed[id], said);
        else assertIncludes(failed[id], said);
      }
      if (produced !== undefined) assertTrue(existsSync(join(folder, produced)), produced);
      const problem = testProblem("the folder", rows);
      const ids = rows.filter(({ state }) => state === "failed").map(({ id }) => id);
      assertEquals(problem?.code, "PLUGIN_TEST");
      assertEquals(
        problem?.message,
        `Cannot pass the plugin in "the folder": expected every check to be ok, got ${ids.length} of ` +
          `${rows.length} that failed (${ids.join(", ")}); mend what they say and run it again`,
      );
    }));
}
