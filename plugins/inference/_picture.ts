/**
 * An image as AtomID's network wants it: columns bright, writing replaced by the local mean.
 *
 * @module
 */
import type { Image } from "@core";
import { fillMasked, findBurnedIn, maskOf, type Region } from "./_burned_in.ts";
import type { Picture } from "./_atomid_network.ts";

/** An image prepared, and what of it is no picture of the specimen. */
export interface PreparedPicture {
  readonly picture: Picture;
  /** 1 where nothing is to be found; null where there is no such place. */
  readonly mask: Uint8Array | null;
  readonly regions: readonly Region[];
}

/** Prepares an image for the network. */
export function preparePicture(
  { data, width, height }: Image,
  { polarity, excludeBurnedIn }: {
    readonly polarity: "bright" | "dark";
    readonly excludeBurnedIn: boolean;
  },
): PreparedPicture {
  const regions = excludeBurnedIn ? findBurnedIn(data, width, height) : [];
  const mask = regions.length > 0 ? maskOf(regions, width, height) : null;
  let pixels = mask === null ? data : fillMasked(data, width, height, mask);
  if (polarity === "dark") pixels = pixels.map((value) => -value);
  return { picture: { data: pixels, width, height }, mask, regions };
}

/** Nothing is to be found where the mask is set. */
export function excludeRegions(confidence: Float32Array, mask: Uint8Array | null): void {
  if (mask === null) return;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) confidence[i] = 0;
}
