import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { rejects } from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assembleHost, type Host } from "../../../core/host/host.ts";
import { createRegistry } from "../../../core/host/registry.ts";
import {
  createImage,
  createTable,
  defineStage,
  type ImageFormat,
  type PluginOrigin,
} from "../../../core/mod.ts";
import { createInlineRunner } from "../../../core/runner/inline.ts";
import { builtinFormats } from "../../../plugins/mod.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import {
  largestDifference,
  readExamples,
  runExample,
} from "../../../procedures/plugins/examples.ts";
import { ramp, withFolder } from "../../support/toy_host.ts";

const image = { kind: "image", axes: "yx", description: "Any image" } as const;

const stage = defineStage({
  id: "lab.scale",
  version: "1.0.0",
  api: "^1.0",
  summary: "Multiplies every pixel",
  inputs: { image },
  outputs: {
    image,
    points: { kind: "table", columns: { x: "px", y: "px" }, description: "Points" },
    facts: { kind: "json", description: "Facts" },
  },
  params: { factor: { type: "number", default: 2, description: "The factor" } },
  run: ({ image }, { factor }) => ({
    image: { ...image, data: image.data.map((v) => factor * v) },
    points: createTable({ x: Float64Array.of(1, factor), y: Float64Array.of(0, 0) }),
    facts: { name: "scaled", factor },
  }),
});

const row: ImageFormat = {
  id: "lab.row",
  kind: "image",
  title: "Row",
  extensions: ["row"],
  plugin: { id: "lab.scale", version: "1.0.0", sha256: "0" } as PluginOrigin,
  recognizes: (head) => head[0] === 33,
  read: (bytes) =>
    Promise.resolve([
      createImage({ width: bytes.length, height: 1, data: Float32Array.from(bytes) }),
    ]),
};

function makeHost(): Host {
  return assembleHost({
    registry: createRegistry([stage], [...builtinFormats, row]),
    runner: createInlineRunner(),
    store: undefined,
    storeLimit: 0,
    seed: 1,
    codeOf: () => "",
    code: () => "",
    onEvent: () => {},
  });
}

/** The folder of a plugin with one example and the files of it. */
function withExample(
  example: unknown,
  files: Readonly<Record<string, string | Uint8Array>>,
  action: (folder: string, run: () => Promise<string>) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    mkdirSync(join(folder, "examples", "expected"), { recursive: true });
    for (
      const [name, content] of Object.entries({ "one.json": JSON.stringify(example), ...files })
    ) {
      writeFileSync(join(folder, "examples", name), content);
    }
    const host = makeHost();
    await action(folder, async () => await runExample(host, folder, readExamples(folder)[0]));
    host.close();
  });
}

/** Examples of a wrong form, and what is said of them. */
const WRONG: readonly (readonly [example: unknown, said: string])[] = [
  [[], "a map, got a list of 0"],
  [{ stage: "lab.scale" }, '"/expected", got nothing'],
  [{ expected: {} }, 'either "stage" or "format", got neither'],
  [{ stage: "a", format: "b", expected: {} }, 'either "stage" or "format", got both'],
  [{ format: "lab.row", expected: "a.tif" }, 'a "file" for the format, got none'],
  [
    { stage: "a", expected: {}, tolerance: -1 },
    'a number from 0 to Infinity at "/tolerance", got -1',
  ],
  [{ stage: "a", expected: {}, input: {} }, 'only declared names, got "/input"'],
  [{ stage: "a", inputs: { image: 1 }, expected: {} }, 'a text at "/inputs/image", got 1'],
];

Deno.test("readExamples refuses examples of another form, and says where", async () => {
  for (const [example, said] of WRONG) {
    await withExample(example, {}, async (folder) => {
      await assertFails(
        () => readExamples(folder),
        "FILE_CORRUPT",
        `Cannot read the example "${
          join(folder, "examples", "one.json")
        }": expected ${said}; see ` +
          "docs/writing-a-plugin.md",
      );
    });
  }
  await withExample({}, { "one.json": "{" }, async (folder) => {
    await assertFails(() => readExamples(folder), "FILE_CORRUPT");
  });
  await withFolder((folder) => assertEquals(readExamples(folder), []));
});

const EXAMPLE = {
  stage: "lab.scale",
  inputs: { image: "in.tif" },
  params: { factor: 3 },
  expected: { image: "out.tif", points: "points.csv", facts: "expected/facts.json" },
  tolerance: 0.01,
};

const FILES = {
  "in.tif": await tiff.write([ramp()]),
  "out.tif": await tiff.write([{ ...ramp(), data: ramp().data.map((v) => 3 * v + 0.005) }]),
  "points.csv": "x,y\n1,0\n3,0\n",
  "expected/facts.json": '{"name":"scaled","factor":3}',
  "note.txt": "no example",
};

