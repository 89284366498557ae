import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import fc from "fast-check";
import { basename, dirname, join } from "node:path";
import {
  createHost,
  isAdatomError,
  labelExposures,
  type PipelineDocument,
  runToFolder,
  simulation,
} from "../../mod.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { exportRoCrate } from "../../procedures/export_ro_crate.ts";
import {
  all,
  brokenRequirements,
  type Entity,
  graphOf,
  main,
  root,
  targets,
} from "../support/ro_crate.ts";
import { withFolder } from "../support/toy_host.ts";

const pipeline: PipelineDocument = {
  format: "adatom-pipeline/1",
  name: "find-and-refine",
  description: "Finds columns and refines them",
  inputs: { image: { kind: "image", axes: "yx", description: "An image of columns" } },
  params: {
    polarity: { of: ["found.polarity", "columns.polarity"] },
    blur: { of: "found.blur", description: "Blur of the search" },
  },
  steps: [
    { id: "found", stage: "peaks.findfoci@^1.0", in: { image: "$inputs.image" } },
    {
      id: "columns",
      stage: "refinement.gaussian@^1.0",
      in: { image: "$inputs.image", peaks: "found.peaks" },
    },
  ],
  outputs: { peaks: "found.peaks", columns: "columns.columns" },
};

/** A finished run in a new folder, and where its input lay. */
async function makeRun(folder: string): Promise<{ run: string; input: string }> {
  using host = createHost({ cache: false, runner: "inline", seed: 3 });
  const { exposures } = await host.run(simulation.scene, {}, {
    width: 96,
    height: 80,
    exposures: 1,
    spacing: 13,
  });
  const input = join(folder, "my image.tif");
  await Deno.writeFile(input, await tiff.write(exposures.images));
  const run = join(folder, "run");
  const params = { blur: 1.5, "columns.sweeps": 4 };
  await runToFolder(host, { pipeline, files: { image: [input] }, params, out: run });
  return { run, input };
}

/** A labeled set of two exposure sets. */
async function makeLabeledSet(folder: string): Promise<string> {
  using host = createHost({ cache: false, runner: "inline", seed: 4 });
  const sets = [];
  for (const [i, name] of ["first one", "second"].entries()) {
    const { exposures } = await host.run(simulation.scene, {}, {
      width: 128,
      height: 112,
      exposures: 3,
      spacing: 13,
      driftTotal: 4,
    }, { seed: 4 + i });
    const path = join(folder, `${name}.tif`);
    await Deno.writeFile(path, await tiff.write(exposures.images));
    sets.push({ name, paths: [path] });
  }
  const out = join(folder, "set");
  const about = { title: "Two lattices", license: "CC-BY-4.0", citation: "A. Author (2026)" };
  await labelExposures(host, { sets, out, about });
  return out;
}

Deno.test("exportRoCrate keeps every MUST of the profiles and says what the run record says", async () => {
  await withFolder(async (folder) => {
    const { run, input } = await makeRun(folder);
    const crate = exportRoCrate(run);
    assertEquals(brokenRequirements(crate), []);
    const graph = graphOf(crate);
    const record = JSON.parse(await Deno.readTextFile(join(run, "run.json")));

    const source = graph.get(`#sha256-${record.inputs.image[0].sha256}`)!;
    assertEquals([source.name, source.contentSize], [
      basename(input),
      String(Deno.statSync(input).size),
    ]);
    assertEquals(targets(source.exampleOfWork), ["#input/image"]);

    const action = all(graph, "CreateAction").find((a) => a.name === "Run of find-and-refine")!;
    assertEquals(targets(action.object), [
      String(source["@id"]),
      "#value/polarity",
      "#value/blur",
      "#value/columns.sweeps",
      "#seed",
    ]);
    assertEquals(targets(action.result), ["columns.csv", "peaks.csv"]);
    assertEquals(Date.parse(String(action.endTime)), Date.parse(record.ended));
    assertEquals(graph.get("peaks.csv")!.sha256, record.outputs["peaks.csv"]);
    assertEquals(graph.get("#value/blur")!.value, 1.5);
    assertEquals(graph.get("#param/blur")!.defaultValue, undefined);
    assertEquals(graph.get("#param/polarity")!.defaultValue, "bright");
    assertEquals(graph.get("#value/columns.sweeps")!.exampleOfWork, undefined);
    const steps = all(graph, "HowToStep").map(({ name, position }) => [name, position]);
    assertEquals(steps, [["found", "0"], ["columns", "1"]]);
    const passed = targets(graph.get("#step/found/run/0")!.result)[0];
    assertTrue(targets(graph.get("#step/columns/run/0")!.object).includes(passed));
    assertEquals(graph.get("#license")!.name, "No license stated");
  });
});

