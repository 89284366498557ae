/**
 * Runs a scale-space finder in a test, and pictures with blobs at known places.
 *
 * @module
 */
import { createImage, type Image } from "../../../core/data/image.ts";
import type { Peaks } from "../../../core/data/peaks.ts";
import { resolveParams } from "../../../core/stage/params.ts";
import type { AnyStage } from "../../../core/stage/stage.ts";
import { type TestContext, testContext } from "../../support/context.ts";

/** The peaks, with scale and response, and what the stage told. */
export interface FoundBlobs {
  readonly peaks: Peaks;
  readonly sigma: Float64Array;
  readonly response: Float64Array;
  readonly context: TestContext;
}

/** Runs the stage with some parameters given. */
export async function findBlobsBy(
  stage: AnyStage,
  image: Image,
  given: Readonly<Record<string, unknown>> = {},
  mask?: Image,
): Promise<FoundBlobs> {
  const { values, problems } = resolveParams(stage.params, given, stage.id);
  if (problems.length > 0) throw problems[0];
  const context = testContext();
  const run = stage.run as (...call: unknown[]) => { peaks: Peaks } | Promise<{ peaks: Peaks }>;
  const { peaks } = await run(mask === undefined ? { image } : { image, mask }, values, context);
  const { sigma, response } = peaks.columns as Record<string, Float64Array>;
  return { peaks, sigma, response, context };
}

/** A Gaussian column of height 1 at (x, y) on an empty image. */
export function oneColumn(size: number, x: number, y: number, sigma: number): Image {
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const dx = i % size - x, dy = Math.floor(i / size) - y;
    return Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
  });
  return createImage({ width: size, height: size, data });
}

/** Places of a column within a pixel: a grid of 5 x 5. */
export const PHASES: readonly (readonly [x: number, y: number])[] = Array.from(
  { length: 25 },
  (_, k) => [(k % 5) / 5 + 0.07, Math.floor(k / 5) / 5 + 0.03],
);
