/**
 * What a command of the command line is: its words, and the work behind them.
 *
 * @module
 */

/** One option. Its name in code is the camelCase of the flag. */
export interface OptionSpec {
  /** `--match-radius <px>`, `--json`, `--in <port=path...>` */
  readonly flags: string;
  readonly description: string;
  /** An option that may be given several times. */
  readonly repeatable?: true;
  /** For completions. */
  readonly choices?: readonly string[];
}

/** The words of a command line after parsing. */
export interface Invocation {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Ended by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments as in `<stage>` or `[dir]`, with what they are. */
  readonly args?: readonly (readonly [name: string, description: string])[];
  readonly options?: readonly OptionSpec[];
  /** Options that depend on the words given, such as the parameters of the named stage. */
  readonly moreOptions?: (words: readonly string[]) => Promise<readonly OptionSpec[]>;
  readonly examples?: readonly string[];
  /** The exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** Commands under a common first word, as `plugin add` and `plugin list`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandSpec[];
}
