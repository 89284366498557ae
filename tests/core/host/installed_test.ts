import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lockPath, pluginFolder, readInstalled, readLock } from "../../../core/host/installed.ts";
import { createHost, type Host, stageHelp } from "../../../mod.ts";
import { installText, scalePlugin } from "../../support/plugin_bundle.ts";
import { ramp, withFolder } from "../../support/toy_host.ts";

function hostFor(home: string): Host {
  return createHost({ plugins: join(home, "plugins"), cache: false, runner: "inline" });
}

/** The files of an installed plugin. */
function filesOf(home: string, id = "lab.scale"): { manifest: string; code: string } {
  const folder = join(home, "plugins");
  const home_ = pluginFolder(folder, id, readLock(folder).plugins[id]);
  return { manifest: join(home_, "manifest.json"), code: join(home_, "plugin.js") };
}

/** What is wrong with each broken plugin. */
function problems(home: string): [id: string, code: string, message: string][] {
  const { broken } = readInstalled(join(home, "plugins"));
  return broken.map(({ id, problem }) => [id, problem.code, problem.message]);
}

const REMOVE = "remove it and add it again: adatom plugin remove lab.scale";

Deno.test("an installed plugin is listed and described without a look at its code", async () => {
  for (const trusted of [false, true]) {
    await withFolder(async (home) => {
      await installText(home, scalePlugin({ version: "1.4.0" }), trusted);
      rmSync(filesOf(home).code);
      using host = hostFor(home);
      const stage = host.registry.get("lab.scale");
      assertEquals([stage.version, stage.plugin?.version], ["1.4.0", "1.4.0"]);
      assertEquals(stage.plugin?.trusted, trusted);
      assertIncludes(stageHelp(stage), "--factor");
      const error = await assertFails(
        () => host.run(stage, { image: ramp() }, { factor: -1 }),
        "PARAM_RANGE",
      );
      assertEquals(error.param, "factor", "requests are checked without the code as well");
      const { sha256 } = stage.plugin!;
      await assertFails(
        () => host.run(stage, { image: ramp() }),
        "PLUGIN_DIGEST",
        `Cannot load plugin lab.scale 1.4.0: expected the code that was installed (sha256 ${
          sha256.slice(0, 12)
        }...), got ENOENT; ${REMOVE}`,
      );
    });
  }
});

Deno.test("changed code of an installed plugin never runs, not even when it is trusted", async () => {
  for (const trusted of [false, true]) {
    await withFolder(async (home) => {
      await installText(home, scalePlugin(), trusted);
      const mark = join(home, "it-ran");
      writeFileSync(filesOf(home).code, `Deno.writeTextFileSync(${JSON.stringify(mark)}, "");`);
      using host = hostFor(home);
      const stage = host.registry.get("lab.scale");
      const error = await assertFails(() => host.run(stage, { image: ramp() }), "PLUGIN_DIGEST");
      assertIncludes(
        error.message,
        /, got other code \([0-9a-f]{12}\.\.\.\); remove it and add it/,
      );
      assertTrue(![...Deno.readDirSync(home)].some(({ name }) => name === "it-ran"));
    });
  }
});

Deno.test("a plugin without its manifest, or with a changed one, is broken and says so", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const { manifest } = filesOf(home);
    const text = readFileSync(manifest, "utf8");
    assertEquals(problems(home), []);
    writeFileSync(manifest, text.replace('"maximum": 100', '"maximum": 101'));
    assertEquals(problems(home), [[
      "lab.scale",
      "PLUGIN_DIGEST",
      `Cannot open plugin lab.scale: expected the manifest that was installed, got a changed one; ${REMOVE}`,
    ]]);
    rmSync(manifest);
    assertEquals(problems(home), [[
      "lab.scale",
      "PLUGIN_BROKEN",
      `Cannot open plugin lab.scale: expected its manifest "${manifest}", got ENOENT; ${REMOVE}`,
    ]]);
    rmSync(dirname(manifest), { recursive: true });
    assertEquals(problems(home).map(([, code]) => code), ["PLUGIN_BROKEN"]);
  });
});

