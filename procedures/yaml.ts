/**
 * YAML, read and written: the one place that knows the package behind it.
 *
 * @module
 */
import { parse, stringify, YAMLParseError } from "yaml";

/** Where a text stops being YAML, counted from 1; `undefined` when that is not known. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a text that is no YAML. */
export class YamlSyntaxError extends Error {
  override readonly name = "YamlSyntaxError";

  /** Makes an error from one line of text and a place. */
  constructor(message: string, readonly place: YamlPlace | undefined, cause: unknown) {
    super(message, { cause });
  }
}

/**
 * The plain value in a YAML text; JSON is YAML.
 *
 * @throws YamlSyntaxError
 */
export function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const message = (error as Error).message.split("\n")[0].replace(/ at line.*$/, "");
    throw new YamlSyntaxError(message, at && { line: at.line, column: at.col }, error);
  }
}

/** A plain value as YAML 1.1, where a word like "on" is quoted; long texts stay on one line. */
export function stringifyYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}
