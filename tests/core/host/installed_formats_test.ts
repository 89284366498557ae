import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageFormat } from "../../../core/mod.ts";
import type { SourceFile } from "../../../core/host/files.ts";
import { requestDigest } from "../../../core/host/run_record.ts";
import { createHost, type Host, type HostEvent } from "../../../mod.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { installText } from "../../support/plugin_bundle.ts";
import { ramp, withFolder } from "../../support/toy_host.ts";

/** A plugin with one format of images: a row of a pixel a byte behind its signature. */
function rowPlugin(
  { id = "lab.row", version = "1.0.0", fields = "", pages = "[image]" } = {},
): string {
  return `const format = {
  id: "${id}", kind: "image", title: "Row", extensions: ["row"], signatures: [{ bytes: "ROW1" }],
  read(bytes, { name, path, warn }) {
    const data = Float32Array.from(bytes.subarray(4));
    const image = { name, width: data.length, height: 1, data, sourceType: "uint8", pixelSize: null };
    if (data.length > 3) warn("LONG", "a long row in " + path + "\\x1b[31m");
    return ${pages};
  },
  ${fields}
};
export default {
  id: "${id}", version: "${version}", api: "^1.0", summary: "A plugin of the tests",
  license: "MIT", formats: [format],
};
`;
}

interface Work {
  readonly home: string;
  readonly events: HostEvent[];
  at(name: string, content: string | Uint8Array): string;
  host(): Host;
}

function withHome(action: (work: Work) => Promise<void>): Promise<void> {
  return withFolder(async (home) => {
    const events: HostEvent[] = [];
    await action({
      home,
      events,
      at(name, content) {
        writeFileSync(join(home, name), content);
        return join(home, name);
      },
      host: () =>
        createHost({
          plugins: join(home, "plugins"),
          cache: false,
          runner: "inline",
          onEvent: (event) => events.push(event),
        }),
    });
  });
}

Deno.test("a plugin's format is known by its signature, whatever the file is called", () =>
  withHome(async ({ home, at, host: open, events }) => {
    await installText(home, rowPlugin());
    using host = open();
    const names = ["a.row", "b", "c.tif", "d.csv"];
    const paths = names.map((name) => at(name, "ROW1AB"));
    const { images, sources } = await host.readExposures(paths);
    assertEquals(images.map(({ name, data }) => [name, ...data]), [
      ["a", 65, 66],
      ["b", 65, 66],
      ["c", 65, 66],
      ["d", 65, 66],
    ]);
    const { plugin } = host.registry.formats.find(({ id }) => id === "lab.row")!;
    const reader = `lab.row@1.0.0 ${plugin!.sha256}`;
    assertEquals(sources.map((source) => source.reader), names.map(() => reader));
    const long = at("long.row", "ROW1ABCD");
    await host.readImage(long);
    assertEquals(events, [{
      type: "file-warning",
      warning: { path: long, code: "LONG", message: `a long row in ${long} [31m` },
    }]);
  }));

Deno.test("a file of ours is read by us, though a plugin has its extension", () =>
  withHome(async ({ home, at, host: open }) => {
    await installText(home, rowPlugin().replace('["row"]', '["row", "tif", "csv"]'));
    using host = open();
    const { images, sources } = await host.readExposures([
      at("a.tif", await tiff.write([ramp()])),
      at("b.row", await tiff.write([ramp()])),
    ]);
    assertEquals(sources.map((source) => source.reader), [undefined, undefined]);
    assertEquals(images.map(({ width }) => width), [3, 3]);
    assertEquals((await host.readTable(at("a.csv", "x,y\n1,2\n"))).length, 1);
    const unsigned = at("c.row", "no signature");
    assertEquals((await host.readImage(unsigned)).width, 8, "by its extension, for want of better");
  }));

/** What files of ours start with, in part or in whole. */
const OURS = ["II*", "II*\0", "MM\0*", "\x89PNG", "BM6", "PK\x03\x04", "\xff\xd8\xff"];

for (const signature of OURS) {
  Deno.test(`a plugin that claims ${JSON.stringify(signature)} does not get our files`, () =>
    withHome(async ({ home, at, host: open }) => {
      await installText(home, rowPlugin().replace('"ROW1"', JSON.stringify(signature)));
      using host = open();
      const path = at("a.dat", await tiff.write([ramp()]));
      const { sources } = await host.readExposures([path]);
      assertEquals(sources[0].reader, undefined);
    }));
}

