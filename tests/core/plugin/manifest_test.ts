import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import fc from "fast-check";
import { isAdatomError } from "../../../core/mod.ts";
import {
  manifestDifference,
  type PluginManifest,
  readManifest,
} from "../../../core/plugin/manifest.ts";

const ports = {
  image: { kind: "image", axes: "yx", nonFinite: "exclude", description: "Any image" },
  table: { kind: "table", columns: { x: "px", y: "px" }, words: ["site"], description: "Points" },
  drift: { kind: "drift", optional: true, description: "Drift" },
  cells: {
    kind: "json",
    type: "lab.cells",
    axes: "t",
    schema: { type: "array", items: { type: "number" } },
    description: "Areas",
  },
};

const params = {
  size: { type: "integer", default: 3, minimum: 1, maximum: 9, unit: "px", description: "Size" },
  blur: { type: "number", default: "auto", auto: true, exclusiveMinimum: 0, description: "Blur" },
  mode: { type: "string", enum: ["soft", "hard"], default: "soft", description: "Mode" },
  deep: { type: "boolean", default: false, level: "advanced", description: "Deep" },
  box: {
    type: "array",
    items: { type: "number", minimum: 0 },
    minItems: 2,
    maxItems: 2,
    default: [0, 0],
    description: "Box",
  },
};

const stage = {
  id: "lab.measure",
  version: "1.0.0",
  api: "^1.0",
  summary: "Measures something",
  random: false,
  migrates: true,
  inputs: { image: ports.image, drift: ports.drift },
  outputs: { table: ports.table, cells: ports.cells },
  params,
};

const GOOD = {
  format: "adatom-plugin/1",
  id: "lab.measure",
  version: "1.2.0",
  api: "^1.1",
  summary: "Measures this and that",
  license: "MIT",
  homepage: "https://example.org",
  permissions: { read: ["/data"] },
  stages: [stage],
  formats: [{
    id: "lab.points",
    kind: "table",
    title: "Points",
    extensions: ["pts"],
    signatures: [{ at: 4, bytes: "PTS" }],
    writes: true,
  }],
  bundle: { file: "plugin.js", sha256: "0".repeat(64), bytes: 10 },
};

type Path = readonly (string | number)[];

/** A copy with something else at a path; `undefined` takes it away. */
function changed<T>(value: T, path: Path, to: unknown): T {
  const copy = structuredClone(value);
  // deno-lint-ignore no-explicit-any
  const parent = path.slice(0, -1).reduce((at: any, name) => at[name], copy);
  if (to === undefined) delete parent[path.at(-1)!];
  else parent[path.at(-1)!] = to;
  return copy;
}

/** The paths of everything in a value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

Deno.test("readManifest gives a good manifest back as it is", () => {
  assertTrue(readManifest(GOOD, "m") as unknown === GOOD);
  assertTrue(readManifest(changed(GOOD, ["homepage"], undefined), "m").homepage === undefined);
  const later = changed(changed(GOOD, ["api"], "^9.0"), ["stages", 0, "api"], "^9.0");
  assertEquals(readManifest(later, "m").api, "^9.0", "the range is the host's to check");
});

const IN = ["stages", 0, "inputs", "image"] as const;
const SIZE = ["stages", 0, "params", "size"] as const;

/** What is changed, to what, and the fault that is named. */
const BROKEN: readonly (readonly [path: Path, to: unknown, said: string])[] = [
  [["format"], "adatom-plugin/2", 'one of "adatom-plugin/1" at "/format", got "adatom-plugin/2"'],
  [["id"], 5, 'a text at "/id", got 5'],
  [["id"], "lab.a/../../b", 'an id like "owner.name", got "lab.a/../../b"'],
  [["version"], "../1", 'a version like "1.0.0", got "../1"'],
  [
    ["summary"],
    "Denoises\n  may reach    its inputs only",
    'texts without control characters, got some at "/summary"',
  ],
  [
    ["stages", 0, "summary"],
    "Turns \u202eback",
    'texts without control characters, got some at "/stages/0/summary"',
  ],
  [
    ["formats", 0, "signatures", 0, "bytes"],
    "II",
    'signatures of at least 3 bytes, a character each, got "II"',
  ],
  [
    ["stages", 0, "params", "size"],
    { type: "array", default: [], description: "A list of numbers" },
    '"items" of the list parameter "size", got nothing',
  ],
  [["summary"], "short", 'a summary of a few words, got "short"'],
  [["license"], "", 'a license, such as "MIT", got none'],
  [["license"], undefined, '"/license", got nothing'],
  [["scripts"], {}, 'only declared names, got "/scripts"'],
  [["permissions"], [], 'a map at "/permissions", got a list of 0'],
  [["permissions", "run"], ["sh"], 'only declared names, got "/permissions/run"'],
  [["permissions", "read"], true, 'a list at "/permissions/read", got true'],
  [["permissions", "read"], ["a,b"], 'a list of names for permission "read", got ["a,b"]'],
  [["stages"], {}, 'a list at "/stages", got a map'],
  [["stages", 0], null, 'a map at "/stages/0", got null'],
  [["stages", 1], stage, 'each id once, got "lab.measure" twice'],
  [["stages", 0, "id"], "peaks.measure", 'ids that start with "lab.", got "peaks.measure"'],
  [["stages", 0, "id"], "lab", 'an id like "peaks.findfoci", got "lab"'],
  [["stages", 0, "version"], "1", 'a version like "1.0.0", got "1"'],
  [["stages", 0, "run"], "() => {}", 'only declared names, got "/stages/0/run"'],
  [["stages", 0, "module"], "file:///x", 'only declared names, got "/stages/0/module"'],
  [["stages", 0, "outputs"], {}, "at least one output, got none"],
  [
    [...IN, "kind"],
    "video",
    'one of "image", "exposures", "peaks", "columns", "drift", "table", "model", ' +
    '"json" at "/stages/0/inputs/image/kind", got "video"',
  ],
  [[...IN, "description"], "", 'a description of port "image", got none'],
  [["stages", 0, "inputs", "Image"], ports.image, 'camelCase names of ports, got "Image"'],
  [
    ["stages", 0, "outputs", "cells", "schema", "pattern"],
    "a",
    'a schema of port "cells" that can be checked, got the unknown word "pattern" at "/"',
  ],
  [
    ["stages", 0, "outputs", "cells", "type"],
    "cells",
    'a type like "lab.cells" of port "cells", got "cells"',
  ],
  [
    [...SIZE, "default"],
    10,
    'defaults inside their own ranges, got Cannot set parameter "size" of lab.measure: expected ' +
    "a whole number from 1 to 9 px, got 10",
  ],
  [[...SIZE, "widget"], "knob", 'only declared names, got "/stages/0/params/size/widget"'],
  [[...SIZE, "description"], "", 'a description of parameter "size", got none'],
  [["stages", 0, "params", "a b"], params.deep, 'camelCase parameter names, got "a b"'],
  [["formats", 0, "id"], "lab.measure", 'each id once, got "lab.measure" twice'],
  [["formats", 0, "kind"], "drift", 'one of "image", "table" at "/formats/0/kind", got "drift"'],
  [
    ["formats", 0, "signatures", 0, "at"],
    -1,
    'a whole number from 0 to Infinity at "/formats/0/signatures/0/at", got -1',
  ],
  [["bundle", "bytes"], 0, 'a whole number from 1 to Infinity at "/bundle/bytes", got 0'],
  [["bundle", "sha256"], undefined, '"/bundle/sha256", got nothing'],
];

