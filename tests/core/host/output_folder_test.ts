import { assertEquals, assertFails, assertTrue } from "@assert";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openOutputFolder, RUN_RECORD } from "../../../core/host/output_folder.ts";
import { withFolder } from "../../support/toy_host.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (request: string) => bytes(JSON.stringify({ request }));

/** Writes a complete output folder. */
function fill(path: string, request: string, files: Record<string, string>, overwrite = false) {
  const folder = openOutputFolder(path, request, overwrite);
  for (const [name, text] of Object.entries(files)) folder.write(name, bytes(text));
  folder.write(RUN_RECORD, record(request));
  folder.commit();
}

Deno.test("output folder appears whole, or not at all", async () => {
  await withFolder((base) => {
    const path = join(base, "a", "out");
    const folder = openOutputFolder(path, "r", false);
    folder.write("labels/one.csv", bytes("1"));
    assertTrue(!existsSync(path));
    folder.write(RUN_RECORD, record("r"));
    folder.commit();
    assertEquals(readdirSync(path).sort(), ["labels", "run.json"]);
    assertEquals(readdirSync(join(base, "a")), ["out"]);

    const other = openOutputFolder(join(base, "b"), "r", false);
    other.write("x", bytes("1"));
    other.discard();
    assertEquals(readdirSync(base), ["a"]);
  });
});

Deno.test("output folder of the same request is written over, mending what was changed", async () => {
  await withFolder((base) => {
    const path = join(base, "out");
    fill(path, "r", { "a.csv": "1" });
    writeFileSync(join(path, "a.csv"), "spoiled");
    fill(path, "r", { "a.csv": "1" });
    assertEquals(readFileSync(join(path, "a.csv"), "utf8"), "1");
  });
});

Deno.test("output folder in use is refused, and kept with --overwrite but for files of the same name", async () => {
  await withFolder(async (base) => {
    const path = join(base, "out");
    fill(path, "one", { "a.csv": "1" });
    writeFileSync(join(path, "mine.txt"), "precious");
    await assertFails(
      () => openOutputFolder(path, "two", false),
      "OUTPUT_EXISTS",
      `Cannot write to "${path}": expected a new or empty folder, or one that holds the outputs of the same request, got a folder that holds "a.csv", "mine.txt", "run.json"; choose another folder, or add --overwrite to replace files of the same names`,
    );
    fill(path, "two", { "a.csv": "2" }, true);
    assertEquals(readFileSync(join(path, "a.csv"), "utf8"), "2");
    assertEquals(readFileSync(join(path, "mine.txt"), "utf8"), "precious");
  });
});

Deno.test("output folder clears away what a killed run left, but nothing else", async () => {
  await withFolder(async (base) => {
    const path = join(base, "out");
    openOutputFolder(path, "r", false).write("half", bytes("1")); // killed here
    fill(path, "r", { "a.csv": "1" });
    assertEquals(readdirSync(path).sort(), ["a.csv", "run.json"]);

    mkdirSync(join(base, "b.partial"));
    writeFileSync(join(base, "b.partial", "mine.txt"), "precious");
    await assertFails(() => openOutputFolder(join(base, "b"), "r", false), "OUTPUT_EXISTS");
    assertEquals(readFileSync(join(base, "b.partial", "mine.txt"), "utf8"), "precious");
  });
});

Deno.test("output folder refuses a file in its place and a place that cannot be written", async () => {
  await withFolder(async (base) => {
    const file = join(base, "file");
    writeFileSync(file, "1");
    await assertFails(() => openOutputFolder(file, "r", true), "OUTPUT_EXISTS");
    await assertFails(
      () => openOutputFolder(join(file, "below"), "r", false),
      "OUTPUT_NOT_WRITABLE",
      `Cannot write "${
        join(file, "below")
      }": expected a place that can be written, got ENOTDIR; choose another folder or change its permissions`,
    );
  });
});
