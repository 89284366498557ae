/**
 * Minimum distance, blur and threshold for local maxima, where they are left to be chosen.
 *
 * @module
 */
import type { Image } from "@core";
import { columnSpacing } from "./_column_spacing.ts";
import { busiestPart, medianLevel, noiseLevel } from "./_noise_level.ts";

/** The minimum distance is this share of that of neighboring columns; a square reaches 1.4 times as far. */
const DISTANCE_SHARE = 0.4;
/** The minimum distance where nothing repeats, px. */
const USUAL_DISTANCE = 4;
/** The blur is this share of the minimum distance: about columns' own width. */
const BLUR_SHARE = 0.4;
/** This much of the image is looked at, px to a side. */
export const LOOK = 256;
/** This much when nothing is seen to repeat in less of it. */
const WIDER_LOOK = 512;
/**
 * Peaks are this many standard deviations of the noise above the median where nothing repeats: one pixel
 * in 3 million of Gaussian noise is.
 */
const CLEAR = 5;
/** The same on a lattice, where next to every maximum of a window is a column. */
const CLEAR_ON_LATTICE = 3;

/** What is to be used. */
export interface WindowChoice {
  readonly minimumDistance: number;
  /** Px. */
  readonly blur: number;
  /** Standard deviations of the noise that peaks are above the median. */
  readonly clear: number;
}

/** Chooses what is "auto" and can be told before the blur. */
export function chooseWindow(
  image: Image,
  given: {
    readonly polarity: "bright" | "dark";
    readonly minimumDistance: number | "auto";
    readonly blur: number | "auto";
    readonly threshold: number | "auto";
  },
): WindowChoice {
  const isAsked = given.minimumDistance === "auto" || given.threshold === "auto";
  const spacing = isAsked ? spacingOf(image, given.polarity) : undefined;
  const chosen = spacing === undefined
    ? USUAL_DISTANCE
    : Math.max(1, Math.round(DISTANCE_SHARE * spacing));
  const minimumDistance = given.minimumDistance === "auto" ? chosen : given.minimumDistance;
  // a blur the parameter could not be given makes no sense
  const blur = given.blur === "auto" ? Math.min(50, BLUR_SHARE * minimumDistance) : given.blur;
  return { minimumDistance, blur, clear: spacing === undefined ? CLEAR : CLEAR_ON_LATTICE };
}

/** The distance of neighboring columns where most is to be seen, px; `undefined` where nothing repeats. */
export function spacingOf(image: Image, polarity: "bright" | "dark"): number | undefined {
  const spacing = columnSpacing(busiestPart(image, polarity, LOOK));
  if (spacing !== undefined || Math.max(image.width, image.height) <= LOOK) return spacing;
  return columnSpacing(busiestPart(image, polarity, WIDER_LOOK));
}

/** A level above which there is little noise, and the standard deviation of that noise. */
export function chooseThreshold(
  image: Image,
  polarity: "bright" | "dark",
  { blur, clear }: WindowChoice,
  searched: Float32Array,
): { readonly threshold: number; readonly noise: number } {
  const noise = noiseLevel(busiestPart(image, polarity, LOOK), blur).usual;
  return { threshold: medianLevel(searched) + clear * noise, noise };
}

/** The lowest finite value, Infinity without any. */
export function lowestLevel(values: Float32Array): number {
  let lowest = Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < lowest && values[i] > -Infinity) lowest = values[i];
  }
  return lowest;
}
