/**
 * Blur and prominence for Find Maxima, where they are left to be chosen.
 *
 * @module
 */
import type { Image } from "@core";
import { gaussianKernel } from "@core/kernels";
import { chooseAuto } from "./_auto.ts";
import { busiestPart, noiseLevel } from "./_noise_level.ts";

/** What is given. */
export interface ProminenceGiven {
  readonly polarity: "bright" | "dark";
  readonly blur: number | "auto";
  readonly prominence: number | "auto";
}

/** What is to be used. */
export interface ProminenceChoice {
  readonly blur: number;
  readonly prominence: number;
  /** Standard deviation of the noise after the blur; undefined where nothing was chosen. */
  readonly noise?: number;
}

/** With less blur than this the noise of neighboring pixels has next to nothing in common, px. */
const LEAST_BLUR = 0.5;
/**
 * Without blur, maxima of more prominence than this many standard deviations of the noise count: about
 * one in a million pixels of Gaussian noise has it.
 */
const CLEAR = 4.5;
/** The noise is measured on this much of the image, px to a side. */
const LOOK = 256;

/** Chooses what is "auto": with blur as FindFoci does, without from the noise alone. */
export function chooseProminence(
  image: Image,
  { polarity, blur, prominence }: ProminenceGiven,
  report: (fraction: number) => void,
): ProminenceChoice {
  if (blur !== "auto" && prominence !== "auto") return { blur, prominence };
  if (blur === "auto" || blur >= LEAST_BLUR) {
    const chosen = chooseAuto(image, { polarity, blur, spacing: "auto" }, report);
    const height = prominence === "auto" ? chosen.height : prominence;
    return { blur: chosen.blur, prominence: height, noise: chosen.noise };
  }
  const noise = whiteGain(blur) * noiseLevel(busiestPart(image, polarity, LOOK), 0).atColumns;
  return { blur, prominence: CLEAR * noise, noise };
}

/** What is left of the standard deviation of white noise after a blur of few px, sampled as it is. */
function whiteGain(blur: number): number {
  if (!(blur > 0)) return 1;
  // the sum of squares of the weights of one axis, whose mirror image counts, too
  return gaussianKernel(blur).reduce(
    (sum, weight, i) => sum + (i === 0 ? 1 : 2) * weight * weight,
    0,
  );
}