Deno.test("two plugins that read one file are asked for a decision of the user", () =>
  withHome(async ({ home, at, host: open }) => {
    await installText(home, rowPlugin());
    await installText(home, rowPlugin({ id: "other.row" }));
    using host = open();
    for (const path of [at("a.bin", "ROW1AB"), at("b.row", "no signature")]) {
      await assertFails(
        () => host.readImage(path),
        "FORMAT_AMBIGUOUS",
        `Cannot read "${path}": expected one plugin that reads such a file, got lab.row and ` +
          "other.row; remove all but one of them with: adatom plugin remove OWNER.NAME",
      );
    }
    assertEquals((await host.readImage(at("c.tif", await tiff.write([ramp()])))).width, 3);
  }));

/** What a reader gives instead of images, and what is said of it. */
const NO_IMAGES: readonly (readonly [gives: string, got: string])[] = [
  ["[]", "a list of 0"],
  ["null", "null"],
  ["image", "image (float32 yx, 2 x 1)"],
  ["[image, 1]", "a list of 2"],
  ["[{ ...image, width: 3 }]", "a list of 1"],
  ["[{ ...image, sourceType: 'int12' }]", "a list of 1"],
  ["{ length: 0, columns: {}, units: {} }", "table of "],
];

Deno.test("what a plugin's reader gives is checked", () =>
  withHome(async ({ home, at, host: open }) => {
    const path = at("a.row", "ROW1AB");
    for (const [pages, got] of NO_IMAGES) {
      await installText(home, rowPlugin({ pages }));
      using host = open();
      await assertFails(
        () => host.readImage(path),
        "OUTPUT_TYPE",
        `Cannot read "${path}" with lab.row (plugin lab.row 1.0.0): expected a list of images, got ` +
          `${got}; report it to the author of lab.row`,
      );
    }
    await installText(home, rowPlugin().replace('"image", title', '"table", title'));
    using host = open();
    const { message } = await assertFails(() => host.readTable(path), "OUTPUT_TYPE");
    assertIncludes(message, "expected a table, got a list of 1; report it");
  }));

Deno.test("what a plugin's writer gives is checked as well", () =>
  withHome(async ({ home, host: open }) => {
    const writes = {
      "write: ([image]) => Uint8Array.of(82, ...image.data)": [82, 0, 1, 2, 3, 4, 5],
      'write: () => "ROW1"': "string",
      "write: () => undefined": "nothing",
      "write: () => Float32Array.of(1)": "object",
    };
    for (const [fields, wanted] of Object.entries(writes)) {
      await installText(home, rowPlugin({ fields }));
      using host = open();
      const format = host.registry.formats.find(({ id }) => id === "lab.row") as ImageFormat;
      if (Array.isArray(wanted)) assertEquals([...await format.write!([ramp()])], wanted);
      else {
        await assertFails(
          async () => await format.write!([ramp()]),
          "OUTPUT_TYPE",
          "Cannot write a file with lab.row (plugin lab.row 1.0.0): expected the bytes of a file, " +
            `got ${wanted}; report it to the author of lab.row`,
        );
      }
    }
    await installText(home, rowPlugin());
    using host = open();
    const reads = host.registry.formats.find(({ id }) => id === "lab.row")!;
    assertTrue(!("write" in reads), "a format that only reads has no write");
  }));

Deno.test("the reader is part of what a run was asked to do", () =>
  withHome(async ({ home, at, host: open }) => {
    const path = at("a.row", "ROW1AB");
    const digests: string[] = [];
    const digestOf = (files: readonly SourceFile[]) =>
      requestDigest({
        pipeline: { format: "adatom-pipeline/1", name: "p", steps: [], outputs: {} },
        params: {},
        inputs: { image: files },
        seed: 1,
      });
    for (const version of ["1.0.0", "1.0.1"]) {
      await installText(home, rowPlugin({ version }));
      using host = open();
      const { sources } = await host.readExposures(path);
      assertIncludes(sources[0].reader!, `lab.row@${version} `);
      digests.push(digestOf(sources), digestOf([{ ...sources[0], path: "elsewhere.row" }]));
      const { reader: _, ...ours } = sources[0];
      digests.push(digestOf([ours]));
    }
    const [first, moved, ours, second] = digests;
    assertEquals(first, moved, "where a file lies does not matter");
    assertEquals(new Set([first, ours, second]).size, 3);
  }));
