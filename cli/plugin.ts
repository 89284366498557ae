/**
 * `adatom plugin`: makes, tests, ships and installs plugins.
 *
 * @module
 */
import type { CheckRow, OnRow } from "../mod.ts";
import type { CommandGroup, CommandSpec } from "./command.ts";
import { confirm, err, outLine, textTable } from "./terminal.ts";

const FOLDER = ["[dir]", "folder of the plugin (default: this one)"] as const;
const ID = ["<owner.name>", "id of the plugin, as in `adatom plugin list`"] as const;
const JSON_OPTION = { flags: "--json", description: "as JSON" } as const;

const make: CommandSpec = {
  name: "new",
  summary: "make the folder of a new plugin: a stage that works, its tests, examples and docs",
  args: [
    ["<owner.name>", "id of the plugin: who you are, and what it does"],
    ["[dir]", "folder to make (default: the name)"],
  ],
  options: [
    { flags: "--author <name>", description: "name in the license (default: the owner)" },
    { flags: "--overwrite", description: "replace files of the same names in a folder in use" },
  ],
  examples: ["adatom plugin new lab.denoise", "adatom plugin new lab.denoise plugins/denoise"],
  async run({ args: [id, dir], options }) {
    const { newPlugin } = await import("../mod.ts");
    const folder = dir ?? id.slice(id.indexOf(".") + 1);
    const author = options.author === undefined ? {} : { author: String(options.author) };
    const overwrite = options.overwrite === true;
    for (const file of await newPlugin({ id, folder, overwrite, ...author })) {
      outLine(`${folder}/${file}`);
    }
    err(`\nNext: adatom plugin test ${folder}\n`);
    return 0;
  },
};

const check: CommandSpec = {
  name: "check",
  summary: "check a plugin's sources, manifest and documentation",
  args: [FOLDER],
  options: [JSON_OPTION],
  async run({ args: [folder = "."], options }) {
    const { checkPluginFolder } = await import("../mod.ts");
    return await report(folder, options.json === true, (onRow) => checkPluginFolder(folder, onRow));
  },
};

const test: CommandSpec = {
  name: "test",
  summary: "run the conformance kit on a plugin, in the sandbox its users will run it in",
  args: [FOLDER],
  options: [
    { flags: "--only <name>", description: "only checks whose name holds this" },
    { flags: "--accept", description: "take what the examples give for what they should give" },
    JSON_OPTION,
  ],
  examples: [
    "adatom plugin test denoise",
    "adatom plugin test denoise --only example --accept",
  ],
  async run({ args: [folder = "."], options }) {
    const { testPlugin } = await import("../mod.ts");
    const testing = {
      only: options.only === undefined ? undefined : String(options.only),
      accept: options.accept === true,
      print: (text: string) => err(text.replace(/^(?=.)/gm, "  | ").replace(/\n?$/, "\n")),
    };
    const work = (onRow: OnRow) => testPlugin(folder, onRow, testing);
    return await report(folder, options.json === true, work);
  },
};

const bundle: CommandSpec = {
  name: "bundle",
  summary: "make what is shipped: plugin.js and manifest.json, with its digest",
  args: [FOLDER],
  options: [
    { flags: "--out <dir>", description: "where to (default: dist in the plugin's folder)" },
    JSON_OPTION,
  ],
  async run({ args: [folder = "."], options }) {
    const { bundlePlugin } = await import("../mod.ts");
    const out = options.out === undefined ? `${folder}/dist` : String(options.out);
    const { files, manifest } = await bundlePlugin(folder, out);
    if (options.json) outLine(JSON.stringify(manifest, null, 2));
    else {
      for (const file of files) outLine(`${out}/${file}`);
      outLine(`sha256 ${manifest.bundle.sha256}`);
    }
    return 0;
  },
};

