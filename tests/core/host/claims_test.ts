import { assertEquals, assertTrue } from "@assert";
import { claimProblem, type Taken } from "../../../core/host/claims.ts";
import type { InstalledPlugin } from "../../../core/host/installed.ts";
import type { FormatDescription, PluginDescription } from "../../../core/plugin/description.ts";
import { builtinFormats, builtinStages } from "../../../plugins/mod.ts";
import { OURS } from "../../../procedures/create_host.ts";
import { bundleOf, scalePlugin } from "../../support/plugin_bundle.ts";
import { toyStages } from "../../support/toy_host.ts";

const points: FormatDescription = {
  id: "lab.points",
  kind: "table",
  title: "Points",
  extensions: ["pts"],
  signatures: [{ bytes: "PTS1" }],
  writes: false,
};

const { manifest: good } = await bundleOf(scalePlugin());

function installed(change: Partial<PluginDescription>): InstalledPlugin {
  return { id: change.id ?? good.id, manifest: { ...good, ...change } } as InstalledPlugin;
}

const NOTHING: Taken = { ...OURS, stages: [], others: [] };

function withFormat(change: Partial<FormatDescription>): PluginDescription {
  return { ...good, formats: [{ ...points, ...change }] };
}

function said(plugin: PluginDescription, taken = NOTHING): string | undefined {
  const problem = claimProblem(plugin, taken);
  if (problem !== undefined) assertEquals(problem.code, "PLUGIN_NAME_TAKEN");
  return problem?.message;
}

Deno.test("a plugin with names and files of its own claims nothing of others", () => {
  assertEquals(said(good), undefined);
  assertEquals(said(withFormat({})), undefined);
  const others = [installed({ id: "lab.other", stages: [], formats: [points] })];
  assertEquals(said(good, { ...NOTHING, others }), undefined, "another plugin of the same owner");
  assertEquals(said(good, { ...NOTHING, others: [installed({})] }), undefined, "its older version");
});

Deno.test("no owner has the name of a task of ours", () => {
  const tasks = new Set(builtinStages.map(({ id }) => id.split(".")[0]));
  assertTrue(tasks.has("peaks") && tasks.has("alignment"));
  for (const task of tasks) {
    assertEquals(
      said({ ...good, id: `${task}.x`, stages: [] }),
      `Cannot use plugin ${task}.x: expected an owner's name of its own, got "${task}", which ` +
        "Adatom's own stages have; ask its author to choose another",
    );
  }
  assertEquals(said({ ...good, id: "peak.x" }), undefined);
});

Deno.test("names of a script's stages and of other plugins are taken", () => {
  const script = { ...toyStages[0], id: "lab.scale" };
  assertEquals(
    said(good, { ...NOTHING, stages: [script] }),
    'Cannot use plugin lab.scale: expected names of its own, got "lab.scale", which a stage of ' +
      "this script has; give the script's stage another id",
  );
  const clash = "Cannot use plugin lab.scale: expected names of its own, got";
  const end = "which plugin lab.other has; remove lab.other first, or do without this one";
  const other = (change: Partial<PluginDescription>) => ({
    ...NOTHING,
    others: [installed({ id: "lab.other", stages: [], ...change })],
  });
  assertEquals(said(good, other({ stages: good.stages })), `${clash} "lab.scale", ${end}`);
  assertEquals(
    said(withFormat({}), other({ formats: [points] })),
    `${clash} "lab.points", ${end}`,
  );
  const named = other({ formats: [{ ...points, id: "lab.scale" }] });
  assertEquals(said(good, named), `${clash} "lab.scale", ${end}`, "a stage named like a format");
});

/** Starts of files that we read ourselves, and whose they are. */
const OUR_FILES: readonly (readonly [start: string, title: string])[] = [
  ["II*\0", "TIFF"],
  ["II*\0\x10\0\0\0CR", "TIFF"],
  ["MM\0*", "TIFF"],
  ["\x89PNG\r\n\x1a\n", "PNG"],
  ["\xff\xd8\xff\xe0", "JPEG"],
  ["\x93NUMPY\x01", "NPY"],
  ["PK\x03\x04", "ImageJ"],
  ["Iout", "ImageJ"],
];

Deno.test("no format claims files that we read ourselves by what they start with", () => {
  for (const [bytes, title] of OUR_FILES) {
    const message = said(withFormat({ signatures: [{ bytes: "OTHER" }, { bytes }] })) ?? "none";
    const known = builtinFormats.find((format) => message.includes(`files of ${format.title};`));
    assertTrue(known?.title.includes(title) ?? false, `${JSON.stringify(bytes)}: ${message}`);
  }
  assertEquals(
    said(withFormat({ signatures: [{ bytes: "II*\0" }] })),
    "Cannot use plugin lab.scale: expected formats that Adatom does not read itself, got " +
      "lab.points, which claims files of TIFF; ask its author to mend it",
  );
});

Deno.test("an extension of ours takes a signature beside it", () => {
  for (const extension of ["tif", "png", "csv", "npy"]) {
    const { title } = builtinFormats.find((one) => one.extensions.includes(extension))!;
    assertEquals(
      said(withFormat({ extensions: ["pts", extension], signatures: [] })),
      "Cannot use plugin lab.scale: expected a signature to know its files by, got lab.points, " +
        `known by the extension of ${title} only; ask its author to mend it`,
    );
    assertEquals(said(withFormat({ extensions: [extension] })), undefined);
  }
  assertEquals(
    said(withFormat({ signatures: [] })),
    undefined,
    "an extension of its own is enough",
  );
});