Deno.test("exportRoCrate gives the same bytes again, wherever the folder lies, and no path", async () => {
  await withFolder(async (folder) => {
    const { run } = await makeRun(folder);
    const texts = (path: string) =>
      exportRoCrate(path).files.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]);
    const first = texts(run);
    assertEquals(first.map(([name]) => name), ["pipeline.json", "ro-crate-metadata.json"]);
    assertEquals(JSON.parse(first[0][1]), pipeline);
    assertTrue(!JSON.stringify(first).includes(folder), "no path of the machine");
    const moved = join(folder, "moved");
    Deno.renameSync(run, moved);
    for (const [name, text] of first) Deno.writeTextFileSync(join(moved, name), text);
    assertEquals(texts(moved), first);
  });
});

Deno.test("exportRoCrate describes a labeled set of several exposure sets", async () => {
  await withFolder(async (folder) => {
    const crate = exportRoCrate(await makeLabeledSet(folder));
    assertEquals(brokenRequirements(crate), []);
    const graph = graphOf(crate);
    const { name, license, citation } = root(graph);
    assertEquals([name, targets(license)[0], citation], [
      "Two lattices",
      "https://spdx.org/licenses/CC-BY-4.0",
      "A. Author (2026)",
    ]);
    const sources = targets(graph.get("#input/exposures")!.workExample).map((id) => graph.get(id)!);
    assertEquals(sources.map((file) => file.name), ["first one.tif", "second.tif"]);
    assertIncludes(String(sources[0].description), "Exposures of first one.");
    assertEquals(targets(graph.get("#control/drift")!.object), [
      "#step/drift/run/0",
      "#step/drift/run/1",
    ]);
    // outputs that are written under other names are known by digest, one for each set
    assertEquals(targets(graph.get("#output/labels")!.workExample).length, 2);
    assertTrue(graph.has("report.html") && graph.has("catalog.csv"));
  });
});

Deno.test("exportRoCrate names the plugin a stage came from, with its digest", async () => {
  await withFolder(async (folder) => {
    const { run } = await makeRun(folder);
    const sha256 = "ab".repeat(32);
    await edit(
      run,
      (record) => record.steps[0].plugin = { id: "lab.peaks", version: "2.1.0", sha256 },
    );
    const crate = exportRoCrate(run);
    assertEquals(brokenRequirements(crate), []);
    const graph = graphOf(crate);
    const plugin = graph.get("#plugin/lab.peaks@2.1.0")!;
    assertEquals([plugin.name, plugin.softwareVersion, plugin.sha256], [
      "lab.peaks",
      "2.1.0",
      sha256,
    ]);
    const tools = targets(main(graph).hasPart).map((id) => targets(graph.get(id)!.isPartOf)[0]);
    assertEquals(tools, ["#plugin/lab.peaks@2.1.0", `#adatom-${tools[1].slice(8)}`]);
  });
});

// deno-lint-ignore no-explicit-any
async function edit(run: string, change: (record: any) => void): Promise<void> {
  const path = join(run, "run.json");
  const record = JSON.parse(await Deno.readTextFile(path));
  change(record);
  await Deno.writeTextFile(path, JSON.stringify(record));
}

