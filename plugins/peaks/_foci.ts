/**
 * FindFoci from pixels to peaks: the chain of its steps.
 *
 * Method: Herbert, Carr and Hoffmann, FindFoci, PLoS ONE 9 (2014) e114749,
 * https://doi.org/10.1371/journal.pone.0114749.
 *
 * @module
 */
import type { ThresholdMethod } from "@core/kernels";
import {
  backgroundLevel,
  type BackgroundMethod,
  type StatisticsMode,
  statisticsOf,
} from "./_background.ts";
import type { BorderRule, Box } from "./_border.ts";
import type { CenterMethod } from "./_center.ts";
import { labelByAscent, type Maxima } from "./_local_maxima.ts";
import { type Labeled, mergePeaks, type MergeRules, type PeakState } from "./_merge.ts";
import { peakSaddles } from "./_peak_saddles.ts";
import { findSaddles, type Saddles } from "./_saddles.ts";
import { collectFoci, filterPeaks } from "./_result.ts";
import type { SortKey } from "./_sort.ts";
import { EXCLUDED, markBorder, type Volume } from "./_volume.ts";

/** How far down a region reaches: to the background, or to a share of the peak's height over it. */
export type SearchMethod = "above-background" | "fraction" | "half";
/** What the least height of a peak is: a level difference, or a share of its top. */
export type HeightMethod = "absolute" | "relative" | "relative-above-background";

/** Parameters of the search, all of them known. */
export interface FociOptions {
  /** Whether levels are whole numbers, as for 8 and 16-bit images of the reference program. */
  readonly integer: boolean;
  /** Whether the reference program's mistakes are repeated. */
  readonly compatible: boolean;
  readonly backgroundMethod: BackgroundMethod;
  readonly background: number;
  readonly threshold: ThresholdMethod;
  readonly statistics: StatisticsMode;
  readonly search: SearchMethod;
  readonly searchFraction: number;
  readonly heightMethod: HeightMethod;
  readonly height: number;
  readonly minimumSize: number;
  readonly minimumAboveSaddle: boolean;
  readonly connected: boolean;
  readonly maximumSize: number;
  readonly removeEdge: boolean;
  readonly border: BorderRule;
  /** Distance over which the searched image changes, px: its blur. */
  readonly smoothness: number;
  readonly center: CenterMethod;
  readonly centerRadius: number;
  readonly sort: SortKey;
  /** 0 is no limit. */
  readonly maximumPeaks: number;
}

/** The images of a search. */
export interface FociImages {
  readonly volume: Volume;
  /** As given; heights and totals are measured on it. */
  readonly original: Float32Array;
  /** As searched: the original itself, or blurred. */
  readonly searched: Float32Array;
  /** 1 for pixels that take no part; null when all do. */
  readonly excluded: Uint8Array | null;
  /** Bounds of the region of interest (last pixels included), for the removal of edge peaks. */
  readonly box: Box;
}

/** Peaks in the order asked for. */
export interface Foci {
  readonly count: number;
  /** Pixel index. */
  readonly position: Int32Array;
  /** Largest value of the region, in the original. */
  readonly height: Float64Array;
  /** Highest value of the region as searched. */
  readonly top: Float64Array;
  readonly size: Float64Array;
  /** Sum of the region, in the original. */
  readonly total: Float64Array;
  /** Level of the highest saddle; -Infinity without one. */
  readonly saddle: Float64Array;
  /** Rank from 1 of the peak beyond the saddle, 0 without. */
  readonly saddleId: Int32Array;
  readonly sizeAbove: Float64Array;
  readonly totalAbove: Float64Array;
  /** Rank from 1 of the peak each pixel belongs to, 0 for none. */
  readonly labels: Int32Array;
  /** The saddles between these peaks, by ranks from 1, highest first. */
  readonly saddles: Saddles;
  readonly background: number;
  /** Least value of the pixels the background was taken from. */
  readonly minimum: number;
}

/** What decides about regions, before any of them merge. */
export type RegionOptions = Pick<
  FociOptions,
  | "integer"
  | "compatible"
  | "backgroundMethod"
  | "background"
  | "threshold"
  | "statistics"
  | "search"
  | "searchFraction"
>;

/** What decides about merging. */
export type MergeOptions = Pick<
  FociOptions,
  | "integer"
  | "compatible"
  | "heightMethod"
  | "height"
  | "minimumSize"
  | "minimumAboveSaddle"
  | "connected"
>;

/** The regions of all local maxima, on their way to become peaks. Each step changes them. */
export interface Regions {
  readonly image: Labeled;
  readonly peaks: PeakState;
  readonly saddles: Saddles;
  /** Pixel of each local maximum. */
  readonly maxima: Int32Array;
  readonly background: number;
  /** Least value of the pixels the background was taken from. */
  readonly minimum: number;
}

/** Finds peaks; `report` is told of the fraction done. */
export function findFoci(
  images: FociImages,
  options: FociOptions,
  report: (fraction: number) => void,
): Foci {
  const regions = findRegions(images, options, (f) => report(0.6 * f));
  mergeRegions(regions, options);
  report(0.8);
  const foci = listPeaks(images, regions, options);
  report(1);
  return foci;
}

