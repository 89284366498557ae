/**
 * `adatom export`: runs and stages in the formats of others.
 *
 * @module
 */
import type { CommandSpec } from "./command.ts";
import { outLine } from "./terminal.ts";

/** The command. */
export const exportRun: CommandSpec = {
  name: "export",
  summary: "describe a run as an RO-Crate, or a stage for Bilayers",
  args: [["<target>", "folder of a finished run, or id of a stage"]],
  options: [
    { flags: "--ro-crate", description: "add what makes a run's folder a Workflow Run RO-Crate" },
    { flags: "--bilayers", description: "print a stage's description for Bilayers (YAML)" },
    { flags: "--out <file>", description: "write that description to a file" },
    { flags: "--overwrite", description: "replace files of the same names" },
    { flags: "--json", description: "print the crate's metadata and write nothing" },
  ],
  examples: [
    "adatom export drift --ro-crate",
    "adatom export peaks.findfoci --bilayers --out config.yaml",
  ],
  async run({ args: [target], options }) {
    if (options.roCrate === options.bilayers) await refuseChoice(options.roCrate === true);
    return options.roCrate ? await writeCrate(target, options) : await describe(target, options);
  },
};

type Options = Readonly<Record<string, unknown>>;

async function writeCrate(folder: string, options: Options): Promise<number> {
  const { exportRoCrate } = await import("../mod.ts");
  const { metadata, files } = exportRoCrate(folder);
  if (options.json) {
    outLine(JSON.stringify(metadata, null, 2));
    return 0;
  }
  await writeFiles(
    files.map(([name, bytes]) => [`${folder.replace(/\/+$/, "")}/${name}`, bytes]),
    options,
  );
  return 0;
}

async function describe(id: string, options: Options): Promise<number> {
  const { bilayersDescriptor, createHost, describeStage } = await import("../mod.ts");
  using host = createHost({ runner: "inline", cache: false });
  const text = bilayersDescriptor(describeStage(host.registry.get(id)));
  if (typeof options.out === "string") {
    await writeFiles([[options.out, new TextEncoder().encode(text)]], options);
  } else {
    outLine(text.trimEnd());
  }
  return 0;
}

/** Writes files; others of the same names are left alone unless told. */
async function writeFiles(
  files: readonly (readonly [path: string, bytes: Uint8Array])[],
  options: Options,
): Promise<void> {
  const { AdatomError, writeBytes } = await import("../mod.ts");
  for (const [path, bytes] of files) {
    if (options.overwrite === true || await isFreeFor(path, bytes)) continue;
    throw new AdatomError("OUTPUT_EXISTS", {
      cannot: `write "${path}"`,
      expected: "no file, or one with the same content",
      got: "another file",
      hint: "add --overwrite to replace it",
    });
  }
  for (const [path, bytes] of files) {
    writeBytes(path, bytes);
    outLine(path);
  }
}

/** Whether there is nothing at a path, or a file of the same text. */
async function isFreeFor(path: string, bytes: Uint8Array): Promise<boolean> {
  const { isAdatomError, readText } = await import("../mod.ts");
  try {
    return readText(path) === new TextDecoder().decode(bytes);
  } catch (error) {
    if (isAdatomError(error, "FILE_MISSING")) return true;
    throw error;
  }
}

async function refuseChoice(both: boolean): Promise<never> {
  const { AdatomError } = await import("../mod.ts");
  throw new AdatomError("MISSING_ARGUMENT", {
    cannot: "export",
    expected: "either --ro-crate or --bilayers",
    got: both ? "both" : "neither",
    hint: "add --ro-crate for the folder of a run, or --bilayers for a stage",
  });
}
