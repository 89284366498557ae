/**
 * Options that several commands share, and flags made from declared parameters.
 *
 * @module
 */
import type { Host, HostOptions, ParamDeclaration } from "../mod.ts";
import type { OptionSpec } from "./command.ts";
import type { Progress } from "./progress.ts";

/** Options of every command that runs stages. */
export const runOptions: readonly OptionSpec[] = [
  { flags: "--out <dir>", description: "folder for the outputs (needed)" },
  { flags: "--overwrite", description: "replace files of the same names in a folder in use" },
  { flags: "--seed <n>", description: "seed of all random numbers (default 1)" },
  { flags: "--workers <n>", description: "number of worker threads (default: one a core)" },
  { flags: "--no-cache", description: "keep no results and use none that were kept" },
  {
    flags: "--trust <owner.name>",
    description: "run this plugin in the pool, with all rights; may be repeated",
    repeatable: true,
  },
  { flags: "--time-limit <s>", description: "limit of a sandboxed stage's run (default 900 s)" },
  {
    flags: "--memory-limit <MiB>",
    description: "limit of a sandboxed stage's memory (default 2048 MiB)",
  },
  { flags: "--quiet", description: "show warnings and errors only" },
];

/** The flags of some declared parameters. */
export async function paramOptions(
  declarations: Readonly<Record<string, ParamDeclaration>>,
): Promise<OptionSpec[]> {
  const { kebabCase, paramHelp } = await import("../mod.ts");
  return Object.entries(declarations).map(([name, declaration]) => {
    const value = declaration.type === "boolean" ? "[true|false]" : `<${placeholder(declaration)}>`;
    return {
      flags: `--${kebabCase(name)} ${value}`,
      description: paramHelp(declaration),
      ...(declaration.type === "string" && declaration.enum ? { choices: declaration.enum } : {}),
    };
  });
}

/** The parameters among the options given, as values. */
export async function givenParams(
  declarations: Readonly<Record<string, ParamDeclaration>>,
  options: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { paramFromText } = await import("../mod.ts");
  const given: Record<string, unknown> = {};
  for (const [name, declaration] of Object.entries(declarations)) {
    const text = options[name];
    if (text === undefined) continue;
    given[name] = text === true ? true : paramFromText(declaration, String(text));
  }
  return given;
}

/** Reads `--set step.param=value` options. */
export async function setOptions(texts: readonly string[]): Promise<Record<string, unknown>> {
  const { AdatomError } = await import("../mod.ts");
  return Object.fromEntries(texts.map((text) => {
    const match = /^([^=]+)=(.*)$/s.exec(text);
    if (match === null) {
      throw new AdatomError("MISSING_ARGUMENT", {
        cannot: `use --set "${text}"`,
        expected: "step.parameter=value",
        got: `"${text}"`,
      });
    }
    return [match[1], jsonOrText(match[2])];
  }));
}

/** A host as the options ask for it. */
export async function hostFor(
  options: Readonly<Record<string, unknown>>,
  progress: Progress,
): Promise<Host> {
  const { createHost } = await import("../mod.ts");
  const wanted: { -readonly [key in keyof HostOptions]: HostOptions[key] } = {
    seed: await seedOf(options),
    onEvent: progress.onEvent,
  };
  if (options.workers !== undefined) {
    wanted.workers = await wholeNumber("--workers", options.workers, 1);
  }
  if (options.cache === false) wanted.cache = false;
  if (options.trust !== undefined) wanted.trust = options.trust as string[];
  const limits: { seconds?: number; memoryMiB?: number } = {};
  if (options.timeLimit !== undefined) {
    limits.seconds = await wholeNumber("--time-limit", options.timeLimit, 1);
  }
  if (options.memoryLimit !== undefined) {
    limits.memoryMiB = await wholeNumber("--memory-limit", options.memoryLimit, 64);
  }
  wanted.limits = limits;
  return createHost(wanted);
}

/** The seed the options name, or the default one. */
export async function seedOf(options: Readonly<Record<string, unknown>>): Promise<number> {
  const { DEFAULT_SEED } = await import("../mod.ts");
  return options.seed === undefined ? DEFAULT_SEED : await wholeNumber("--seed", options.seed, 0);
}

/** The folder named with `--out`. */
export async function outFolder(options: Readonly<Record<string, unknown>>): Promise<string> {
  if (typeof options.out === "string") return options.out;
  const { AdatomError } = await import("../mod.ts");
  throw new AdatomError("MISSING_ARGUMENT", {
    cannot: "write the outputs",
    expected: "a folder",
    got: "nothing",
    hint: "add --out DIR",
  });
}

async function wholeNumber(flag: string, value: unknown, minimum: number): Promise<number> {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= minimum) return number;
  const { AdatomError } = await import("../mod.ts");
  throw new AdatomError("PARAM_TYPE", {
    cannot: `use ${flag}`,
    expected: `a whole number of at least ${minimum}`,
    got: `"${value}"`,
  });
}

function placeholder(declaration: ParamDeclaration): string {
  if (declaration.unit) return declaration.unit.replaceAll(/[^A-Za-z0-9]+/g, "-");
  if (declaration.type === "array") return "n,n,...";
  return declaration.type === "string" ? "word" : "n";
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
