/**
 * Reads pipeline files: JSON, or YAML of the same content.
 *
 * @module
 */
import { readText } from "../core/host/files.ts";
import { AdatomError, gatherProblems } from "../core/errors.ts";
import { type PipelineDocument, readDocument } from "../core/pipeline/document.ts";
import { parseYaml, type YamlSyntaxError } from "./yaml.ts";

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
    value = parseYaml(text);
  } catch (error) {
    const { message, place } = error as YamlSyntaxError;
    const at = place === undefined ? "" : ` at line ${place.line}, column ${place.column}`;
    throw new AdatomError("PIPELINE_SYNTAX", {
      cannot: `read pipeline "${source}"`,
      expected: "JSON or YAML",
      got: `${message}${at}`,
      hint: "correct it with an editor that checks the syntax",
    }, { cause: error });
  }
  const { document, problems } = readDocument(value, source);
  if (document === undefined) throw gatherProblems(`read pipeline "${source}"`, problems);
  return document;
}
