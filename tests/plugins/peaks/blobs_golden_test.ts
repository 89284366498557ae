/**
 * The scale-space finders against scikit-image 0.26.0 (tests/golden/scikit-image/blobs.py).
 *
 * scikit-image works in double precision here, the finders keep responses in single precision: the same
 * pixels and scales come out, and places in between lie within half a pixel of them along each axis, as
 * the top of a quadratic does.
 *
 * @module
 */
import { assertAtLeast, assertClose, assertEquals, assertTrue } from "@assert";
import { createImage, type Image } from "../../../core/data/image.ts";
import { resolveParams } from "../../../core/stage/params.ts";
import type { AnyStage } from "../../../core/stage/stage.ts";
import type { Peaks } from "../../../core/data/peaks.ts";
import { npy } from "../../../plugins/io/npy.ts";
import { dog } from "../../../plugins/peaks/dog.ts";
import { doh } from "../../../plugins/peaks/doh.ts";
import { log } from "../../../plugins/peaks/log.ts";
import golden from "../../golden/scikit-image/blobs.json" with { type: "json" };
import { testContext } from "../../support/context.ts";

const STAGES: Readonly<Record<string, AnyStage>> = { log, dog, doh };
const NAMES: Readonly<Record<string, string>> = {
  min_sigma: "minSigma",
  max_sigma: "maxSigma",
  num_sigma: "numSigma",
  sigma_ratio: "sigmaRatio",
  log_scale: "logScale",
  threshold: "threshold",
  threshold_rel: "thresholdRel",
  overlap: "overlap",
  exclude_border: "excludeBorder",
};

async function imageOf(name: string): Promise<Image> {
  const path = new URL(`../../golden/scikit-image/${name}.npy`, import.meta.url);
  const [image] = await npy.read(Deno.readFileSync(path), { name, path: name, warn() {} });
  return createImage({ ...image, data: image.data.map((v) => v / 65536) });
}

/** The parameters by our names; what is left out is scikit-image's default. */
function ours(method: string, theirs: object): Record<string, unknown> {
  const given: Record<string, unknown> = { minSigma: 1, maxSigma: method === "doh" ? 30 : 50 };
  if (method === "doh") given.polarity = "both";
  for (const [name, value] of Object.entries(theirs)) given[NAMES[name]] = value ?? 0;
  return given;
}

async function find(stage: AnyStage, image: Image, given: object): Promise<Peaks> {
  const { values, problems } = resolveParams(stage.params, given as never, stage.id);
  if (problems.length > 0) throw problems[0];
  const run = stage.run as (...call: unknown[]) => { peaks: Peaks } | Promise<{ peaks: Peaks }>;
  return (await run({ image }, values, testContext())).peaks;
}

/** Scales are computed in another order: the last digits differ. */
const SIGMA_DIGITS = 1e-9;

Deno.test("peaks.log, dog and doh give the blobs of scikit-image, in its order, without interpolation", async () => {
  let count = 0;
  for (const { image: name, method, parameters, blobs } of golden.cases) {
    const given = { ...ours(method, parameters), interpolate: false };
    const { columns: { x, y, sigma } } = await find(STAGES[method], await imageOf(name), given);
    const what = `${name}, ${method}, ${JSON.stringify(given)}`;
    assertEquals(Array.from(x, (_, k) => [y[k], x[k]]), blobs.map((b) => b.slice(0, 2)), what);
    blobs.forEach((b, k) => assertClose((sigma as Float64Array)[k], b[2], SIGMA_DIGITS, what));
    count += blobs.length;
  }
  assertAtLeast(count, 1500);
});

Deno.test("peaks.log, dog and doh interpolated stay within half a pixel of scikit-image's blobs", async () => {
  for (const { image: name, method, parameters, blobs } of golden.cases) {
    const given = ours(method, parameters);
    const { columns: { x, y } } = await find(STAGES[method], await imageOf(name), given);
    assertEquals(x.length, blobs.length);
    let moved = 0;
    blobs.forEach(([v, u], k) => {
      assertTrue(
        Math.abs(x[k] - u) <= 0.5 && Math.abs(y[k] - v) <= 0.5,
        `${name}, ${method}, ${k}`,
      );
      if (x[k] !== u || y[k] !== v) moved++;
    });
    assertAtLeast(moved, 0.7 * blobs.length, `${name}, ${method}`);
  }
});