Deno.test("exportRoCrate refuses what is no finished, whole run", async () => {
  await withFolder(async (folder) => {
    const { run } = await makeRun(folder);
    const good = await Deno.readTextFile(join(run, "run.json"));
    const fails = async (code: Parameters<typeof assertFails>[1], message: string) =>
      await assertFails(() => exportRoCrate(run), code, `Cannot ${message}`);
    const read = `read the run in "${run}"`;

    await edit(run, (record) => record.format = "adatom-run/9");
    await fails(
      "FILE_CORRUPT",
      `${read}: expected a run.json of format "adatom-run/1", got "adatom-run/9"; run the same command again with this version of Adatom`,
    );
    await Deno.writeTextFile(join(run, "run.json"), "[]");
    await fails(
      "FILE_CORRUPT",
      `${read}: expected a run.json of format "adatom-run/1", got another kind of file; run the same command again with this version of Adatom`,
    );
    await Deno.writeTextFile(join(run, "run.json"), good);
    await edit(run, (record) => record.status = "cancelled");
    await fails(
      "FILE_CORRUPT",
      `${read}: expected a run that is done, got one that is cancelled; run the same command again to finish it`,
    );
    await Deno.writeTextFile(join(run, "run.json"), good);
    await edit(run, (record) => record.outputs["../run.json"] = "00".repeat(32));
    await fails(
      "FILE_CORRUPT",
      `${read}: expected a whole run.json, got one whose "outputs" is not as a run writes it; restore the file, or run the same command again`,
    );
    await Deno.writeTextFile(join(run, "run.json"), good);
    await edit(run, (record) => delete record.pipeline.steps);
    await fails(
      "FILE_CORRUPT",
      `${read}: expected a whole run.json, got one whose "pipeline" is not as a run writes it; restore the file, or run the same command again`,
    );
    await Deno.writeTextFile(join(run, "run.json"), good);
    await Deno.writeTextFile(join(run, "peaks.csv"), "x,y,height\n");
    await fails(
      "FILE_CORRUPT",
      `${read}: expected output "peaks.csv" as the run wrote it, got other bytes; restore the file, or run the same command again`,
    );
    await Deno.remove(join(run, "peaks.csv"));
    await fails(
      "FILE_MISSING",
      `${read}: expected its output "peaks.csv", got no such file; restore the file, or run the same command again`,
    );
    await Deno.writeTextFile(join(run, "pipeline.json"), "x");
    const digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"; // of "x"
    await edit(run, (record) => record.outputs = { "pipeline.json": digest });
    await fails(
      "OUTPUT_EXISTS",
      `export the run in "${run}": expected no output named "pipeline.json", which is a file of the crate, got one; give that output of the pipeline another name and run it again`,
    );
    await Deno.remove(join(run, "run.json"));
    await fails(
      "FILE_MISSING",
      `${read}: expected a run.json, got none; name the folder given to --out of \`adatom run\` or \`adatom label\``,
    );
  });
});

Deno.test("exportRoCrate makes a crate of an edited record or fails with a typed error", async () => {
  await withFolder(async (folder) => {
    const { run } = await makeRun(folder);
    const good = JSON.parse(await Deno.readTextFile(join(run, "run.json")));
    const places = allPlaces(good);
    const property = fc.property(
      fc.constantFrom(...places),
      fc.oneof(fc.jsonValue(), fc.constant(undefined)),
      (place, value) => {
        const record = structuredClone(good);
        // deno-lint-ignore no-explicit-any
        const parent = place.slice(0, -1).reduce((at: any, key) => at[key], record);
        parent[place.at(-1)!] = value;
        Deno.writeTextFileSync(join(run, "run.json"), JSON.stringify(record));
        try {
          exportRoCrate(run);
        } catch (error) {
          assertTrue(isAdatomError(error), `${place.join(".")}: ${error}`);
        }
      },
    );
    fc.assert(property, { numRuns: 400 });
  });
});

/** The path of every value in some JSON. */
function allPlaces(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [...path, key],
    ...allPlaces(child, [...path, key]),
  ]);
}

/** The profiles the validator checks by name. */
const PROFILES = [
  "workflow-ro-crate",
  "process-run-crate",
  "workflow-run-crate",
  "provenance-run-crate",
];

/** What the profiles recommend and a crate of ours leaves out, with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "The Application SHOULD have a url": "Adatom has no home page",
  "The SoftwareApplication id SHOULD be an absolute URI": "Adatom has no home page",
  "The Action SHOULD have an endTime in ISO 8601 format":
    "a step's duration is known, not its time",
  "The Action SHOULD have an agent that is a Person or Organization": "the record names no person",
  "The Root Data Entity SHOULD have a link to a Contextual Entity representing the `author` of the RO-Crate":
    "the record names no person",
  "The `publisher` property of a `Root Data Entity` SHOULD be an `Organization`":
    "the record names no organization",
  "The README.md SHOULD be about the crate": "there is no README.md",
  "The README.md SHOULD have text/markdown as its encodingFormat": "there is no README.md",
  "The Main Workflow SHOULD comply with Bioschemas ComputationalWorkflow profile version 1.0 or later":
    "that demands a creator, a license and an address of the pipeline",
};

/**
 * Fills the validator's cache with the two JSON-LD contexts a crate names, so that it needs no network:
 * the one of RO-Crate 1.1 as the package `rocrate` has it, and the terms of workflow runs.
 */
