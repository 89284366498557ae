/**
 * The confidence maps of samples, each made once, for detectors that look at the map.
 *
 * @module
 */
import type { Host } from "../../core/host/host.ts";
import type { Image } from "../../core/mod.ts";
import { shareValue } from "../../core/runner/share.ts";
import { CONFIDENCE_STAGE } from "./detectors.ts";
import type { Sample } from "./samples.ts";

/** The confidence map of a sample. */
export type ConfidenceMaps = (sample: Sample, signal: AbortSignal) => Promise<Image>;

/** Maps of a stage with an input `image` and an output `confidence`, kept in memory. */
export function createConfidenceMaps(host: Host, stage = CONFIDENCE_STAGE): ConfidenceMaps {
  const known = new WeakMap<Sample, Image>();
  return async (sample, signal) => {
    const made = known.get(sample);
    if (made !== undefined) return made;
    const { polarity, image } = sample;
    const found = host.registry.get(stage);
    const params = "polarity" in found.params ? { polarity } : {};
    const outputs = await host.run(found as never, { image } as never, params as never, { signal });
    const map: Image = shareValue((outputs as { confidence: Image }).confidence);
    known.set(sample, map);
    return map;
  };
}
