import { assertEquals, assertTrue } from "@assert";
import { join } from "node:path";
import { digestValue } from "../../../core/store/digest.ts";
import { decodeValue, encodeParts } from "../../../core/data/encode.ts";
import { type ActionRecord, openStore } from "../../../core/store/store.ts";
import { withFolder } from "../../support/toy_host.ts";

const value = {
  name: "a",
  list: [1, "two", null, true],
  pixels: Float32Array.of(1.5, NaN, -0),
  nested: { positions: Float64Array.of(0.1, Infinity), labels: Int32Array.of(-1) },
};

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function record(digests: Record<string, string>): ActionRecord {
  const request = { stage: "a.b", version: "1.0.0", code: "c", params: {}, inputs: {}, seed: null };
  return { request, outputs: digests, warnings: [], chosen: {} };
}

Deno.test("encoded values come back with every array in its type", () => {
  const back = decodeValue(joined(encodeParts(value))) as typeof value;
  assertEquals([...back.pixels], [1.5, NaN, -0]);
  assertTrue(back.pixels instanceof Float32Array && back.nested.labels instanceof Int32Array);
  assertEquals(back.list, value.list);
  assertEquals(Object.keys(back), Object.keys(value), "columns keep their order");
  assertEquals(digestValue(back), digestValue(value));
});

Deno.test("digest depends on every part of a value, and on the order of columns", () => {
  const turned = Object.fromEntries(Object.entries(value).reverse());
  assertTrue(digestValue(turned) !== digestValue(value));
  assertEquals(digestValue(structuredClone(value)), digestValue(value));
  assertTrue(digestValue({ ...value, name: "b" }) !== digestValue(value));
  const moved = { ...value, pixels: Float32Array.of(1.5, NaN, 0) };
  assertTrue(digestValue(moved) !== digestValue(value));
  assertTrue(digestValue({ a: Float32Array.of(1) }) !== digestValue({ a: Float64Array.of(1) }));
});

Deno.test("store counts damaged objects and records as missing", async () => {
  await withFolder((folder) => {
    const store = openStore(folder);
    const digest = digestValue(value);
    store.put("k", record({ out: digest }), { out: value });
    assertEquals(store.get("a.b", "k")?.record.outputs, { out: digest });
    const path = join(folder, "objects", digest.slice(0, 2), digest);
    const bytes = Deno.readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    Deno.writeFileSync(path, bytes);
    assertEquals(store.get("a.b", "k"), undefined);
    store.put("k", record({ out: digest }), { out: value });
    assertTrue(store.get("a.b", "k") !== undefined);
    Deno.writeTextFileSync(join(folder, "actions", "a.b", "k.json"), "{ half");
    assertEquals(store.get("a.b", "k"), undefined);
  });
});

Deno.test("store leaves no temporary files", async () => {
  await withFolder((folder) => {
    const store = openStore(folder);
    store.put("k", record({ out: digestValue(value) }), { out: value });
    const names = [...Deno.readDirSync(join(folder, "actions", "a.b"))].map((e) => e.name);
    assertEquals(names, ["k.json"]);
  });
});

Deno.test("store prunes what was not used for longest", async () => {
  await withFolder((folder) => {
    const store = openStore(folder);
    for (const key of ["old", "new"]) {
      const out = { data: new Float32Array(1000).fill(key.length), key };
      store.put(key, record({ out: digestValue(out) }), { out });
    }
    const digest = store.peek("a.b", "old")!.outputs.out;
    const path = join(folder, "objects", digest.slice(0, 2), digest);
    Deno.utimeSync(path, new Date(0), new Date(0));
    const { removed, bytes } = store.prune(6000);
    assertEquals(removed, 1);
    assertTrue(bytes <= 6000);
    assertEquals(store.get("a.b", "old"), undefined);
    assertTrue(store.get("a.b", "new") !== undefined);
  });
});
