/**
 * Runs a detector that is a stage, and measures its time and memory.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import process from "node:process";
import { AdatomError, gatherProblems, isAdatomError } from "../../core/errors.ts";
import type { Host } from "../../core/host/host.ts";
import {
  type AnyStage,
  createImage,
  type Image,
  type Model,
  type PortDeclaration,
} from "../../core/mod.ts";
import { shareValue } from "../../core/runner/share.ts";
import { resolveParams } from "../../core/stage/params.ts";
import { digestValue } from "../../core/store/digest.ts";
import { readModel, shippedModel } from "../read_model.ts";
import type { ConfidenceMaps } from "./confidence_maps.ts";
import type { Detector } from "./detectors.ts";
import type { Finder, Finding } from "./finder.ts";
import type { Polarity, Sample } from "./samples.ts";
import type { PositionTable } from "./truth.ts";

/** How time and memory are measured. */
export interface MeasureRules {
  /** Timed runs an image, of which the best counts. */
  readonly runs: number;
  /** Workers a detector may use; one a core unless told. */
  readonly workers?: number;
  readonly seed: number;
}

/** The resident set is looked at so often while a detector runs, ms. */
const LOOK_MS = 4;
/** Side of the part of an image that a detector sees first, px: enough to load its code and model. */
const FIRST_LOOK = 128;

/**
 * A detector as a finder. It runs in a host of its own, whose workers end with it.
 *
 * Time is that of one call of the host: the stage, the way to the worker and back (below 1 ms, as images
 * lie in shared memory), and check and digest of the outputs (some ms for an output of a million pixels);
 * no file is read and nothing comes from a cache. Of a detector that looks at the confidence map, making
 * the map is not in it.
 *
 * Memory is the largest resident set of the whole process while the detector was at work on the image,
 * less what it was once code and model were loaded: on the first detector to need much of it that is
 * what the detector needs; later ones may find memory that was freed but not given back, and then it
 * is less than they need.
 *
 * @param freshHost makes a host that keeps no results
 */
export function createStageFinder(
  freshHost: () => Host,
  detector: Detector,
  maps: ConfidenceMaps,
  rules: MeasureRules,
  wanted: "positions" | "time" = "positions",
): Finder {
  const { name, title, looksAt } = detector;
  let work: Work | undefined;
  const imageOf = async (sample: Sample, signal: AbortSignal) =>
    looksAt === "confidence" ? await maps(sample, signal) : sample.image;
  // On the map columns are bright, whatever they are in the image.
  const polarityOf = (sample: Sample) => looksAt === "confidence" ? "bright" : sample.polarity;
  return {
    name,
    title,
    note: looksAt === "confidence" ? "time on the map alone, made by AtomID beforehand" : "",
    async begin([first], signal) {
      const host = freshHost();
      try {
        work = createWork(host, detector, rules, wanted);
      } catch (error) {
        host.close();
        throw error;
      }
      const warm = work;
      await warmUp(async () => {
        const image = await imageOf(first, signal), polarity = polarityOf(first);
        await warmUp(() => runOnce(warm, middleOf(image, FIRST_LOOK), polarity, signal));
        warm.loaded = process.memoryUsage.rss();
        await runOnce(warm, image, polarity, signal);
      });
    },
    async find(sample, signal): Promise<Finding> {
      const image = await imageOf(sample, signal);
      return await measure(work!, image, polarityOf(sample), rules.runs, signal);
    },
    end() {
      work?.host.close();
      work = undefined;
    },
  };
}

/** A detector that is ready to run. */
interface Work {
  readonly host: Host;
  readonly stage: AnyStage;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** All parameters but the polarity. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** The output with the positions; undefined when only the time is wanted. */
  readonly port: "peaks" | "columns" | undefined;
  /** The resident set with code and model loaded, bytes. */
  loaded: number | undefined;
}

function createWork(
  host: Host,
  detector: Detector,
  { seed }: MeasureRules,
  wanted: "positions" | "time",
): Work {
  const stage = host.registry.get(detector.stage);
  const given = detector.params ?? {};
  const { problems } = resolveParams(stage.params, given, stage.id);
  if (problems.length > 0) throw gatherProblems(`bench detector "${detector.name}"`, problems);
  const ports = stage.inputs as Readonly<Record<string, PortDeclaration>>;
  const port = (["peaks", "columns"] as const).find((name) => name in stage.outputs);
  if (ports.image?.kind !== "image" || (wanted === "positions" && port === undefined)) {
    throw new AdatomError("PORT_TYPE", {
      cannot: `bench detector "${detector.name}"`,
      expected: 'a stage with an input "image" and an output "peaks" or "columns"',
      got: stage.id,
    }, { stage: stage.id });
  }
  const inputs: Record<string, unknown> = {};
  if (detector.model !== undefined) {
    inputs.model = shareValue(readListedModel(detector.model));
  }
  return {
    host,
    stage,
    inputs,
    given,
    seed,
    port: wanted === "time" ? undefined : port,
    loaded: undefined,
  };
}

/** The model of a path, or of ours by name. */
function readListedModel(model: string): Model {
  return isAbsolute(model) ? readModel(model).model : shippedModel(model);
}

/** Runs something that is not measured. What fails here fails again when it is. */
async function warmUp(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!isAdatomError(error) || error.code === "CANCELLED") throw error;
  }
}

async function runOnce(
  { host, stage, inputs, given, seed, port }: Work,
  image: Image,
  polarity: Polarity,
  signal: AbortSignal,
): Promise<PositionTable | undefined> {
  const params = "polarity" in stage.params ? { polarity, ...given } : given;
  const outputs: Readonly<Record<string, unknown>> = await host.run(
    stage,
    { ...inputs, image } as never,
    params as never,
    { signal, seed },
  );
  return port === undefined ? undefined : outputs[port] as PositionTable;
}

async function measure(
  work: Work,
  given: Image,
  polarity: Polarity,
  runs: number,
  signal: AbortSignal,
): Promise<Finding> {
  const image = shareValue(given);
  digestValue(image); // remembered, so that it is not in the time
  let most = process.memoryUsage.rss(), best = Infinity;
  const look = () => void (most = Math.max(most, process.memoryUsage.rss()));
  const timer = setInterval(look, LOOK_MS);
  try {
    let found: PositionTable | undefined;
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      found = await runOnce(work, image, polarity, signal);
      best = Math.min(best, performance.now() - started);
      look();
    }
    const memoryMiB = Math.max(0, most - (work.loaded ?? most)) / 2 ** 20;
    return { ...(found === undefined ? {} : { found }), ms: best, memoryMiB };
  } finally {
    clearInterval(timer);
  }
}

/** The middle of an image, or all of a small one. */
function middleOf(image: Image, side: number): Image {
  const width = Math.min(side, image.width), height = Math.min(side, image.height);
  const left = (image.width - width) >> 1, top = (image.height - height) >> 1;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = (top + y) * image.width + left;
    data.set(image.data.subarray(start, start + width), y * width);
  }
  const { sourceType, pixelSize } = image;
  return createImage({ width, height, data, sourceType, pixelSize });
}
