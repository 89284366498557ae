/**
 * What `run` and `explain` work on: a stage by its id, or a pipeline file by its path.
 *
 * @module
 */
import type { AnyStage, Host, ParamDeclaration, PipelineDocument } from "../mod.ts";
import type { OptionSpec } from "./command.ts";

/** A stage or a pipeline. */
export interface Target {
  readonly host: Host;
  readonly stage: AnyStage | undefined;
  /** The pipeline to run when these inputs are given. */
  pipeline(inputs: readonly string[]): Promise<PipelineDocument>;
}

/** Options of commands that take a target. */
export const targetOptions: readonly OptionSpec[] = [
  {
    flags: "--in <port=path>",
    description: "files of an input, several separated by commas, or a folder of them",
    repeatable: true,
  },
  { flags: "--params <file>", description: "parameters from a JSON file" },
  {
    flags: "--set <step.param=value>",
    description: "set a parameter of one step of a pipeline; may be repeated",
    repeatable: true,
  },
];

/** The target named by the first word that is no option; `undefined` when there is none. */
export async function chooseTarget(words: readonly string[]): Promise<Target | undefined> {
  const name = words.find((word) => !word.startsWith("-"));
  if (name === undefined) return undefined;
  const { createHost, pipelineOfStage, readPipeline } = await import("../mod.ts");
  const host = createHost({ runner: "inline", cache: false });
  const isFile = /\.(json|ya?ml)$/i.test(name);
  const stage = isFile ? undefined : host.registry.get(name);
  return {
    host,
    stage,
    pipeline: (inputs) =>
      Promise.resolve(stage === undefined ? readPipeline(name) : pipelineOfStage(stage, inputs)),
  };
}

/** The parameters of a target by name. */
export async function targetDeclarations(
  target: Target,
): Promise<Record<string, ParamDeclaration>> {
  if (target.stage !== undefined) return target.stage.params;
  const { pipelineParams } = await import("../mod.ts");
  const infos = pipelineParams(await target.pipeline([]), target.host.registry.find);
  return Object.fromEntries(Object.entries(infos).map(([name, info]) => [name, info.declaration]));
}

/** The files of `--in port=path,path` options by port. */
export async function filesOf(texts: unknown): Promise<Record<string, string[]>> {
  const { filesInFolder, isFolder } = await import("../mod.ts");
  const files: Record<string, string[]> = {};
  for (const [port, list] of await pairsOf("--in", "port=path", texts)) {
    const paths = list.split(",").flatMap((path) => isFolder(path) ? filesInFolder(path) : path);
    (files[port] ??= []).push(...paths);
  }
  return files;
}

/** The values of `--as output=format` options, and of others like it. */
export async function namedPairs(flag: string, texts: unknown): Promise<Record<string, string>> {
  return Object.fromEntries(await pairsOf(flag, "output=format", texts));
}

async function pairsOf(
  flag: string,
  form: string,
  texts: unknown,
): Promise<(readonly [string, string])[]> {
  const { AdatomError } = await import("../mod.ts");
  return ((texts as readonly string[] | undefined) ?? []).map((text) => {
    const match = /^([A-Za-z][A-Za-z0-9-]*)=(.+)$/s.exec(text);
    if (match !== null) return [match[1], match[2]] as const;
    throw new AdatomError("MISSING_ARGUMENT", {
      cannot: `use ${flag} "${text}"`,
      expected: form,
      got: `"${text}"`,
      hint: flag === "--in" ? "write for example --in image=picture.tif" : undefined,
    });
  });
}
