/**
 * Runs FindFoci with the options of the reference program, by their names there.
 *
 * @module
 */
import { gaussianBlur, type ThresholdMethod } from "../../../core/kernels/mod.ts";
import type { BackgroundMethod, StatisticsMode } from "../../../plugins/peaks/_background.ts";
import type { CenterMethod } from "../../../plugins/peaks/_center.ts";
import {
  findFoci,
  type Foci,
  type FociOptions,
  type HeightMethod,
  type SearchMethod,
} from "../../../plugins/peaks/_foci.ts";
import type { SortKey } from "../../../plugins/peaks/_sort.ts";
import { createVolume, type Volume } from "../../../plugins/peaks/_volume.ts";

/** An image and the reference program's options, keys and values as in the manifest. */
export interface ReferenceCase {
  /** Slice by slice, row by row. */
  readonly pixels: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly slices: number;
  /** Bits a sample: 8 and 16 are whole numbers, 32 is float. */
  readonly bits: number;
  readonly options: Readonly<Record<string, string | number>>;
}

/** One peak, with the columns of the reference's CSV files in their order. */
export interface ReferenceRow {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly value: number;
  readonly size: number;
  readonly total: number;
  readonly saddle: number;
  readonly saddleId: number;
  readonly sizeAboveSaddle: number;
  readonly avg: number;
  readonly totalAboveBg: number;
  readonly totalAboveSaddle: number;
  readonly totalAboveMin: number;
}

const BACKGROUNDS: Readonly<Record<string, BackgroundMethod>> = {
  ABSOLUTE: "absolute",
  MEAN: "mean",
  STD_DEV_ABOVE_MEAN: "sd-above-mean",
  AUTO_THRESHOLD: "auto-threshold",
  MIN_MASK_OR_ROI: "minimum",
  NONE: "none",
};

const SEARCHES: Readonly<Record<string, SearchMethod>> = {
  ABOVE_BACKGROUND: "above-background",
  FRACTION_OF_PEAK_MINUS_BACKGROUND: "fraction",
  HALF_PEAK_VALUE: "half",
};

const HEIGHTS: Readonly<Record<string, HeightMethod>> = {
  ABSOLUTE: "absolute",
  RELATIVE: "relative",
  RELATIVE_ABOVE_BACKGROUND: "relative-above-background",
};

const CENTERS: Readonly<Record<string, CenterMethod>> = {
  MAX_VALUE_SEARCH: "maximum",
  MAX_VALUE_ORIGINAL: "maximum-original",
  CENTRE_OF_MASS_SEARCH: "center-of-mass",
  CENTRE_OF_MASS_ORIGINAL: "center-of-mass-original",
};

const SORTS: Readonly<Record<string, SortKey>> = {
  COUNT: "size",
  INTENSITY: "total",
  MAX_VALUE: "height",
  AVERAGE_INTENSITY: "average",
  INTENSITY_MINUS_BACKGROUND: "total-above-background",
  AVERAGE_INTENSITY_MINUS_BACKGROUND: "average-above-background",
  INTENSITY_MINUS_MIN: "total-above-minimum",
  AVERAGE_INTENSITY_MINUS_MIN: "average-above-minimum",
  X: "x",
  Y: "y",
  Z: "z",
  SADDLE_HEIGHT: "saddle",
  COUNT_ABOVE_SADDLE: "size-above-saddle",
  INTENSITY_ABOVE_SADDLE: "total-above-saddle",
  ABSOLUTE_HEIGHT: "height-above-saddle",
  RELATIVE_HEIGHT: "relative-height",
  XYZ: "place",
};

/** What a case finds, and where. */
export interface ReferenceFoci {
  readonly foci: Foci;
  readonly searched: Float32Array;
  readonly volume: Volume;
  readonly options: FociOptions;
}

/** Runs a case as the reference program does, mistakes included unless told otherwise. */
export function findReferenceFoci(given: ReferenceCase, compatible = true): ReferenceFoci {
  const { width, height, slices, bits, options } = given;
  const volume = createVolume(width, height, slices);
  const original = Float32Array.from(given.pixels);
  const region = regionOf(options.roi, width, height);
  const isInteger = bits < 32;
  const blur = Number(options.blur ?? 0);
  const excluded = excludedPixels(original, given, region, compatible);
  const searched = blur > 0
    ? blurSlices(original, given, blur, isInteger)
    : compatible
    ? original
    : original.slice();
  const fociOptions = { ...optionsOf(options, isInteger, blur), compatible };
  const foci = findFoci(
    { volume, original, searched, excluded, box: region },
    fociOptions,
    () => {},
  );
  return { foci, searched, volume, options: fociOptions };
}

