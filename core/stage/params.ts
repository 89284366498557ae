/**
 * Parameters: declared once as JSON-Schema-shaped literals; TypeScript infers the values.
 *
 * @module
 */
import { AdatomError, unknownNameHint } from "../errors.ts";

/** What every parameter says about itself. */
export interface Described {
  readonly title?: string;
  readonly description: string;
  /** Whom it is for; `basic` unless told. */
  readonly level?: "basic" | "advanced";
  /** Only what affects the `result` (the default) enters the cache key. */
  readonly affects?: "result" | "log";
  readonly unit?: string;
}

/** A number or whole number; with `auto`, the word "auto" lets the stage choose. */
export interface NumberParam extends Described {
  readonly type: "number" | "integer";
  readonly default: number | "auto";
  readonly auto?: true;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** A switch. */
export interface BooleanParam extends Described {
  readonly type: "boolean";
  readonly default: boolean;
}

/** A word, one of `enum` where that is given. */
export interface StringParam extends Described {
  readonly type: "string";
  readonly default: string;
  readonly enum?: readonly string[];
  /**
   * The default "auto" means what this machine offers: the host puts its own word in its place before
   * anything is looked up in the store, since results of one provider differ in bits from another's.
   */
  readonly machine?: "provider";
}

/** A list of numbers. */
export interface ListParam extends Described {
  readonly type: "array";
  readonly items: { readonly type: "number"; readonly minimum?: number; readonly maximum?: number };
  readonly default: readonly number[];
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** The declaration of one parameter. */
export type ParamDeclaration = NumberParam | BooleanParam | StringParam | ListParam;

/** The declarations of a stage's parameters by name. */
export type ParamDeclarations = Readonly<Record<string, ParamDeclaration>>;

/** The value a declared parameter has. */
export type ParamValue<D extends ParamDeclaration = ParamDeclaration> = D extends
  { readonly type: "boolean" } ? boolean
  : D extends { readonly type: "string"; readonly enum: readonly (infer E)[] } ? E
  : D extends { readonly type: "string" } ? string
  : D extends { readonly type: "array" } ? readonly number[]
  : D extends { readonly auto: true } ? number | "auto"
  : number;

/** The values of all declared parameters. */
export type ParamValues<P extends ParamDeclarations> = {
  readonly [name in keyof P]: ParamValue<P[name]>;
};

/** What a caller may give: any of the declared parameters. */
export type ParamsGiven<P extends ParamDeclarations> = {
  readonly [name in keyof P]?: ParamValue<P[name]>;
};

/** Values and problems of a set of given parameters. */
export interface ResolvedParams {
  readonly values: Readonly<Record<string, ParamValue>>;
  readonly problems: readonly AdatomError[];
}

/** Checks the given parameters and fills in the defaults; reports every problem, throws none. */
export function resolveParams(
  declarations: ParamDeclarations,
  given: Readonly<Record<string, unknown>>,
  stage: string,
): ResolvedParams {
  const values: Record<string, ParamValue> = {};
  const problems: AdatomError[] = [];
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(declarations, name)) continue;
    problems.push(
      new AdatomError("UNKNOWN_PARAM", {
        cannot: `set parameter "${name}" of ${stage}`,
        expected: "a declared parameter",
        got: `"${name}"`,
        hint: unknownNameHint(name, Object.keys(declarations)),
      }, { stage, param: name }),
    );
  }
  for (const [name, declaration] of Object.entries(declarations)) {
    const value = Object.hasOwn(given, name) && given[name] !== undefined
      ? given[name]
      : declaration.default;
    const problem = paramProblem(declaration, value);
    if (problem === undefined) {
      values[name] = value as ParamValue;
    } else {
      problems.push(
        new AdatomError(problem.code, {
          cannot: `set parameter "${name}" of ${stage}`,
          expected: describeAllowed(declaration),
          got: problem.got,
        }, { stage, param: name }),
      );
    }
  }
  return { values, problems };
}

/** What values a parameter takes, in words: `a number from 0 to 1 (px)`. */
export function describeAllowed(declaration: ParamDeclaration): string {
  switch (declaration.type) {
    case "boolean":
      return "true or false";
    case "string":
      return declaration.enum === undefined ? "a word" : `one of ${declaration.enum.join(", ")}`;
    case "array": {
      const { minItems, maxItems } = declaration;
      const count = minItems !== undefined && minItems === maxItems ? `${minItems} ` : "";
      return `a list of ${count}numbers`;
    }
    default: {
      const noun = declaration.type === "integer" ? "a whole number" : "a number";
      const low = declaration.minimum ?? declaration.exclusiveMinimum;
      const above = declaration.exclusiveMinimum !== undefined;
      const high = declaration.maximum;
      let range = "";
      if (low !== undefined && high !== undefined) {
        range = above ? ` above ${low} up to ${high}` : ` from ${low} to ${high}`;
      } else if (low !== undefined) {
        range = above ? ` above ${low}` : ` of at least ${low}`;
      } else if (high !== undefined) {
        range = ` of at most ${high}`;
      }
      const unit = declaration.unit ? ` ${declaration.unit}` : "";
      return `${noun}${range}${unit}${declaration.auto ? ", or auto" : ""}`;
    }
  }
}

/** Reads a parameter's value from a word of the command line; leaves nonsense for the check. */
export function paramFromText(declaration: ParamDeclaration, text: string): unknown {
  switch (declaration.type) {
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "string":
      return text;
    case "array":
      return text.split(",").map((part) => numberFromText(part));
    default:
      return numberFromText(text);
  }
}

function numberFromText(text: string): unknown {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

type Problem = { readonly code: "PARAM_TYPE" | "PARAM_RANGE"; readonly got: string } | undefined;

function paramProblem(declaration: ParamDeclaration, value: unknown): Problem {
  const wrongType = { code: "PARAM_TYPE" as const, got: JSON.stringify(value) ?? String(value) };
  switch (declaration.type) {
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongType;
    case "string":
      if (typeof value !== "string") return wrongType;
      return declaration.enum === undefined || declaration.enum.includes(value)
        ? undefined
        : { code: "PARAM_RANGE", got: `"${value}"` };
    case "array": {
      if (!Array.isArray(value) || value.some((v) => typeof v !== "number")) return wrongType;
      const { minItems = 0, maxItems = Infinity, items } = declaration;
      const low = items.minimum ?? -Infinity;
      const high = items.maximum ?? Infinity;
      const inside = value.length >= minItems && value.length <= maxItems &&
        value.every((v) => v >= low && v <= high);
      return inside ? undefined : { code: "PARAM_RANGE", got: JSON.stringify(value) };
    }
    default: {
      if (value === "auto" && declaration.auto) return undefined;
      if (typeof value !== "number" || !Number.isFinite(value)) return wrongType;
      if (declaration.type === "integer" && !Number.isInteger(value)) return wrongType;
      const outside = value < (declaration.minimum ?? -Infinity) ||
        value > (declaration.maximum ?? Infinity) ||
        value <= (declaration.exclusiveMinimum ?? -Infinity);
      return outside ? { code: "PARAM_RANGE", got: String(value) } : undefined;
    }
  }
}
