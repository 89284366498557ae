import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import process from "node:process";
import { withFolder } from "../support/toy_host.ts";
import { inTime } from "./plugin_host.ts";
import { stageCode } from "./hostile.ts";

const SCRIPT = new URL("./sandboxed_host.ts", import.meta.url).pathname;
const HOME = `adatom-plugins-${process.getuid?.()}`;

/** Starts a host with its own folder for temporary files, which is the mark of its children. */
function startHost(folder: string, code: string): Deno.ChildProcess {
  const file = join(folder, "code.js");
  Deno.writeTextFileSync(file, code);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", SCRIPT, file],
    env: { TMPDIR: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** The children of plugins whose exchange folder lies in a folder. */
function childrenIn(folder: string): number[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(
    ({ name }) => {
      try {
        const words = Deno.readTextFileSync(`/proc/${name}/cmdline`);
        return words.includes("child.gen.js") && words.includes(folder) ? [Number(name)] : [];
      } catch {
        return []; // it has ended meanwhile
      }
    },
  );
}

/** Waits for something that must come. */
async function until(condition: () => boolean, what: string, seconds: number): Promise<void> {
  const wait = async () => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await inTime(wait(), what, seconds);
}

/** The last line a host prints. */
async function outputOf(host: Deno.ChildProcess): Promise<string> {
  return new TextDecoder().decode((await host.output()).stdout).trim().split("\n").at(-1)!;
}

/** Work that never ends, each in a way that could keep a child from noticing that its host is gone. */
const ENDLESS: Readonly<Record<string, string>> = {
  "burns": "for (;;);",
  "waits": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  "floods its main thread": `for (;;) self.postMessage({ type: "garbage" });`,
  "prints": `for (;;) { console.log("x"); await wait(0); }`,
  "reports": "for (;;) { context.progress(0.5); await wait(0); }",
  "reads standard input": "for (;;) await Deno.stdin.read(new Uint8Array(100));",
  "burns in workers of its own":
    `for (let i = 0; i < 3; i++) new Worker("data:text/javascript,for(;;);", { type: "module" }); for (;;);`,
  "burns with its pipes closed":
    `const { closeSync } = await import("node:fs"); for (const fd of [0, 1, 2]) closeSync(fd); for (;;);`,
};

for (const [what, body] of Object.entries(ENDLESS)) {
  Deno.test(`the child of a killed host ends while its plugin ${what}`, async () => {
    await withFolder(async (folder) => {
      const host = startHost(folder, stageCode(`context.progress(0.1); await wait(50); ${body}`));
      const reader = host.stdout.getReader();
      assertIncludes(
        new TextDecoder().decode((await inTime(reader.read(), "starting")).value),
        "working",
      );
      assertEquals(childrenIn(folder).length, 1);
      await new Promise((resolve) => setTimeout(resolve, 150));
      host.kill("SIGKILL");
      await host.status;
      // about 10 ms where nothing else runs; the wide limit is for machines that are busy
      await until(() => childrenIn(folder).length === 0, "the end of the child", 10);
      await reader.cancel();
    });
  });
}

Deno.test("the folder of a killed host is removed by the next one", async () => {
  await withFolder(async (folder) => {
    const host = startHost(folder, stageCode("context.progress(0.1); await wait(50); for (;;);"));
    const reader = host.stdout.getReader();
    await inTime(reader.read(), "starting");
    host.kill("SIGKILL");
    await host.status;
    await reader.cancel();
    await until(() => childrenIn(folder).length === 0, "the end of the child", 10);
    const left = [...Deno.readDirSync(join(folder, HOME))].map((entry) => entry.name);
    assertEquals(left.map((name) => Number(name.split("-")[0])), [host.pid]);
    const next = startHost(folder, stageCode(`note = "went well";`));
    assertEquals(await outputOf(next), "went well");
    assertEquals([...Deno.readDirSync(join(folder, HOME))].map((entry) => entry.name), []);
  });
});

Deno.test("a folder for plugins that others can enter is not used", async () => {
  const code = stageCode("note = Deno.cwd();");
  await withFolder(async (folder) => {
    Deno.mkdirSync(join(folder, HOME));
    Deno.chmodSync(join(folder, HOME), 0o777);
    const cwd = await outputOf(startHost(folder, code));
    assertTrue(!cwd.includes(HOME), cwd);
    assertIncludes(cwd, join(folder, "adatom-plugin-"));
    const left = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    assertEquals(left.filter((name) => name.startsWith("adatom-plugin-")), []);
  });
  await withFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "elsewhere"), { mode: 0o700 });
    Deno.symlinkSync(join(folder, "elsewhere"), join(folder, HOME));
    assertTrue(!(await outputOf(startHost(folder, code))).includes("elsewhere"));
  });
});