/** Runs a case as the reference program does, mistakes included, without a limit on peaks. */
export function runReferenceCase(given: ReferenceCase): ReferenceRow[] {
  const { width, height } = given;
  const { foci } = findReferenceFoci(given);
  const none = foci.background >= 0 ? 0 : -Infinity;
  return Array.from({ length: foci.count }, (_, k) => {
    const at = foci.position[k];
    const total = foci.total[k], size = foci.size[k];
    return {
      x: at % width,
      y: Math.floor(at / width) % height,
      z: Math.floor(at / (width * height)),
      value: foci.height[k],
      size,
      total,
      saddle: foci.saddle[k] > -Infinity ? foci.saddle[k] : none,
      saddleId: foci.saddleId[k],
      sizeAboveSaddle: foci.sizeAbove[k],
      avg: total / size,
      totalAboveBg: total - foci.background * size,
      totalAboveSaddle: foci.totalAbove[k],
      totalAboveMin: total - foci.minimum * size,
    };
  });
}

function optionsOf(
  options: ReferenceCase["options"],
  integer: boolean,
  blur: number,
): FociOptions {
  const word = <T>(key: string, names: Readonly<Record<string, T>>, otherwise: string): T => {
    const name = String(options[key] ?? otherwise);
    if (!Object.hasOwn(names, name)) throw new RangeError(`unknown ${key} "${name}"`);
    return names[name];
  };
  const number = (key: string, otherwise: number) => Number(options[key] ?? otherwise);
  const flag = (key: string, otherwise: boolean) => String(options[key] ?? otherwise) === "true";
  return {
    integer,
    compatible: true,
    backgroundMethod: word("background", BACKGROUNDS, "AUTO_THRESHOLD"),
    background: number("bgparam", 3),
    threshold: thresholdOf(String(options.threshold ?? "OTSU")),
    statistics: String(options.stats ?? "BOTH").toLowerCase() as StatisticsMode,
    search: word("search", SEARCHES, "ABOVE_BACKGROUND"),
    searchFraction: number("searchparam", 0.3),
    heightMethod: word("peak", HEIGHTS, "RELATIVE_ABOVE_BACKGROUND"),
    height: number("peakparam", 0.5),
    minimumSize: number("minsize", 5),
    minimumAboveSaddle: flag("abovesaddle", true),
    connected: flag("connected", false),
    maximumSize: number("maxsize", 0),
    removeEdge: flag("edge", false),
    border: "all",
    smoothness: blur,
    center: word("centre", CENTERS, "MAX_VALUE_SEARCH"),
    centerRadius: Math.max(1, Math.floor(number("centreparam", 2) + 0.5)),
    sort: word("sort", SORTS, "INTENSITY"),
    maximumPeaks: 0,
  };
}

function thresholdOf(name: string): ThresholdMethod {
  const names: Readonly<Record<string, string>> = { MIN_ERROR_I: "min-error" };
  return (names[name] ?? name.toLowerCase().replaceAll("_", "-")) as ThresholdMethod;
}

function regionOf(roi: string | number | undefined, width: number, height: number) {
  if (roi === undefined) return { left: 0, top: 0, right: width - 1, bottom: height - 1 };
  const [x, y, w, h] = String(roi).split(",").map(Number);
  return { left: x, top: y, right: x + w - 1, bottom: y + h - 1 };
}

function excludedPixels(
  pixels: Float32Array,
  { width, height }: ReferenceCase,
  region: ReturnType<typeof regionOf>,
  compatible: boolean,
): Uint8Array | null {
  const isWhole = region.left === 0 && region.top === 0 && region.right === width - 1 &&
    region.bottom === height - 1;
  // the reference forgets pixels that are not finite when there is a region of interest
  const excluded = Uint8Array.from(pixels, (v, i) => {
    if ((isWhole || !compatible) && !Number.isFinite(v)) return 1;
    const x = i % width, y = Math.floor(i / width) % height;
    return x < region.left || x > region.right || y < region.top || y > region.bottom ? 1 : 0;
  });
  return excluded.includes(1) ? excluded : null;
}

function blurSlices(
  pixels: Float32Array,
  { width, height, slices }: ReferenceCase,
  sigma: number,
  isInteger: boolean,
): Float32Array {
  const out = new Float32Array(pixels.length);
  const size = width * height;
  for (let z = 0; z < slices; z++) {
    const slice = (of: Float32Array) => of.subarray(z * size, (z + 1) * size);
    gaussianBlur(slice(pixels), width, height, sigma, slice(out));
  }
  return isInteger ? out.map((v) => Math.floor(v + 0.5)) : out;
}