Deno.test("the stages of a broken plugin are refused with the reason, others run", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    await installText(home, scalePlugin({ id: "other.scale" }));
    const { manifest } = filesOf(home);
    rmSync(manifest);
    using host = hostFor(home);
    const broken =
      `expected plugin lab.scale to be in order, got a broken one (Cannot open plugin ` +
      `lab.scale: expected its manifest "${manifest}", got ENOENT; ${REMOVE}); mend it with: ` +
      "adatom plugin remove lab.scale, and add it again";
    for (const id of ["lab.scale", "lab.else"]) {
      await assertFails(
        () => host.registry.get(id),
        "PLUGIN_BROKEN",
        `Cannot use stage "${id}": ${broken}`,
      );
    }
    const { image } = await host.run(host.registry.get("other.scale"), { image: ramp(1, 2, 1) });
    assertEquals([...(image as ReturnType<typeof ramp>).data], [2, 4]);
    await assertFails(() => host.registry.get("labor.scale"), "UNKNOWN_STAGE");
  });
});

/** Locks that are not as we wrote them, and what is said of them. */
const LOCKS: readonly (readonly [text: string, got: string | RegExp])[] = [
  ["", /^Unexpected end of JSON input$/],
  ["{", /JSON/],
  ["[]", /^a list of 0 where a map is expected$/],
  [
    '{"format":"adatom-plugins/2","plugins":{}}',
    /^"adatom-plugins\/2" where one of "adatom-plugins\/1" at "\/format" is expected$/,
  ],
  [
    '{"format":"adatom-plugins/1","plugins":{"lab.a":{}}}',
    /^nothing where "\/plugins\/lab.a\/version" is expected$/,
  ],
];

Deno.test("a damaged lock is one broken row, and Adatom's own stages still work", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    const path = lockPath(join(home, "plugins"));
    for (const [text, got] of LOCKS) {
      writeFileSync(path, text);
      const [[id, code, message], ...more] = problems(home);
      assertEquals([id, code, more.length], ["lock.json", "PLUGIN_BROKEN", 0]);
      const [head, tail] = [
        `Cannot read the list of installed plugins "${path}": expected the file as Adatom wrote it, got `,
        "; delete it and add your plugins again",
      ];
      assertTrue(message.startsWith(head) && message.endsWith(tail), message);
      assertIncludes(message.slice(head.length, -tail.length), got);
      await assertFails(() => readLock(join(home, "plugins")), "PLUGIN_BROKEN", message);
    }
    using host = hostFor(home);
    assertTrue(host.registry.find("peaks.findfoci") !== undefined);
    rmSync(path);
    assertEquals(readInstalled(join(home, "plugins")), { plugins: [], broken: [] });
    assertEquals(readInstalled("/dev/null/plugins"), { plugins: [], broken: [] });
  });
});

Deno.test("a plugin for another api is broken, and the message says whose move it is", async () => {
  const cases = [
    ["^2.0", "^2.0", "update Adatom"],
    ["^1.7", "^1.7", "update Adatom"],
    ["^0.9", "^0.9", "ask its author for a version for this Adatom"],
  ];
  for (const [api, range, hint] of cases) {
    await withFolder(async (home) => {
      const ofPlugin = scalePlugin().replace(
        /api: "\^1.0", summary: "A/,
        `api: "${api}", summary: "A`,
      );
      const ofStage = scalePlugin().replace(
        /api: "\^1.0", summary: "M/,
        `api: "${api}", summary: "M`,
      );
      for (const text of [ofPlugin, ofStage]) {
        await installText(home, text);
        assertEquals(problems(home), [[
          "lab.scale",
          "PLUGIN_API",
          `Cannot use plugin lab.scale 1.0.0: expected a plugin for api 1.2.0, got one for api ${range}; ${hint}`,
        ]]);
      }
    });
  }
});

Deno.test("of two plugins that have one stage id, the second is broken", async () => {
  await withFolder(async (home) => {
    await installText(home, scalePlugin());
    await installText(
      home,
      scalePlugin().replace(
        /export default \{\s+id: "lab.scale"/,
        'export default { id: "lab.second"',
      ),
    );
    using host = hostFor(home);
    assertEquals(host.registry.get("lab.scale").plugin?.id, "lab.scale");
    assertEquals(host.registry.ids.filter((id) => id === "lab.scale").length, 1);
    await assertFails(
      () => host.registry.get("lab.other"),
      "PLUGIN_BROKEN",
      'Cannot use stage "lab.other": expected plugin lab.second to be in order, got a broken one ' +
        '(Cannot use plugin lab.second: expected names of its own, got "lab.scale", which plugin ' +
        "lab.scale has; remove lab.scale first, or do without this one); mend it with: adatom plugin " +
        "remove lab.second, and add it again",
    );
  });
});