const FILL_CACHE = `
import io, json, pathlib, sys
import requests, rocrate
from requests_cache import CachedSession
from urllib3.response import HTTPResponse
RUN = "https://w3id.org/ro/terms/workflow-run"
TERMS = ("ParameterConnection ContainerImage connection sourceParameter targetParameter md5 sha1 "
    "sha256 sha512 environment registry tag containerImage resourceUsage").split()
packaged = pathlib.Path(rocrate.__file__).with_name("data") / "ro-crate.jsonld"
PAGES = {
    "https://w3id.org/ro/crate/1.1/context": json.loads(packaged.read_text()),
    RUN + "/context": {"@context": {term: RUN + "#" + term for term in TERMS}},
}
assert PAGES["https://w3id.org/ro/crate/1.1/context"]["@id"].endswith("/1.1/context")
class Local(requests.adapters.BaseAdapter):
    def close(self): pass
    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url
        response.headers["Content-Type"] = "application/ld+json"
        body = io.BytesIO(json.dumps(PAGES[request.url]).encode())
        response.raw = HTTPResponse(
            body=body, status=200, headers=response.headers, preload_content=False)
        return response
session = CachedSession(cache_name=sys.argv[1], backend="sqlite", expire_after=-1)
session.mount("https://", Local())
for url in PAGES: session.get(url).raise_for_status()
`;

async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertTrue(code === 0 || code === 1, text); // 1: some check failed
  return text;
}

/** The failed checks of a crate as pairs of severity and text. */
async function validate(
  validator: string,
  crate: string,
  profile: string,
  cache: string,
): Promise<[severity: string, message: string][]> {
  const report = `${cache}.json`;
  const text = await runProgram(validator, [
    "-y",
    "validate",
    crate,
    ...["--offline", "--cache-path", cache, "--no-paging"],
    ...["-p", profile, "-l", "recommended", "-f", "json", "-o", report],
  ]);
  try {
    const { issues } = JSON.parse(await Deno.readTextFile(report));
    await Deno.remove(report);
    return issues.map((issue: Entity) => [issue.severity, issue.message]);
  } catch (error) {
    throw new Error(text, { cause: error });
  }
}

Deno.test("the validator of RO-Crates passes every required check of a run and a labeled set", async () => {
  const validator = Deno.env.get("ADATOM_ROC_VALIDATOR");
  if (validator === undefined) {
    console.log("skipped: ADATOM_ROC_VALIDATOR does not name the validator of RO-Crates");
    return;
  }
  await withFolder(async (folder) => {
    const cache = join(folder, "contexts");
    await runProgram(join(dirname(validator), "python"), ["-c", FILL_CACHE, cache]);
    const { run } = await makeRun(folder);
    const set = await makeLabeledSet(folder);
    // the last profile takes in the checks of the others
    for (const [crate, profiles] of [[run, PROFILES], [set, PROFILES.slice(-1)]] as const) {
      for (const [name, bytes] of exportRoCrate(crate).files) {
        await Deno.writeFile(join(crate, name), bytes);
      }
      for (const profile of profiles) {
        const issues = await validate(validator, crate, profile, cache);
        const unexpected = issues.filter(([severity, text]) =>
          severity === "REQUIRED" || !Object.hasOwn(LEFT_OUT, text)
        );
        assertEquals(unexpected, [], `${crate} against ${profile}`);
      }
    }
    // and it does find what is wrong
    const path = join(run, "ro-crate-metadata.json");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(/^ {6}"license": \{[^}]*\},\n/m, ""));
    const issues = await validate(validator, run, "workflow-run-crate", cache);
    assertTrue(issues.some(([severity, t]) => severity === "REQUIRED" && t.includes("license")));
  });
});
