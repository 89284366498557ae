/**
 * The tutorial docs/writing-a-plugin.md, typed in as it stands: its files are written, its commands run in
 * order in one folder, and what they print is what the page says.
 *
 * - A block whose first line names a file (```` ```ts ignore file=a/b.ts ````) is written there.
 * - A block marked `sh` is run line by line: `adatom` through the command line, all else by the shell.
 *   Blocks marked `bash` are for reading.
 * - A `text` block right after an `sh` block is what all of its commands print: `...` stands for anything,
 *   on a line of its own for any number of lines; runs of blanks count as one. A line that starts with
 *   `error:` says that the last command fails, else all succeed.
 */
import { assertAtLeast, assertEquals, assertTrue } from "@assert";
import { dirname, join } from "node:path";
import { runCli } from "./support/cli.ts";
import { withFolder } from "./support/toy_host.ts";

const PAGE = new URL("../docs/writing-a-plugin.md", import.meta.url);

interface Block {
  /** Line of the page where it starts, from 1. */
  readonly line: number;
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a page of Markdown, none of them indented. */
function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map(
    ({ index, 1: language, 2: words, 3: text }) => ({
      line: page.slice(0, index).split("\n").length,
      language,
      file: /\bfile=(\S+)/.exec(words)?.[1],
      text,
    }),
  );
}

/** The words of a command line without any of a shell's finer points. */
function wordsOf(command: string): string[] {
  return command.trim().split(/\s+/);
}

/** Lines without blanks at their ends, empty lines left out. */
function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim().replaceAll(/\s+/g, " ")).filter((l) =>
    l !== ""
  );
}

/** The first line of an expected text that was not printed, or `undefined` when all of it was. */
function difference(expected: string, printed: string): string | undefined {
  const rest = linesOf(printed);
  let free = false; // whether any lines may come before the next one
  for (const line of linesOf(expected)) {
    if (line === "...") {
      free = true;
      continue;
    }
    const parts = line.split("...").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pattern = new RegExp(`^${parts.map((part) => part.trim()).join(".*")}$`);
    const at = rest.findIndex((one) => pattern.test(one));
    if (at < 0 || (at > 0 && !free)) return line;
    rest.splice(0, at + 1);
    free = false;
  }
  return free || rest.length === 0 ? undefined : `no line "${rest[0]}"`;
}

Deno.test("docs_test tells texts apart that differ", () => {
  assertEquals(difference("a ... c\n...\nz", "a b c\n\nd\ne\nz\n"), undefined);
  assertEquals(difference("a   b\n...", "a b"), undefined);
  assertEquals(difference("a (b)", "a b"), "a (b)");
  assertEquals(difference("a\nc", "a\nb\nc"), "c");
  assertEquals(difference("a", "a\nb"), 'no line "b"');
});

Deno.test("docs/writing-a-plugin.md says what happens", async () => {
  const blocks = blocksOf(await Deno.readTextFile(PAGE));
  await withFolder(async (folder) => {
    const work = join(folder, "work"), home = join(folder, "home"), cache = join(folder, "cache");
    await Deno.mkdir(work);
    const run = async (command: string) => {
      const [program, ...words] = wordsOf(command);
      if (program === "adatom") return await runCli(words, { cwd: work, home, cache });
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", command],
        cwd: work,
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, out: text(stdout), err: text(stderr) };
    };
    let commands = 0;
    for (const [i, { language, file, text, line }] of blocks.entries()) {
      if (file !== undefined) {
        await Deno.mkdir(dirname(join(work, file)), { recursive: true });
        await Deno.writeTextFile(join(work, file), text);
      }
      if (language !== "sh") continue;
      const expected = blocks[i + 1]?.language === "text" ? blocks[i + 1].text : undefined;
      const lines = text.trim().split("\n");
      const fails = /^error:/m.test(expected ?? "");
      let errFirst = "", outFirst = "";
      for (const [j, command] of lines.entries()) {
        const { code, out, err } = await run(command);
        const shown = `line ${line + j + 1}: ${command}\n${out}${err}`;
        assertEquals(code === 0, !(fails && j === lines.length - 1), shown);
        errFirst += `${err}\n${out}\n`;
        outFirst += `${out}\n${err}\n`;
        commands++;
      }
      if (expected === undefined) continue;
      // a terminal mixes the two streams; either order will do
      const missing = difference(expected, errFirst) && difference(expected, outFirst);
      assertTrue(
        missing === undefined,
        `line ${line}: expected "${missing}" in its place, got\n${outFirst}`,
      );
    }
    assertAtLeast(commands, 25);
  });
});