Deno.test("an example of a stage runs on its files, and every expected output is compared", () =>
  withExample(EXAMPLE, FILES, async (folder, run) => {
    assertIncludes(await run(), /^largest difference 0\.00(4|5)\d*$/);
    assertTrue(!existsSync(join(folder, "produced")), "nothing is kept when all is well");
  }));

/** What is changed in the good example, what is said, and what is kept. */
const DIFFERENT: readonly (readonly [
  example: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, string>>,
  said: RegExp,
  kept?: string,
])[] = [
  [
    { tolerance: 0.001 },
    {},
    /^expected numbers within 0.001 of out.tif, got a difference of 0.00\d+; what was produced is in produced\/one\/image.tif$/,
    "produced/one/image.tif",
  ],
  [
    {},
    { "points.csv": "x,y\n1,0\n3,0\n4,0\n" },
    /^expected points.csv, got 2 numbers instead of 3 in "points.columns.x"; what was/,
    "produced/one/points.csv",
  ],
  [
    {},
    { "expected/facts.json": '{"name":"other","factor":3}' },
    /^expected expected\/facts.json, got "scaled" instead of "other" in "facts.name"; what was/,
    "produced/one/facts.json",
  ],
  [
    { expected: { imagine: "out.tif" } },
    {},
    /^expected an output "imagine", got none of that name$/,
  ],
  [
    { expected: { image: "none.tif" } },
    {},
    /^expected the file "none.tif", got none; what was produced is in produced\/one\/image.tif$/,
    "produced/one/image.tif",
  ],
  [{ inputs: { picture: "in.tif" } }, {}, /^expected an input of lab.scale, got "picture"$/],
  [{ stage: "lab.scael" }, {}, /did you mean "lab.scale"/],
  [{ params: { factor: "3" } }, {}, /^Cannot set parameter "factor" of lab.scale/],
];

Deno.test("an example that differs says how, and keeps what was produced", async () => {
  for (const [example, files, said, kept] of DIFFERENT) {
    await withExample({ ...EXAMPLE, ...example }, { ...FILES, ...files }, async (folder, run) => {
      await rejects(run, (error: Error) => {
        assertIncludes(error.message, said);
        return true;
      });
      if (kept !== undefined) assertTrue(existsSync(join(folder, kept)), kept);
      else assertTrue(!existsSync(join(folder, "produced")));
    });
  }
});

Deno.test("an example of a format reads a file with it, and with no other", async () => {
  const example = { format: "lab.row", file: "in.row", expected: "out.tif" };
  const image = createImage({ width: 2, height: 1, data: Float32Array.of(33, 50) });
  const files = { "in.row": "!2", "out.tif": await tiff.write([image]) };
  await withExample(
    example,
    files,
    async (_, run) => assertEquals(await run(), "largest difference 0"),
  );
  await withExample({ ...example, file: "out.tif" }, files, async (_, run) => {
    await rejects(
      run,
      /^Error: expected lab.row to recognize out.tif, got another format that did$/,
    );
  });
  await withExample({ ...example, format: "lab.none" }, files, async (_, run) => {
    await rejects(run, /^Error: expected a format of the plugin, got "lab.none"$/);
  });
});

Deno.test("largestDifference compares everything but what files do not keep", () => {
  const difference = (a: unknown, b: unknown) => largestDifference(a, b, "v");
  const table = createTable({ name: ["a"], x: Float64Array.of(1) }, { x: "px" });
  const here = { ...ramp(), name: "here", pixelSize: { x: 1, y: 1, unit: "nm" } };
  const there = { ...ramp(), name: "there", sourceType: "uint8" };
  assertEquals(difference(here, there), 0);
  assertEquals(
    difference(there, here),
    'null instead of {"x":1,"y":1,"unit":"nm"} in "v.pixelSize"',
  );
  assertEquals(difference(table, { ...table, units: {} }), 0);
  const renamed = { ...table, columns: { ...table.columns, name: ["b"] } };
  assertEquals(difference(renamed, table), '"b" instead of "a" in "v.columns.name.0"');
  assertEquals(difference({ units: "px" }, { units: "nm" }), '"px" instead of "nm" in "v.units"');
  const arrays = (...values: number[]) => Float64Array.from(values);
  assertEquals(difference(arrays(1, 5, 2), arrays(1, 2, 2)), 3);
  assertEquals(difference(arrays(NaN, Infinity), arrays(NaN, Infinity)), 0);
  assertEquals(difference(arrays(NaN, 1), arrays(0, 1)), NaN, "also when others follow");
  assertEquals(difference(arrays(Infinity), arrays(0)), Infinity);
  assertEquals(difference(arrays(1), arrays(1, 2)), '1 numbers instead of 2 in "v"');
  assertEquals(difference([1, { a: 0 }], [1.5, { a: 2 }]), 2);
  assertEquals(difference({ a: NaN, b: 9 }, { a: 1, b: 1 }), NaN);
  assertEquals(difference({ a: 1 }, {}), '1 instead of nothing in "v.a"');
  assertEquals(difference({}, { a: null }), 'nothing instead of null in "v.a"');
});
