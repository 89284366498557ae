/**
 * Parses the command line, runs a command, and turns errors into text and exit codes.
 *
 * @module
 */
import { Command, CommanderError, Option } from "commander";
import process from "node:process";
import config from "../deno.json" with { type: "json" };
import type { ErrorCode, ErrorParts } from "../mod.ts";
import type { CommandGroup, CommandSpec, OptionSpec } from "./command.ts";
import { bench } from "./bench.ts";
import { completeWords, completionScript } from "./completions.ts";
import { describe } from "./describe.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { exportRun } from "./export.ts";
import { label } from "./label.ts";
import { model } from "./model.ts";
import { plugin } from "./plugin.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import { schema } from "./schema.ts";
import { simulate } from "./simulate.ts";
import { stages } from "./stages.ts";
import { train } from "./train.ts";
import { bold, error as printError, out } from "./terminal.ts";

/** Every command, in the order help lists them. */
export const commands: readonly (CommandSpec | CommandGroup)[] = [
  label,
  run,
  explain,
  replay,
  exportRun,
  evaluate,
  simulate,
  train,
  bench,
  stages,
  describe,
  schema,
  model,
  plugin,
  doctor,
];

/** The exit code of a bug of ours. */
const EXIT_BUG = 70;

/** How long a cancelled run may take to end by itself before the process is ended. */
const GRACE_MS = 800;

/** Runs a command line and gives the exit code. */
export async function runProgram(words: readonly string[]): Promise<number> {
  if (words[0] === "complete") return completeWords(commands, words.slice(1));
  let exitCode = 0;
  const program = new Command("adatom")
    .description("Find atomic columns in electron micrographs, and label repeated exposures.")
    .usage("COMMAND [ARGUMENTS] [OPTIONS]")
    .helpCommand(false)
    .helpOption("-h, --help", "show this help")
    .version(config.version, "-V, --version", "show the version")
    .configureHelp({ styleTitle: bold, showGlobalOptions: false })
    .configureOutput({ writeOut: out, writeErr: () => {} })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText(
      "after",
      `
${bold("Start here:")}
  adatom simulate --out scene            make ten noisy exposures with known truth
  adatom label scene/exposures.tif --out set   label them, then open set/report.html
  adatom COMMAND --help                  everything a command takes`,
    );
  const add = async (parent: Command, spec: CommandSpec, given: readonly string[] | undefined) => {
    const command = parent.command(spec.name).summary(spec.summary).description(spec.summary)
      .helpOption("-h, --help", "show this help")
      .configureHelp({ styleTitle: bold });
    for (const [name, description] of spec.args ?? []) command.argument(name, description);
    for (const option of spec.options ?? []) command.addOption(toOption(option));
    for (const option of given && await spec.moreOptions?.(given) || []) {
      command.addOption(toOption(option));
    }
    if (spec.examples) {
      const lines = spec.examples.map((line) => `  ${line}`).join("\n");
      command.addHelpText("after", `\n${bold("Examples:")}\n${lines}`);
    }
    command.action(async () => {
      exitCode = await withInterrupt((signal) =>
        spec.run({ args: command.args, options: command.opts(), signal })
      );
    });
  };
  try {
    for (const spec of commands) {
      if (!("commands" in spec)) {
        await add(program, spec, words[0] === spec.name ? words.slice(1) : undefined);
        continue;
      }
      const group = program.command(spec.name).summary(spec.summary).description(spec.summary)
        .usage("COMMAND [ARGUMENTS] [OPTIONS]").helpCommand(false)
        .helpOption("-h, --help", "show this help").configureHelp({ styleTitle: bold });
      for (const one of spec.commands) {
        const asked = words[0] === spec.name && words[1] === one.name;
        await add(group, one, asked ? words.slice(2) : undefined);
      }
    }
  } catch (error) {
    return await fail(error);
  }
  program.command("completions").summary("print the completion script of a shell")
    .description("Print the script that completes commands, stages and options in a shell.")
    .argument("<shell>", "bash or zsh")
    .addHelpText("after", "\nExample:\n  source <(adatom completions bash)")
    .action(async (shell: string) => {
      exitCode = await completionScript(shell);
    });
  try {
    const group = commands.find((spec) => "commands" in spec && spec.name === words.join(" "));
    if (words.length === 0 || group !== undefined) {
      (program.commands.find((one) => one.name() === group?.name) ?? program).outputHelp();
      return 0;
    }
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    return await fail(error);
  }
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.repeatable) {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

/** Runs the work so that Ctrl-C cancels it, and ends the process if it does not answer. */
async function withInterrupt(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const interrupt = async () => {
    if (!controller.signal.aborted) {
      controller.abort();
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    }
    const { discardUnfinished } = await import("../mod.ts");
    discardUnfinished();
    printError("cancelled; run the same command again to resume");
    Deno.exit(130);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** Prints an error and gives its exit code. */
async function fail(error: unknown): Promise<number> {
  const { AdatomError, isAdatomError } = await import("../mod.ts");
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const problem = new AdatomError(...usageProblem(error.code, error.message));
    printError(problem.message);
    return problem.exitCode;
  }
  if (isAdatomError(error)) {
    printError(
      error.code === "CANCELLED"
        ? "cancelled; run the same command again to resume"
        : error.message,
    );
    return error.exitCode;
  }
  printError(
    `This is a bug of ours; please report it with the text below and run.json\n${
      error instanceof Error ? error.stack : error
    }`,
  );
  return EXIT_BUG;
}

/** Our code and words for what commander found wrong. */
export function usageProblem(code: string, message: string): [ErrorCode, ErrorParts] {
  const text = message.replace(/^error: /, "");
  const quoted = /'([^']*)'/.exec(text)?.[1] ?? text;
  const near = /\(Did you mean (?:one of )?(.*?)\?\)/s.exec(text)?.[1];
  const hint = near ? `did you mean ${near}?` : "add --help to see what there is";
  switch (code) {
    case "commander.unknownCommand": {
      const expected = "a command of adatom";
      return ["UNKNOWN_COMMAND", { cannot: `run "${quoted}"`, expected, got: `"${quoted}"`, hint }];
    }
    case "commander.missingArgument":
    case "commander.optionMissingArgument": {
      const expected = `a value for "${quoted}"`;
      return ["MISSING_ARGUMENT", { cannot: "run the command", expected, got: "nothing", hint }];
    }
    case "commander.unknownOption": {
      const cannot = `use "${quoted}"`;
      return ["UNKNOWN_OPTION", { cannot, expected: "a known option", got: `"${quoted}"`, hint }];
    }
    default:
      return ["UNKNOWN_OPTION", {
        cannot: "run the command",
        expected: "a right use",
        got: text,
        hint,
      }];
  }
}
