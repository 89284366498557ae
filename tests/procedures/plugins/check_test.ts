import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AdatomError } from "../../../core/mod.ts";
import {
  type CheckRow,
  checkRow,
  createRows,
  sourcesOf,
  undescribed,
} from "../../../procedures/plugins/check.ts";
import { checkPluginFolder } from "../../../procedures/plugins/folder.ts";
import { scalePlugin } from "../../support/plugin_bundle.ts";
import { withFolder } from "../../support/toy_host.ts";

function withFiles(
  files: Readonly<Record<string, string>>,
  action: (folder: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    await action(folder);
  });
}

/** A plugin of plain JavaScript, which the types of TypeScript need not know about. */
const PLUGIN = { "plugin.ts": `// @ts-nocheck: plain JavaScript\n${scalePlugin()}` };
const TEXTS = { "README.md": "The stage lab.scale\n", LICENSE: "MIT\n" };

/** Rows without their times. */
function plain(rows: readonly CheckRow[]): Omit<CheckRow, "ms">[] {
  return rows.map(({ ms: _, ...row }) => row);
}

Deno.test("checkRow makes a row of whatever is thrown", async () => {
  const thrown: readonly (readonly [unknown, string])[] = [
    [new Error("one"), "one"],
    [
      new AdatomError("PARAM_TYPE", { cannot: "a", expected: "b", got: "c" }),
      "Cannot a: expected b, got c",
    ],
    ["two", "two"],
    [undefined, "undefined"],
    [null, "null"],
  ];
  for (const [error, detail] of thrown) {
    const row = await checkRow("x", () => {
      throw error;
    });
    assertEquals(plain([row]), [{ id: "x", state: "failed", detail }]);
    assertTrue(row.ms >= 0);
  }
  const row = await checkRow("x", () => Promise.resolve("seen"));
  assertEquals(plain([row]), [{ id: "x", state: "ok", detail: "seen" }]);
});

Deno.test("a plugin in order has three rows that say what was seen", () =>
  withFiles({ ...PLUGIN, ...TEXTS }, async (folder) => {
    assertEquals(plain(await checkPluginFolder(folder)), [
      { id: "manifest", state: "ok", detail: "lab.scale 1.0.0, 1 stage, 0 formats, 1 KiB" },
      { id: "types", state: "ok", detail: "1 files" },
      { id: "docs", state: "ok", detail: "every export is described" },
    ]);
  }));

Deno.test("README, license and types are missed one by one, though nothing builds", () =>
  withFiles({ "plugin.ts": "export default {", "a.ts": "export {};" }, async (folder) => {
    const told: CheckRow[] = [];
    const docsOf = async () => {
      const rows = await checkPluginFolder(folder, (row) => told.push(row));
      assertEquals(rows.map(({ state }) => state), ["failed", "failed", "failed"]);
      return rows[2].detail;
    };
    assertEquals(await docsOf(), 'expected a file "README.md", got none');
    assertEquals(told.map(({ id }) => id), ["manifest", "types", "docs"]);
    assertIncludes(told[0].detail, /^Cannot build the plugin in /);
    assertIncludes(told[1].detail, /error.*plugin\.ts/);
    writeFileSync(join(folder, "README.md"), "anything");
    assertEquals(await docsOf(), 'expected a file "LICENSE", got none');
    writeFileSync(join(folder, "LICENSE"), "MIT");
    assertIncludes(await docsOf(), /SyntaxError/);
  }));

Deno.test("a folder without plugin.ts is no plugin to check", () =>
  withFolder(async (folder) => {
    await assertFails(() => checkPluginFolder(folder), "PLUGIN_SOURCE");
  }));

Deno.test("a check that fails as an earlier one of its group did is skipped, and says so", async () => {
  const told: CheckRow[] = [];
  const { rows, row } = createRows((one) => told.push(one));
  const fail = (message: string) => () => {
    throw new Error(message);
  };
  await row("a", fail("On 1 x 1: Cannot run it"), "stage");
  await row("b", fail("On no rows: Cannot run it"), "stage");
  await row("c", fail("Cannot run it"));
  await row("d", fail("Cannot stop it"), "stage");
  await row("e", () => "seen", "stage");
  assertEquals(plain(rows), [
    { id: "a", state: "failed", detail: "On 1 x 1: Cannot run it" },
    { id: "b", state: "skipped", detail: "fails as a does" },
    { id: "c", state: "failed", detail: "Cannot run it" },
    { id: "d", state: "failed", detail: "Cannot stop it" },
    { id: "e", state: "ok", detail: "seen" },
  ]);
  assertEquals(told, rows);
  const some = createRows(() => {}, "arg");
  for (const id of ["large", "small"]) await some.row(id, () => "");
  assertEquals(some.rows.map(({ id }) => id), ["large"]);
});

Deno.test("sourcesOf leaves out what is not the plugin's own", () => {
  const files = ["b.ts", "a/a.ts", "node_modules/x/x.ts", "a/node_modules/x.ts", "dist/plugin.ts"];
  const more = ["produced/x.ts", "distance/x.ts", "plugin.js", "ts"];
  return withFiles(
    Object.fromEntries([...files, ...more].map((name) => [name, ""])),
    (folder) => {
      assertEquals(sourcesOf(folder), ["a/a.ts", "b.ts", "distance/x.ts"]);
      return Promise.resolve();
    },
  );
});

const MODULE = `/** Described. */
export const good = 1;
export const bad = 2;
export function worse() {}
/** Two ways. */
export function over(a: string): void;
export function over(a: number): void;
export function over(_: unknown): void {}
export interface Bare {}
interface Used {
  a: 1;
}
/** Uses what is not exported. */
export const user: Used = { a: 1 };
const inner = { parts: [user] };
export default { inner };
`;

Deno.test("undescribed names the exports without a comment, where they are", () => {
  const again = 'export { good, bad as renamed } from "./a.ts";\n';
  return withFiles({ "a.ts": MODULE, "b.ts": again }, async (folder) => {
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    assertEquals((await undescribed(["a.ts"], folder)).sort(), [
      `${name}/a.ts:3 bad`,
      `${name}/a.ts:4 worse`,
      `${name}/a.ts:9 Bare`,
    ]);
    assertEquals(await undescribed(["b.ts"], folder), [`${name}/a.ts:3 renamed`]);
  });
});
