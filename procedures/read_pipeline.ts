/**
 * Reads pipeline files: JSON, or YAML of the same content.
 *
 * @module
 */
import { parse, YAMLParseError } from "yaml";
import { readText } from "../core/host/files.ts";
import { AdatomError, gatherProblems } from "../core/errors.ts";
import { type PipelineDocument, readDocument } from "../core/pipeline/document.ts";

/**
 * Reads a pipeline file and checks its form.
 *
 * @throws AdatomError PIPELINE_SYNTAX, or every problem of its form at once
 */
export function readPipeline(path: string): PipelineDocument {
  return parsePipeline(readText(path), path);
}

/** Parses the text of a pipeline file; `source` names it in messages. */
export function parsePipeline(text: string, source: string): PipelineDocument {
  let value: unknown;
  try {
    value = parse(text); // JSON is YAML
  } catch (error) {
    const at = error instanceof YAMLParseError && error.linePos
      ? ` at line ${error.linePos[0].line}, column ${error.linePos[0].col}`
      : "";
    throw new AdatomError("PIPELINE_SYNTAX", {
      cannot: `read pipeline "${source}"`,
      expected: "JSON or YAML",
      got: `${(error as Error).message.split("\n")[0].replace(/ at line.*$/, "")}${at}`,
      hint: "correct it with an editor that checks the syntax",
    }, { cause: error });
  }
  const { document, problems } = readDocument(value, source);
  if (document === undefined) throw gatherProblems(`read pipeline "${source}"`, problems);
  return document;
}