/** The first step: every pixel above the background climbs to a local maximum. */
export function findRegions(
  { volume, searched, excluded }: FociImages,
  options: RegionOptions,
  report: (fraction: number) => void = () => {},
): Regions {
  const flags = new Uint8Array(volume.length);
  if (excluded !== null) {
    for (let i = 0; i < flags.length; i++) {
      flags[i] = excluded[i] * EXCLUDED;
    }
  }
  const mode = excluded === null ? "both" : options.statistics;
  const region = statisticsOf(searched, flags, excluded === null ? "both" : "inside");
  const statistics = mode === "inside" || excluded === null
    ? region
    : statisticsOf(searched, flags, mode);
  const background = backgroundLevel(
    searched,
    flags,
    mode,
    {
      method: options.backgroundMethod,
      value: options.background,
      threshold: options.threshold,
      integer: options.integer,
    },
    statistics,
    region,
  );
  report(0.15);
  const values = excluded !== null && !options.compatible ? blanked(searched, excluded) : searched;
  markBorder(volume, flags);
  const image: Labeled = { volume, values, flags, labels: new Int32Array(volume.length) };
  const maxima = labelByAscent(values, volume, flags, background, region.minimum, image.labels);
  report(0.7);
  const peaks = measureRegions(image, maxima, pruneLevel(options, background));
  // for the reference a saddle at level 0 over a background of 0 does not exist
  const floor = options.compatible && background >= 0 ? 0 : -Infinity;
  const saddles = findSaddles(values, volume, flags, image.labels, floor, maxima.count);
  report(1);
  return {
    image,
    peaks,
    saddles,
    maxima: maxima.position,
    background,
    minimum: statistics.minimum,
  };
}

/** The second step: regions merge that are too low or too small. */
export function mergeRegions(regions: Regions, options: MergeOptions): void {
  mergePeaks(
    regions.image,
    regions.peaks,
    regions.saddles,
    mergeRules(options, regions.background),
  );
}

/** Ids of the merged peaks that are to be listed; they lie at `peaks.position`. */
export function keptPeaks(
  images: FociImages,
  { image, peaks }: Regions,
  options: FociOptions,
): Int32Array {
  return filterPeaks({ ...images, searched: image.values }, image, peaks, options);
}

/** The last step: peaks are left out, measured, placed and put in order. */
export function listPeaks(given: FociImages, regions: Regions, options: FociOptions): Foci {
  const { image, peaks, saddles, maxima, background, minimum } = regions;
  // where nothing is blurred and nothing left out, the original is what is searched
  const images = { ...given, searched: image.values };
  const kept = filterPeaks(images, image, peaks, options);
  const measured = collectFoci(images, image, peaks, kept, options, background, minimum);
  return { ...measured, saddles: peakSaddles(saddles, maxima, image.labels) };
}

/** Regions that can change while the given ones stay. */
export function copyRegions({ image, peaks, ...rest }: Regions): Regions {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(peaks)) {
    copy[name] = ArrayBuffer.isView(value) ? (value as Float64Array).slice() : value;
  }
  return {
    ...rest,
    peaks: copy as unknown as PeakState,
    image: { ...image, flags: image.flags.slice(), labels: image.labels.slice() },
  };
}

function blanked(values: Float32Array, excluded: Uint8Array): Float32Array {
  const out = values.slice();
  blank(out, excluded);
  return out;
}

function blank(values: Float32Array, excluded: Uint8Array): void {
  for (let i = 0; i < values.length; i++) if (excluded[i] !== 0) values[i] = -Infinity;
}

/** The level below which pixels leave a peak with this top; null when it is the background. */
function pruneLevel(
  { search, searchFraction, integer }: RegionOptions,
  background: number,
): ((top: number) => number) | null {
  if (search === "above-background") return null;
  const fraction = search === "half" ? 0.5 : Math.max(0, searchFraction);
  const round = (level: number) => integer ? Math.floor(level + 0.5) : level;
  return (top) => round(background + fraction * (top - background));
}

function mergeRules(options: MergeOptions, background: number): MergeRules {
  const { heightMethod, height, integer } = options;
  const need = (top: number) => {
    const base = heightMethod === "relative-above-background" ? background : 0;
    const wanted = heightMethod === "absolute" ? height : height * (top - base);
    if (integer) return Math.max(1, Math.floor(wanted + 0.5));
    return wanted > 0 ? wanted : 1e-6 * (top - background);
  };
  return {
    need: height > 0 ? need : null,
    background,
    minimumSize: options.minimumSize,
    minimumAboveSaddle: options.minimumAboveSaddle,
    connected: options.connected,
    compatible: options.compatible,
  };
}

/** Drops the pixels of each region below its level, and measures what is left. */
function measureRegions(
  { labels, values }: Labeled,
  maxima: Maxima,
  level: ((top: number) => number) | null,
): PeakState {
  const n = maxima.count + 1;
  const position = new Int32Array(n), top = new Float64Array(n);
  position.set(maxima.position, 1);
  top.set(maxima.top, 1);
  const size = new Float64Array(n), total = new Float64Array(n);
  const least = level === null ? null : top.map(level);
  for (let i = 0; i < labels.length; i++) {
    const id = labels[i];
    if (id === 0) continue;
    if (least !== null && values[i] < least[id]) {
      labels[i] = 0;
      continue;
    }
    size[id]++;
    total[id] += values[i];
  }
  return {
    count: maxima.count,
    position,
    top,
    size,
    total,
    saddle: new Float64Array(n),
    sizeAbove: new Float64Array(n),
    totalAbove: new Float64Array(n),
    neighbor: new Int32Array(n),
    alive: new Uint8Array(n),
  };
}
