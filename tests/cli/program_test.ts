import { assertEquals } from "@assert";
import { commands, usageProblem } from "../../cli/program.ts";

Deno.test("usageProblem puts what commander found wrong into our words", () => {
  assertEquals(
    usageProblem(
      "commander.unknownCommand",
      "error: unknown command 'lable'\n(Did you mean label?)",
    ),
    ["UNKNOWN_COMMAND", {
      cannot: 'run "lable"',
      expected: "a command of adatom",
      got: '"lable"',
      hint: "did you mean label?",
    }],
  );
  assertEquals(
    usageProblem("commander.missingArgument", "error: missing required argument 'stage'")[0],
    "MISSING_ARGUMENT",
  );
  assertEquals(
    usageProblem("commander.unknownOption", "error: unknown option '--x'")[0],
    "UNKNOWN_OPTION",
  );
  assertEquals(
    usageProblem("commander.excessArguments", "error: too many arguments")[1].got,
    "too many arguments",
  );
});

Deno.test("every command has a summary, and words for its arguments", () => {
  const all = commands.flatMap((spec) => "commands" in spec ? spec.commands : [spec]);
  for (const { name, summary, args = [] } of all) {
    assertEquals(/^[a-z]/.test(summary) && !summary.endsWith("."), true, name);
    for (const [, words] of args) assertEquals(words.length > 3, true, name);
  }
});
