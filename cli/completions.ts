/**
 * Completions of commands, stages and options in bash and zsh, through the package tab.
 *
 * @module
 */
import type { CommandGroup, CommandSpec } from "./command.ts";
import { error } from "./terminal.ts";

const SHELLS = ["bash", "zsh"];

/** Prints the script a shell needs; gives the exit code. */
export async function completionScript(shell: string): Promise<number> {
  if (!SHELLS.includes(shell)) {
    error(
      `Cannot print completions: expected one of ${SHELLS.join(", ")}, got "${shell}"; ` +
        "say for example: adatom completions bash",
    );
    return 2;
  }
  const { default: tab } = await import("@bomb.sh/tab");
  tab.setup("adatom", "adatom", shell);
  return 0;
}

/** Answers a shell that asks for the words that may follow; gives the exit code. */
export async function completeWords(
  commands: readonly (CommandSpec | CommandGroup)[],
  words: readonly string[],
): Promise<number> {
  const { default: tab } = await import("@bomb.sh/tab");
  const asked = words.slice(words[0] === "--" ? 1 : 0);
  const all = commands.flatMap((spec) => {
    if (!("commands" in spec)) return [{ spec, path: [spec.name] }];
    tab.command(spec.name, spec.summary);
    return spec.commands.map((one) => ({ spec: one, path: [spec.name, one.name] }));
  });
  for (const { spec, path } of all) {
    const command = tab.command(path.join(" "), spec.summary);
    const more = path.every((word, i) => asked[i] === word)
      ? await spec.moreOptions?.(asked.slice(path.length)).catch(() => [])
      : [];
    for (const option of [...(spec.options ?? []), ...(more ?? [])]) {
      const name = /^--([a-z-]+)/.exec(option.flags)?.[1];
      if (name === undefined) continue;
      const choices = option.choices;
      if (choices === undefined) command.option(name, option.description);
      else {
        command.option(name, option.description, (complete) => {
          for (const choice of choices) complete(choice, "");
        });
      }
    }
    const first = spec.args?.[0]?.[0];
    if (first === "<owner.name>") {
      const { listPlugins } = await import("../mod.ts");
      command.argument("plugin", (complete) => {
        for (const { id, summary } of listPlugins()) complete(id, summary);
      });
    }
    if (first === "<stage>" || first === "<target>") {
      const { createHost } = await import("../mod.ts");
      using host = createHost({ runner: "inline", cache: false });
      command.argument("stage", (complete) => {
        for (const stage of host.registry.stages) complete(stage.id, stage.summary);
      });
    }
  }
  tab.command("completions", "print the completion script of a shell").argument(
    "shell",
    (complete) => SHELLS.forEach((shell) => complete(shell, "")),
  );
  tab.parse([...asked]);
  return 0;
}
