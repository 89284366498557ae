/**
 * Descriptions made from declarations: lists, help texts and JSON Schema. Nothing is written twice.
 *
 * @module
 */
import { describePort } from "../stage/check_value.ts";
import { describeAllowed, type ParamDeclaration } from "../stage/params.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import type { AnyStage } from "../stage/stage.ts";

/** The declaration of a stage as text for a person, lines of at most about 100 characters. */
export function stageHelp(stage: AnyStage): string {
  const lines = [`${stage.id} ${stage.version}`, stage.summary];
  const { plugin } = stage;
  if (plugin !== undefined) {
    const where = plugin.trusted ? "in the pool, with all rights" : "in the sandbox";
    lines.push(`From plugin ${plugin.id} ${plugin.version}, which runs ${where}`);
  }
  lines.push("");
  const ports = (title: string, group: Readonly<Record<string, PortDeclaration>>) => {
    if (Object.keys(group).length === 0) return;
    lines.push(title);
    for (const [name, port] of Object.entries(group)) {
      const optional = port.optional ? ", optional" : "";
      lines.push(...hanging(`  ${name}`, `${describePort(port)}${optional}: ${port.description}`));
    }
    lines.push("");
  };
  ports("Inputs", stage.inputs);
  ports("Outputs", stage.outputs);
  if (Object.keys(stage.params).length > 0) {
    lines.push("Parameters");
    for (const [name, param] of Object.entries(stage.params as Record<string, ParamDeclaration>)) {
      lines.push(...hanging(`  --${kebabCase(name)}`, paramHelp(param)));
    }
  }
  return lines.join("\n").trimEnd();
}

/** One line about a parameter: what it is, what it takes, its default. */
export function paramHelp(param: ParamDeclaration): string {
  const allowed = describeAllowed(param);
  return `${param.description} (${allowed}; default ${String(param.default) || '""'})`;
}

/** `minimumSize` as `minimum-size`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The JSON Schema (2020-12) of a stage's parameters. */
export function paramsSchema(stage: AnyStage): Record<string, unknown> {
  const properties = Object.entries(stage.params as Record<string, ParamDeclaration>).map(
    ([name, param]) => [name, paramSchema(param)],
  );
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Parameters of ${stage.id} ${stage.version}`,
    description: stage.summary,
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

function paramSchema(param: ParamDeclaration): Record<string, unknown> {
  const { level: _level, affects: _affects, ...rest } = param;
  if (rest.type === "boolean" || rest.type === "string" || rest.type === "array") return rest;
  const { type, minimum, maximum, exclusiveMinimum, auto, ...words } = rest;
  const number = { type, minimum, maximum, exclusiveMinimum };
  return auto ? { ...words, anyOf: [number, { const: "auto" }] } : { ...words, ...number };
}

/** A label and a text, the text in a column of its own and wrapped. */
export function hanging(label: string, text: string, indent = 24, width = 100): string[] {
  const lines: string[] = [];
  let line = label.length < indent - 1 ? label.padEnd(indent) : label;
  if (label.length >= indent - 1) {
    lines.push(line);
    line = " ".repeat(indent);
  }
  for (const word of text.split(" ")) {
    if (line.length + word.length > width && line.trim() !== "") {
      lines.push(line.trimEnd());
      line = " ".repeat(indent);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
