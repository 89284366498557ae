/**
 * The stage contract as a list of checks, for our own stages and for those of others.
 *
 * ```ts ignore
 * for (const { name, run } of contractChecks(myStage)) Deno.test(name, run);
 * ```
 *
 * @module
 */
import { assertEquals, assertFails, assertTrue } from "@assert";
import {
  AdatomError,
  cancelledError,
  createImage,
  type Exposures,
  type Image,
} from "../../core/mod.ts";
import { assembleHost, type Host } from "../../core/host/host.ts";
import { paramsSchema, stageHelp } from "../../core/host/describe.ts";
import { createRegistry } from "../../core/host/registry.ts";
import { executeStage } from "../../core/runner/execute.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import { createPoolRunner } from "../../core/runner/pool.ts";
import type { ParamDeclaration, PortDeclaration } from "../../core/mod.ts";
import { resolveParams } from "../../core/stage/params.ts";
import type { AnyStage } from "../../core/stage/stage.ts";
import { digestValue } from "../../core/store/digest.ts";
import { decodeValue, encodeParts } from "../../core/data/encode.ts";
import { exampleInputs, type ExampleShape } from "./examples.ts";

/** One check of the contract. */
export interface ContractCheck {
  readonly name: string;
  run(): Promise<void>;
}

/** What the checks may be told about a stage. */
export interface ContractOptions {
  /** Inputs it does good work on; made from the ports unless given. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Parameters that keep the checks quick. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Shapes no stage may fall over: a result or a typed error, never anything else. */
const EDGE_SHAPES: readonly ExampleShape[] = [
  { width: 1, height: 1, rows: 1 },
  { width: 1, height: 40, rows: 2 },
  { width: 37, height: 53, rows: 5 },
  { width: 48, height: 48, rows: 0 },
  { width: 48, height: 48, rows: 3, constant: true },
];

/** The checks every stage must pass. */
export function contractChecks(stage: AnyStage, options: ContractOptions = {}): ContractCheck[] {
  const inputs = options.inputs ?? exampleInputs(stage, { width: 64, height: 64, rows: 9 });
  const params = options.params ?? {};
  const check = (name: string, run: () => Promise<void> | void): ContractCheck => ({
    name: `${stage.id} ${name}`,
    run: async () => await run(),
  });
  return [
    check("has a declaration that is plain data with a description of everything", () => {
      const { inputs, outputs, params, id, version, api, summary } = stage;
      const plain = { id, version, api, summary, inputs, outputs, params };
      assertEquals(JSON.parse(JSON.stringify(plain)), plain);
      assertTrue(summary.length > 10 && !summary.endsWith("."), "a summary without a full stop");
      for (const [name, part] of Object.entries({ ...inputs, ...outputs, ...params })) {
        const { description } = part as { description?: string };
        assertTrue((description ?? "").length > 3, `a description of "${name}"`);
      }
      assertTrue(stageHelp(stage).includes(id));
      assertEquals(paramsSchema(stage).additionalProperties, false);
    }),
    check("refuses parameters outside their declaration", () => {
      const declarations = Object.entries(stage.params as Record<string, ParamDeclaration>);
      for (const [name, declaration] of declarations) {
        for (const [code, value] of wrongValues(declaration)) {
          const { problems } = resolveParams(stage.params, { [name]: value }, stage.id);
          assertEquals(problems.map((p) => p.code), [code], `${name} = ${JSON.stringify(value)}`);
        }
      }
      const { problems } = resolveParams(stage.params, { noSuchParameter: 1 }, stage.id);
      assertEquals(problems.map((p) => p.code), ["UNKNOWN_PARAM"]);
    }),
    check("gives the same bytes twice and leaves its inputs alone", async () => {
      const before = digestFresh(inputs);
      const one = await runOnce(stage, inputs, params);
      const two = await runOnce(stage, inputs, params);
      assertEquals(digestFresh(two), digestFresh(one));
      assertEquals(digestFresh(inputs), before, "inputs must not change");
    }),
    check("gives the same bytes in the pool, kept or cloned", async () => {
      const outputs = await runOnce(stage, inputs, params);
      assertEquals(digestFresh(structuredClone(outputs)), digestFresh(outputs));
      const bytes = new Uint8Array(
        await new Blob(encodeParts(outputs) as BlobPart[]).arrayBuffer(),
      );
      assertEquals(digestFresh(decodeValue(bytes)), digestFresh(outputs));
      if (stage.module === undefined) return;
      using host = hostOf(stage, true);
      const pooled = await host.run(stage, inputs as never, params);
      assertEquals(digestFresh(pooled), digestFresh(outputs));
    }),
    check("reports progress that never falls and ends at 1", async () => {
      const fractions: number[] = [];
      await runOnce(stage, inputs, params, { onProgress: (f) => fractions.push(f) });
      assertTrue(fractions.length > 0, "progress must be reported");
      assertEquals(fractions, [...fractions].sort((a, b) => a - b));
      assertEquals(fractions.at(-1), 1);
    }),
    check("stops when it is cancelled", async () => {
      // the first report throws, as it does in a cancelled run; a stage that never reports, or that
      // swallows the error, goes on to the end
      const cancelling: AnyStage = {
        ...stage,
        run: (given: never, values: never, context) =>
          stage.run(given, values, {
            ...context,
            progress() {
              throw cancelledError();
            },
          }),
      };
      await assertFails(() => runOnce(cancelling, inputs, params), "CANCELLED");
    }),
    check("survives small, empty and constant inputs", async () => {
      for (const shape of EDGE_SHAPES) {
        await typedOrFine(() => runOnce(stage, exampleInputs(stage, shape), params), shape);
      }
    }),
    check("keeps its word about NaN and infinite pixels", async () => {
      for (const [name, port] of Object.entries(stage.inputs as Record<string, PortDeclaration>)) {
        if (port.kind !== "image" && port.kind !== "exposures") continue;
        const spoiled = { ...inputs, [name]: spoil(inputs[name]) };
        using host = hostOf(stage, false);
        const action = () => host.run(stage, spoiled as never, params);
        if (port.nonFinite === "exclude") await typedOrFine(action, { port: name });
        else await assertFails(action, "IMAGE_NON_FINITE");
      }
    }),
  ];
}

/** Runs a stage directly and gives its outputs. */
async function runOnce(
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  { onProgress }: { onProgress?: (fraction: number) => void } = {},
): Promise<Record<string, unknown>> {
  const raw: number[] = [];
  const spied: AnyStage = {
    ...stage,
    run: (given: never, values: never, context) =>
      stage.run(given, values, {
        ...context,
        progress(fraction, note) {
          raw.push(fraction);
          context.progress(fraction, note);
        },
      }),
  };
  const { outputs } = await executeStage(
    { stage: spied, inputs, params: fullParams(stage, params), seed: 1 },
    {
      signal: new AbortController().signal,
      cancelled: () => false,
      progress: () => {},
      map: (task, items) => Promise.resolve(items.map((item) => task.call(item))),
    },
  );
  raw.forEach((fraction) => onProgress?.(fraction));
  return outputs;
}

function fullParams(stage: AnyStage, given: Readonly<Record<string, unknown>>) {
  return resolveParams(stage.params, given, stage.id).values;
}

function hostOf(stage: AnyStage, pool: boolean): Host {
  return assembleHost({
    registry: createRegistry([stage], []),
    runner: pool ? createPoolRunner(2) : createInlineRunner(),
    store: undefined,
    storeLimit: 0,
    seed: 1,
    codeOf: () => "test",
    code: () => "test",
    onEvent: () => {},
  });
}

/** The digest of a value as it is now: a remembered one would hide a change. */
function digestFresh(value: unknown): string {
  return digestValue(structuredClone(value));
}

async function typedOrFine(action: () => Promise<unknown>, what: unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    const typed = error instanceof AdatomError && error.class !== "stage" &&
      error.class !== "contract" && error.class !== "host";
    if (!typed) {
      throw new Error(`on ${JSON.stringify(what)}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function spoil(value: unknown): Image | Exposures {
  if (value !== null && typeof value === "object" && "images" in value) {
    const { images } = value as Exposures;
    return { images: [spoil(images[0]) as Image, ...images.slice(1)] };
  }
  const image = value as Image;
  const data = Float32Array.from(image.data);
  data[Math.floor(data.length / 2)] = NaN;
  data[0] = Infinity;
  return createImage({ ...image, data });
}

function wrongValues(declaration: ParamDeclaration): ["PARAM_TYPE" | "PARAM_RANGE", unknown][] {
  switch (declaration.type) {
    case "boolean":
      return [["PARAM_TYPE", "yes"]];
    case "string":
      return declaration.enum ? [["PARAM_RANGE", "no-such-choice"]] : [["PARAM_TYPE", 1]];
    case "array":
      return [["PARAM_TYPE", "1,2"]];
    default: {
      const wrong: ["PARAM_TYPE" | "PARAM_RANGE", unknown][] = [
        ["PARAM_TYPE", "many"],
        ["PARAM_TYPE", NaN],
      ];
      if (declaration.type === "integer") {
        wrong.push(["PARAM_TYPE", (declaration.minimum ?? 0) + 0.5]);
      }
      if (declaration.minimum !== undefined) wrong.push(["PARAM_RANGE", declaration.minimum - 1]);
      if (declaration.maximum !== undefined) wrong.push(["PARAM_RANGE", declaration.maximum + 1]);
      if (declaration.exclusiveMinimum !== undefined) {
        wrong.push(["PARAM_RANGE", declaration.exclusiveMinimum]);
      }
      return wrong;
    }
  }
}
