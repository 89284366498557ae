import { assertEquals, assertFails, assertTrue } from "@assert";
import { definePlugin, defineStage, type Plugin } from "../../../core/mod.ts";
import { describePlugin } from "../../../core/plugin/description.ts";

const image = { kind: "image", axes: "yx", description: "Any image" } as const;

function stage(id: string) {
  return defineStage({
    id,
    version: "1.0.0",
    api: "^1.0",
    summary: "Gives the image back",
    inputs: { image },
    outputs: { image },
    params: {},
    run: ({ image }) => ({ image }),
  });
}

const GOOD: Plugin = {
  id: "lab.basics",
  version: "1.0.0",
  api: "^1.1",
  summary: "Small things of the lab",
  license: "MIT",
  stages: [stage("lab.same")],
};

const format = {
  id: "lab.same",
  kind: "image",
  title: "Same",
  extensions: ["same"],
  recognizes: () => false,
  read: () => Promise.resolve([]),
} as const;

Deno.test("definePlugin gives the very declaration back", () => {
  assertTrue(definePlugin(GOOD) === GOOD);
  const reach = { read: ["/data"], net: ["example.org:443"], env: ["HOME"], write: ["/out"] };
  assertEquals(definePlugin({ ...GOOD, permissions: reach }).permissions, reach);
  const only = { ...GOOD, stages: [], formats: [format] };
  assertEquals(definePlugin(only).formats?.[0].id, "lab.same");
});

/** Declarations that contradict themselves, and what is said of them. */
const WRONG: readonly (readonly [change: Partial<Plugin>, said: string])[] = [
  [{ id: "basics" }, 'an id like "owner.name", got "basics"'],
  [{ id: "lab.basics.more" }, 'an id like "owner.name", got "lab.basics.more"'],
  [{ id: "lab/basics" }, 'an id like "owner.name", got "lab/basics"'],
  [{ id: "lab.../../x" }, 'an id like "owner.name", got "lab.../../x"'],
  [{ version: "1.0" }, 'a version like "1.0.0", got "1.0"'],
  [{ api: "^2.0" }, 'an api range that holds 1.2.0, as "^1.1", got "^2.0"'],
  [{ api: "*" }, 'an api range that holds 1.2.0, as "^1.1", got "*"'],
  [{ summary: "Small" }, 'a summary of a few words, got "Small"'],
  [{ license: "" }, 'a license, such as "MIT", got none'],
  [{ stages: [] }, "a stage or a format, got neither"],
  [
    { stages: [stage("lab.same"), stage("other.same")] },
    'ids that start with "lab.", got "other.same"',
  ],
  [{ stages: [stage("labor.same")] }, 'ids that start with "lab.", got "labor.same"'],
  [{ formats: [format] }, 'each id once, got "lab.same" twice'],
  [
    { permissions: { run: ["sh"] } as never },
    'permissions among read, write, net, env, got "run"',
  ],
  [{ permissions: { read: [] } }, 'a list of names for permission "read", got []'],
  [
    { permissions: { net: true } as never },
    'a list of names for permission "net", got true',
  ],
  [
    { permissions: { read: ["/a,/etc"] } },
    'a list of names for permission "read", got ["/a,/etc"]',
  ],
  [
    { permissions: { env: ["HOME", ""] } },
    'a list of names for permission "env", got ["HOME",""]',
  ],
];

for (const [change, said] of WRONG) {
  Deno.test(`definePlugin refuses what is not ${said}`, async () => {
    await assertFails(
      () => definePlugin({ ...GOOD, ...change }),
      "PLUGIN_DECLARATION",
      `Cannot declare plugin "${change.id ?? GOOD.id}": expected ${said}`,
    );
  });
}

Deno.test("describePlugin gives plain data in one order, whatever the order of the declaration", () => {
  const { stages, ...others } = GOOD;
  const one = JSON.stringify(describePlugin(GOOD));
  const turned = Object.fromEntries(Object.entries({ stages, ...others }).reverse());
  assertEquals(JSON.stringify(describePlugin(turned as unknown as Plugin)), one);
  assertEquals(JSON.parse(one), {
    ...others,
    permissions: {},
    stages: [{
      id: "lab.same",
      version: "1.0.0",
      api: "^1.0",
      summary: "Gives the image back",
      random: false,
      migrates: false,
      inputs: { image },
      outputs: { image },
      params: {},
    }],
    formats: [],
  });
});
