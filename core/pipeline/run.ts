/**
 * Runs a checked pipeline: each step as soon as its inputs are there.
 *
 * @module
 */
import { AdatomError, cancelledError } from "../errors.ts";
import { parseReference } from "./document.ts";
import type { Plan, PlannedStep } from "./check.ts";

/** The values a pipeline's references stand for, as they become known. */
export interface Values {
  /** The value of a reference; `undefined` for an optional input that was not given. */
  of(reference: string): unknown;
  setOutputs(step: string, outputs: Readonly<Record<string, unknown>>): void;
}

/** Starts with the pipeline's inputs. */
export function createValues(inputs: Readonly<Record<string, unknown>>): Values {
  const outputs = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    of(text) {
      const reference = parseReference(text)!;
      return reference.from === "input"
        ? inputs[reference.name]
        : outputs.get(reference.step)?.[reference.port];
    },
    setOutputs: (step, values) => void outputs.set(step, values),
  };
}

/** The inputs of a step by port. */
export function inputsOf(planned: PlannedStep, values: Values): Record<string, unknown> {
  const entries = Object.entries(planned.step.in ?? {}).map(([port, reference]) =>
    [port, values.of(reference)] as const
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/**
 * Runs every step of a plan and gives the values of its outputs.
 *
 * When a step fails, those that do not need it still end, so that their results are kept.
 */
export async function runPlan(
  plan: Plan,
  inputs: Readonly<Record<string, unknown>>,
  runStep: (
    planned: PlannedStep,
    inputs: Record<string, unknown>,
  ) => Promise<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const values = createValues(inputs);
  const running = new Map<string, Promise<void>>();
  for (const planned of plan.steps) {
    const needs = planned.needs.map((id) => running.get(id)!);
    const work = Promise.all(needs).then(async () => {
      values.setOutputs(planned.step.id, await runStep(planned, inputsOf(planned, values)));
    });
    work.catch(() => {}); // seen below; a step that waits for it fails with the same error
    running.set(planned.step.id, work);
  }
  const settled = await Promise.allSettled(running.values());
  const failed = settled.filter((s) => s.status === "rejected").map((s) => s.reason);
  if (failed.length > 0) {
    throw failed.find((e) => e instanceof AdatomError && e.code !== "CANCELLED") ??
      failed[0] ?? cancelledError();
  }
  return Object.fromEntries(
    Object.entries(plan.document.outputs).map(([name, reference]) => [name, values.of(reference)]),
  );
}