Deno.test("readManifest refuses every broken variant, and names the first fault", async () => {
  for (const [path, to, said] of BROKEN) {
    await assertFails(
      () => readManifest(changed(GOOD, path, to), "m.json"),
      "PLUGIN_MANIFEST",
      `Cannot read the manifest "m.json": expected ${said}; ask the author of the plugin for a new bundle`,
    );
  }
  const empty = { ...GOOD, stages: [], formats: [] };
  const { message } = await assertFails(() => readManifest(empty, "m"), "PLUGIN_MANIFEST");
  assertIncludes(message, "expected a stage or a format, got neither");
});

/** The error, or nothing; anything but a manifest or the one typed error fails the test. */
function tryManifest(value: unknown): void {
  try {
    assertTrue(readManifest(value, "m") === value);
  } catch (error) {
    if (!isAdatomError(error, "PLUGIN_MANIFEST")) throw error;
  }
}

Deno.test("readManifest answers any JSON with a manifest or PLUGIN_MANIFEST", () => {
  fc.assert(fc.property(fc.jsonValue(), tryManifest));
  const place = fc.constantFrom(...pathsOf(GOOD).slice(1));
  fc.assert(
    fc.property(place, fc.jsonValue(), (path, to) => tryManifest(changed(GOOD, path, to))),
    { numRuns: 1000 },
  );
  for (const path of pathsOf(GOOD).slice(1)) tryManifest(changed(GOOD, path, undefined));
});

const { format: _f, bundle: _b, ...code } = GOOD as unknown as PluginManifest;
const manifest = GOOD as unknown as PluginManifest;

Deno.test("manifestDifference is silent about the same declaration, whatever is in the bundle", () => {
  assertEquals(manifestDifference(manifest, structuredClone(code)), undefined);
  const other = changed(manifest, ["bundle", "sha256"], "other");
  assertEquals(manifestDifference(other, code), undefined);
});

Deno.test("manifestDifference finds a change in any field", () => {
  for (const path of pathsOf(code).slice(1)) {
    const at = `at "/${path.join("/")}"`;
    for (const to of ["another", undefined]) {
      // taking an item out of a list moves those behind it, and so the first difference
      if (to === undefined && typeof path.at(-1) === "number") continue;
      const found = manifestDifference(manifest, changed(code, path, to));
      assertTrue(found?.includes(`${at} where the manifest says `) ?? false, `${at}: ${found}`);
    }
  }
  const more = { ...code, stages: [...code.stages, code.stages[0]] };
  assertIncludes(
    manifestDifference(manifest, more)!,
    / at "\/stages\/1" where the manifest says nothing$/,
  );
});

Deno.test("manifestDifference says what the code and the manifest say", () => {
  const says = (path: Path, to: unknown) => manifestDifference(manifest, changed(code, path, to));
  assertEquals(
    says(["permissions"], {}),
    'nothing at "/permissions/read" where the manifest says ["/data"]',
  );
  assertEquals(
    says(["permissions", "net"], ["example.org"]),
    '["example.org"] at "/permissions/net" where the manifest says nothing',
  );
  assertEquals(
    says([...SIZE, "default"], 4),
    '4 at "/stages/0/params/size/default" where the manifest says 3',
  );
});
