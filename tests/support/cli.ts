/**
 * Runs the command line as its own process.
 *
 * @module
 */

/** What a command did. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Where a command runs. */
export interface CliOptions {
  readonly cwd?: string;
  /** Folder of the store; none unless told. */
  readonly cache?: string;
  /** `ADATOM_HOME`, where plugins are installed; none unless told. */
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** The command that starts `adatom` with some words. */
export function cliCommand(
  words: readonly string[],
  options: CliOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", CLI, ...words],
    cwd: options.cwd ?? Deno.cwd(),
    env: {
      NO_COLOR: "1",
      ADATOM_CACHE: options.cache ?? "/dev/null/none",
      ADATOM_HOME: options.home ?? "/dev/null/none",
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs `adatom` with some words. */
export async function runCli(
  words: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const { code, stdout, stderr } = await cliCommand(words, options).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}
