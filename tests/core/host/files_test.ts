import { assertEquals, assertFails, assertTrue } from "@assert";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  readBytes,
  readImages,
  readTyped,
  writeAll,
  writeBytes,
  writeError,
} from "../../../core/host/files.ts";
import { createRegistry } from "../../../core/host/registry.ts";
import { createImage, type ImageFormat, type JsonFormat } from "../../../core/mod.ts";
import { withFolder } from "../../support/toy_host.ts";

/** A format of one byte a pixel, one row, that starts with an exclamation mark. */
const line: ImageFormat = {
  id: "io.line",
  kind: "image",
  title: "LINE",
  extensions: ["line"],
  recognizes: (head) => head[0] === 33,
  read(bytes, context) {
    if (bytes.length > 3) context.warn("LONG", "a long line");
    const data = Float32Array.from(bytes);
    return Promise.resolve([
      createImage({ name: context.name, width: data.length, height: 1, data }),
    ]);
  },
};

/** A format of a value: how many bytes the file has. */
const count: JsonFormat = {
  id: "io.count",
  kind: "json",
  type: "adatom.count",
  title: "COUNT",
  extensions: ["cnt"],
  recognizes: () => false,
  read(bytes, context) {
    if (bytes.length > 3) context.warn("LONG", "a long file");
    return Promise.resolve({ name: context.name, bytes: bytes.length });
  },
};

const registry = createRegistry([], [line, count]);

Deno.test("readTyped reads a file of a format for the port's type, and no other", async () => {
  await withFolder(async (base) => {
    const path = join(base, "a.CNT");
    writeFileSync(path, "12345");
    const read = await readTyped(registry, path, "adatom.count");
    assertEquals(read?.value, { name: "a", bytes: 5 });
    assertEquals([read?.source.path, read?.source.bytes, read?.source.page], [path, 5, 0]);
    assertEquals(read?.warnings, [{ path, code: "LONG", message: "a long file" }]);
    assertEquals(await readTyped(registry, path, "adatom.figure"), undefined);
    assertEquals(await readTyped(registry, path, undefined), undefined);
    assertEquals(await readTyped(registry, join(base, "a.json"), "adatom.count"), undefined);
  });
});

Deno.test("readImages knows a format by its bytes and by its extension", async () => {
  await withFolder(async (base) => {
    const byMagic = join(base, "a.unknown"), byName = join(base, "b.LINE");
    writeFileSync(byMagic, "!23");
    writeFileSync(byName, "1234");
    const { images, sources, warnings } = await readImages(registry, [byMagic, byName]);
    assertEquals(images.map((i) => [i.name, i.width]), [["a", 3], ["b", 4]]);
    assertEquals(sources.map((s) => s.bytes), [3, 4]);
    assertEquals(warnings, [{ path: byName, code: "LONG", message: "a long line" }]);
    assertTrue(images[0].data.buffer instanceof SharedArrayBuffer, "ready for workers");
  });
});

Deno.test("reading names what is wrong with a path and what to do", async () => {
  await withFolder(async (base) => {
    const at = (name: string) => join(base, name);
    writeFileSync(at("stack.tif"), "x");
    writeFileSync(at("empty.line"), "");
    writeFileSync(at("strange.bin"), "????");
    mkdirSync(at("folder"));
    await assertFails(
      () => readBytes(at("Stack.tiff")),
      "FILE_MISSING",
      `Cannot read "${
        at("Stack.tiff")
      }": expected a file, got nothing at that path; did you mean "${at("stack.tif")}"?`,
    );
    await assertFails(
      () => readBytes(at("none")),
      "FILE_MISSING",
      `Cannot read "${at("none")}": expected a file, got nothing at that path; check the path`,
    );
    await assertFails(
      () => readBytes(at("no/where")),
      "FILE_MISSING",
      `Cannot read "${at("no/where")}": expected a file, got nothing at that path; the folder "${
        at("no")
      }" is not there either`,
    );
    await assertFails(
      () => readBytes(at("folder")),
      "FILE_UNREADABLE",
      `Cannot read "${
        at("folder")
      }": expected a file that can be read, got a folder; name the files in it`,
    );
    await assertFails(
      () => readBytes(at("empty.line")),
      "FILE_EMPTY",
      `Cannot read "${
        at("empty.line")
      }": expected some bytes, got an empty file; copy it again from its source`,
    );
    await assertFails(
      () => readImages(registry, [at("strange.bin")]),
      "FORMAT_UNKNOWN",
      `Cannot read "${
        at("strange.bin")
      }": expected a file of images (LINE), got an unknown format; convert it to one of these`,
    );
  });
});

Deno.test("writing fails with typed errors and leaves nothing behind", async () => {
  await withFolder(async (base) => {
    const path = join(base, "a", "b.txt");
    writeBytes(path, new TextEncoder().encode("text"));
    assertEquals(new TextDecoder().decode(readBytes(path)), "text");
    await assertFails(
      () => writeBytes(join(path, "below"), new Uint8Array(1)),
      "OUTPUT_NOT_WRITABLE",
    );
    assertTrue(!existsSync(join(base, "a", "b.txt.adatom-tmp")));
  });
});

Deno.test({
  name: "writing to a full disk is an error of its own",
  ignore: Deno.build.os !== "linux", // only there is a device that is always full
  async fn() {
    let problem: unknown;
    try {
      writeAll("/dev/full", new Uint8Array(10));
    } catch (error) {
      problem = error;
    }
    await assertFails(
      () => {
        throw writeError("out/a.tif", problem);
      },
      "DISK_FULL",
      'Cannot write "out/a.tif": expected free space on the disk, got a full disk; free some space and run the same command again; finished steps are kept',
    );
  },
});
