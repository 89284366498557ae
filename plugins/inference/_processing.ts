/**
 * The named steps before and after a network, as bioimage.io defines them.
 *
 * @module
 */
import { AdatomError, nearestName } from "@core";
import type { ProcessingStep } from "./_rdf.ts";

type Options = Readonly<Record<string, unknown>>;

/** What a step does to a plane of values, in place. */
type Apply = (values: Float32Array) => void;

/** A step: which options it knows, and what it does with them. */
interface StepKind {
  readonly options: readonly string[];
  make(options: Options, option: OptionReader): Apply;
}

/** Reads options of a step, or throws what is wrong with them. */
interface OptionReader {
  number(name: string, usual?: number): number;
  fail(expected: string, got: string): AdatomError;
}

/** Added to divisors, so that a constant image stays finite; the specification's own default. */
const EPSILON = 1e-6;

const STEPS: Readonly<Record<string, StepKind>> = {
  ensure_dtype: {
    options: ["dtype"],
    make({ dtype }, { fail }) {
      if (dtype === "float32" || dtype === "float64") return () => {};
      if (dtype === "bool") return each((v) => v === 0 ? 0 : 1);
      if (typeof dtype === "string" && Object.hasOwn(INTEGERS, dtype)) {
        const Type = INTEGERS[dtype];
        return (values) => values.set(Type.from(values));
      }
      throw fail('a type like "float32"', JSON.stringify(dtype) ?? "nothing");
    },
  },
  zero_mean_unit_variance: {
    options: ["axes", "eps", "mode", "mean", "std"],
    make(options, option) {
      if (options.mode === "fixed") return fixedMean(option);
      const eps = option.number("eps", EPSILON);
      return (values) => {
        const { mean, deviation } = momentsOf(values);
        scale(values, 1 / (deviation + eps), -mean / (deviation + eps));
      };
    },
  },
  fixed_zero_mean_unit_variance: {
    options: ["axis", "mean", "std"],
    make: (_, option) => fixedMean(option),
  },
  scale_range: {
    options: ["axes", "eps", "mode", "min_percentile", "max_percentile"],
    make(_, option) {
      const low = option.number("min_percentile", 0), high = option.number("max_percentile", 100);
      const eps = option.number("eps", EPSILON);
      if (!(low >= 0 && low < high && high <= 100)) {
        throw option.fail("0 <= min_percentile < max_percentile <= 100", `${low} and ${high}`);
      }
      return (values) => {
        const sorted = Float32Array.from(values).sort();
        const from = percentile(sorted, low), to = percentile(sorted, high);
        scale(values, 1 / (to - from + eps), -from / (to - from + eps));
      };
    },
  },
  scale_linear: {
    options: ["axes", "axis", "gain", "offset"],
    make(_, option) {
      const gain = option.number("gain", 1), offset = option.number("offset", 0);
      return (values) => scale(values, gain, offset);
    },
  },
  sigmoid: { options: [], make: () => each((v) => 1 / (1 + Math.exp(-v))) },
  clip: {
    options: ["min", "max"],
    make(_, option) {
      const low = option.number("min", -Infinity), high = option.number("max", Infinity);
      return each((v) => Math.min(high, Math.max(low, v)));
    },
  },
  binarize: {
    options: ["threshold", "axis"],
    make(_, option) {
      const threshold = option.number("threshold");
      return each((v) => v > threshold ? 1 : 0);
    },
  },
};

const INTEGERS: Readonly<Record<string, { from(values: ArrayLike<number>): ArrayLike<number> }>> = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
};

/**
 * The work of a list of steps on one plane of values, in place.
 *
 * @throws AdatomError MODEL_STEP for a step or option that is not known: to leave it out would change
 * every number
 */
export function createProcessing(
  model: string,
  side: "preprocessing" | "postprocessing",
  steps: readonly ProcessingStep[],
): Apply {
  const work = steps.map((step) => makeStep(model, side, step));
  return (values) => {
    for (const apply of work) apply(values);
  };
}

function makeStep(model: string, side: string, { name, options }: ProcessingStep): Apply {
  const known = Object.keys(STEPS);
  const fail = (expected: string, got: string, hint?: string) =>
    new AdatomError("MODEL_STEP", {
      cannot: `do step "${name}" of the ${side} of model "${model}"`,
      expected,
      got,
      hint: hint ?? "correct its rdf.yaml, or give the .onnx file alone and process elsewhere",
    }, { port: "model" });
  if (!Object.hasOwn(STEPS, name)) {
    const near = nearestName(name, known);
    const hint = near === undefined ? undefined : `did you mean "${near}"?`;
    throw fail(`one of ${known.join(", ")}`, `"${name}"`, hint);
  }
  const kind = STEPS[name];
  for (const option of Object.keys(options)) {
    if (!kind.options.includes(option)) {
      throw fail(`options ${kind.options.join(", ") || "of which there are none"}`, `"${option}"`);
    }
  }
  requireWholePlane(options, fail);
  return kind.make(options, {
    fail,
    number(option, usual) {
      const given = options[option] ?? usual;
      const value = Array.isArray(given) && given.length === 1 ? given[0] : given;
      if (typeof value === "number") return value;
      throw fail(`a number as "${option}"`, JSON.stringify(given) ?? "nothing");
    },
  });
}

/** Statistics are those of the whole plane: along one axis alone they would be others. */
function requireWholePlane(
  { axes, mode }: Options,
  fail: (expected: string, got: string) => AdatomError,
): void {
  if (mode !== undefined && mode !== "per_sample" && mode !== "fixed") {
    throw fail('mode "per_sample" or "fixed"', JSON.stringify(mode));
  }
  if (axes === undefined || axes === null) return;
  const names = typeof axes === "string" ? [...axes] : axes as unknown[];
  if (names.includes("x") && names.includes("y")) return;
  throw fail("axes x and y, both or neither", JSON.stringify(axes));
}

function fixedMean(option: OptionReader): Apply {
  const mean = option.number("mean"), std = option.number("std");
  if (!(std > 0)) throw option.fail("a std above 0", String(std));
  return (values) => scale(values, 1 / std, -mean / std);
}

function each(change: (value: number) => number): Apply {
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = change(values[i]);
  };
}

function scale(values: Float32Array, gain: number, offset: number): void {
  for (let i = 0; i < values.length; i++) values[i] = values[i] * gain + offset;
}

function momentsOf(values: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/** With linear interpolation between the nearest two, as NumPy. */
function percentile(sorted: Float32Array, percent: number): number {
  const at = percent / 100 * (sorted.length - 1), below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