const add: CommandSpec = {
  name: "add",
  summary: "install a plugin from a folder, a bundle, an npm package or an https address",
  args: [[
    "<source>",
    "folder, manifest.json, npm:NAME[@VERSION], or https: address of a manifest",
  ]],
  options: [
    { flags: "--yes", description: "do not ask" },
    { flags: "--trust", description: "run it in the pool, with all rights of this program" },
    JSON_OPTION,
  ],
  examples: [
    "adatom plugin add plugins/denoise",
    "adatom plugin add npm:adatom-plugin-denoise@1.0.0",
    "adatom plugin add https://example.org/denoise/manifest.json",
  ],
  async run({ args: [source], options }) {
    const { AdatomError, install, permissionWords, planInstall } = await import("../mod.ts");
    const plan = await planInstall(source);
    const { manifest, source: from } = plan.found;
    const trusted = options.trust === true;
    if (plan.state === "same" && plan.previous?.trusted === trusted) {
      outLine(options.json ? JSON.stringify(plan.previous, null, 2) : `${manifest.id} is there`);
      return 0;
    }
    const permissions = permissionWords(manifest.permissions);
    const parts = [...manifest.stages, ...manifest.formats].map((part) => part.id);
    err(`${manifest.id} ${manifest.version} (${manifest.license}): ${manifest.summary}
  from         ${from}
  sha256       ${manifest.bundle.sha256}
  brings       ${parts.join(", ")}
  may reach    ${trusted ? "EVERYTHING (--trust)" : permissions.join(", ") || "its inputs only"}
${plan.previous ? `  replaces     ${plan.previous.version}\n` : ""}`);
    if (options.yes !== true && !confirm("Install it?")) {
      throw new AdatomError("PLUGIN_UNCONFIRMED", {
        cannot: `add plugin ${manifest.id} ${manifest.version}`,
        expected: "your word that it may be installed",
        got: "none",
        hint: "answer y, or add --yes",
      });
    }
    const entry = install(plan, trusted);
    if (options.json) outLine(JSON.stringify(entry, null, 2));
    else outLine(`installed ${manifest.id} ${entry.version}`);
    return 0;
  },
};

const list: CommandSpec = {
  name: "list",
  summary: "list the installed plugins",
  options: [JSON_OPTION],
  async run({ options }) {
    const { listPlugins, permissionWords } = await import("../mod.ts");
    const rows = listPlugins();
    if (options.json) {
      outLine(JSON.stringify(rows, null, 2));
      return 0;
    }
    if (rows.length === 0) {
      outLine("none; add one with: adatom plugin add");
      return 0;
    }
    outLine(textTable(
      ["plugin", "version", "state", "runs in", "may reach", "brings"],
      rows.map((row) => [
        row.id,
        row.version,
        row.state,
        row.runs,
        row.runs === "sandbox"
          ? permissionWords(row.permissions).join(", ") || "its inputs"
          : "everything",
        [...row.stages, ...row.formats].join(", "),
      ]),
    ));
    for (const { id, problem } of rows) if (problem !== undefined) outLine(`\n${id}: ${problem}`);
    return 0;
  },
};

const remove: CommandSpec = {
  name: "remove",
  summary: "remove an installed plugin",
  args: [ID],
  async run({ args: [id] }) {
    const { removePlugin } = await import("../mod.ts");
    const { version } = removePlugin(id);
    outLine(`removed ${id} ${version}`);
    return 0;
  },
};

const verify: CommandSpec = {
  name: "verify",
  summary: "check that a plugin is still what was installed (without an id: all of them)",
  args: [["[owner.name]", ID[1]]],
  async run({ args: [id] }) {
    const { listPlugins, verifyPlugin } = await import("../mod.ts");
    const ids = id === undefined ? listPlugins().map((row) => row.id) : [id];
    const problems: unknown[] = [];
    for (const one of ids) {
      try {
        const { version, sha256 } = await verifyPlugin(one);
        outLine(`${one} ${version} is as installed (sha256 ${sha256})`);
      } catch (problem) {
        outLine(`${one} is NOT as installed`);
        problems.push(problem);
      }
    }
    if (problems.length > 0) throw problems[0];
    return 0;
  },
};

/** The commands. */
export const plugin: CommandGroup = {
  name: "plugin",
  summary: "make, test, ship and install plugins",
  commands: [make, check, test, bundle, add, list, remove, verify],
};

/** Prints the rows of a check as they come, and fails when one of them did. */
async function report(
  folder: string,
  json: boolean,
  work: (onRow: OnRow) => Promise<readonly CheckRow[]>,
): Promise<number> {
  const { testProblem } = await import("../mod.ts");
  const print = ({ id, state, detail, ms }: CheckRow) =>
    outLine(`${state.padEnd(7)} ${id.padEnd(40)} ${String(ms).padStart(5)} ms  ${detail}`);
  const rows = await work(json ? () => {} : print);
  if (json) outLine(JSON.stringify(rows, null, 2));
  const problem = testProblem(folder, rows);
  if (problem !== undefined) throw problem;
  return 0;
}
