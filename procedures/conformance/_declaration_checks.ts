/**
 * The checks of what a stage declares. None of them runs it.
 *
 * @module
 */
import { paramsSchema, stageHelp } from "../../core/host/describe.ts";
import { type ParamDeclaration, resolveParams } from "../../core/stage/params.ts";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import { schemaProblem } from "../../core/stage/schema.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { plainFault } from "./_plain_data.ts";
import { expectThat } from "./check.ts";
import { exampleOf } from "./example_of.ts";

/** The declaration is plain data, describes everything, and gives help and a JSON Schema. */
export function checkPlainDeclaration(stage: AnyStage): void {
  const { inputs, outputs, params, id, version, api, summary } = stage;
  const fault = plainFault({ id, version, api, summary, inputs, outputs, params });
  expectThat(fault === undefined, "a declaration of plain JSON data", fault ?? "");
  expectThat(summary.length > 10, "a summary of more than 10 letters", `"${summary}"`);
  expectThat(!summary.endsWith("."), "a summary without a full stop", `"${summary}"`);
  for (const [name, part] of Object.entries({ ...inputs, ...outputs, ...params })) {
    const { description = "" } = part as { description?: string };
    expectThat(description.length > 3, `a description of "${name}"`, `"${description}"`);
  }
  expectThat(stageHelp(stage).includes(id), "help that names the stage", "none");
  const closed = paramsSchema(stage).additionalProperties === false;
  expectThat(closed, "a JSON Schema that allows declared parameters only", "an open one");
}

/** Values outside the declaration of a parameter are refused, with the right code. */
export function checkRefusesParams(stage: AnyStage): void {
  const expectCode = (code: string, name: string, value: unknown) => {
    const { problems } = resolveParams(stage.params, { [name]: value }, stage.id);
    const codes = problems.map((problem) => problem.code).join(", ") || "no problem";
    expectThat(codes === code, `${code} for ${name} = ${JSON.stringify(value)}`, codes);
  };
  const declarations = Object.entries(stage.params as Record<string, ParamDeclaration>);
  for (const [name, declaration] of declarations) {
    for (const [code, value] of wrongValues(declaration)) expectCode(code, name, value);
  }
  expectCode("UNKNOWN_PARAM", "noSuchParameter", 1);
}

/** There are values that fit the schemas of the JSON ports. */
export function checkSchemas(stage: AnyStage): void {
  const ports: Record<string, PortDeclaration> = { ...stage.inputs, ...stage.outputs };
  for (const [name, port] of Object.entries(ports)) {
    if (port.kind !== "json" || port.schema === undefined) continue;
    const example = exampleOf(port.schema);
    const problem = schemaProblem(port.schema, example);
    if (problem === undefined) continue;
    const expected = `a schema of "${name}" that some value fits`;
    expectThat(false, expected, `one that wants ${problem.expected}`);
  }
}

type WrongValue = readonly [code: "PARAM_TYPE" | "PARAM_RANGE", value: unknown];

function wrongValues(declaration: ParamDeclaration): WrongValue[] {
  switch (declaration.type) {
    case "boolean":
      return [["PARAM_TYPE", "yes"]];
    case "string":
      return declaration.enum ? [["PARAM_RANGE", "no-such-choice"]] : [["PARAM_TYPE", 1]];
    case "array":
      return [["PARAM_TYPE", "1,2"]];
    default: {
      const { type, minimum, maximum, exclusiveMinimum } = declaration;
      const wrong: WrongValue[] = [["PARAM_TYPE", "many"], ["PARAM_TYPE", NaN]];
      if (type === "integer") wrong.push(["PARAM_TYPE", Math.floor(minimum ?? 0) + 0.5]);
      if (minimum !== undefined) wrong.push(["PARAM_RANGE", Math.floor(minimum - step(minimum))]);
      if (maximum !== undefined) wrong.push(["PARAM_RANGE", Math.ceil(maximum + step(maximum))]);
      if (exclusiveMinimum !== undefined) wrong.push(["PARAM_RANGE", exclusiveMinimum]);
      return wrong.filter(([code, value]) => code === "PARAM_TYPE" || Number.isFinite(value));
    }
  }
}

/** A step that leaves a limit of any size. */
function step(limit: number): number {
  return Math.max(1, Math.abs(limit) * 1e-9);
}
