/**
 * FindFoci step by step, for previews and for training: when a parameter changes, only the steps that
 * follow it are done again.
 *
 * | step    | depends on                                                                         |
 * | ------- | ---------------------------------------------------------------------------------- |
 * | images  | polarity, blur, levels, region                                                     |
 * | regions | backgroundMethod, background, threshold, statistics, search, searchFraction        |
 * | merged  | heightMethod, height, minimumSize, minimumAboveSaddle, connectedAboveSaddle        |
 * | listed  | maximumSize, removeEdge, border, center, centerRadius, sort, maximumPeaks          |
 *
 * The results are those of `peaks.findfoci` with the same parameters, all of them known.
 *
 * @module
 */
import type { Image, Peaks } from "@core";
import type { FindFociParams } from "./_findfoci_params.ts";
import {
  copyRegions,
  findRegions,
  type Foci,
  type FociImages,
  type FociOptions,
  keptPeaks,
  listPeaks,
  mergeRegions,
  type Regions,
} from "./_foci.ts";
import { searchImages } from "./_images.ts";
import { peakTable } from "./_peak_table.ts";

export { findfociDefaults, type FindFociParams, findfociParams } from "./_findfoci_params.ts";

/** The steps, in their order. */
export const PREVIEW_STEPS = ["images", "regions", "merged", "listed"] as const;

/** The first step that was done again, or `none`. */
export type PreviewStep = (typeof PREVIEW_STEPS)[number] | "none";

/** Parameters of `peaks.findfoci` with nothing left at "auto". */
export type PreviewParams = FindFociParams & {
  readonly blur: number;
  readonly height: number;
  readonly backgroundMethod: Exclude<FindFociParams["backgroundMethod"], "auto">;
};

/** What a preview shows. */
export interface PreviewResult {
  readonly peaks: Peaks;
  /** The peak each pixel belongs to, by its row from 1. */
  readonly labels: Int32Array;
  /** Where the work began. */
  readonly from: PreviewStep;
}

/** Finds the peaks of one image again and again, as its parameters are moved. */
export interface FindFociPreview {
  run(params: PreviewParams): PreviewResult;
  /** Only the places of the peaks, unsorted, center at the maximum; for training. */
  positions(params: PreviewParams): Int32Array;
}

/** A result that is kept as long as what it depends on stays the same. */
interface Kept<T> {
  key: string;
  value: T;
}

/**
 * Starts a preview of an image; nothing is done before it is asked for.
 *
 * @example
 * ```ts
 * import { createFindFociPreview, findfociDefaults } from "../../mod.ts";
 * import { createImage } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const data = Float32Array.of(1, 2, 1, 1, 3, 1, 1);
 * const preview = createFindFociPreview(createImage({ width: 7, height: 1, data }));
 * const params = { ...findfociDefaults, blur: 0, height: 0, minimumSize: 1, border: "all" } as const;
 * assertEquals(preview.run({ ...params, backgroundMethod: "minimum" }).peaks.length, 2);
 * const higher = preview.run({ ...params, backgroundMethod: "minimum", height: 1.5 });
 * assertEquals([higher.peaks.length, higher.from], [1, "merged"]);
 * ```
 */
export function createFindFociPreview(image: Image): FindFociPreview {
  let images: Kept<{ images: FociImages; turn: number | null }> | undefined;
  let regions: Kept<Regions> | undefined;
  let merged: Kept<Regions> | undefined;
  let listed: Kept<Foci> | undefined;

  const imagesOf = (p: PreviewParams) => {
    const integer = isInteger(image, p);
    const key = JSON.stringify([p.polarity, p.blur, integer, p.region]);
    if (images?.key !== key) {
      const region = p.region.length === 0 ? null : p.region;
      const choice = { polarity: p.polarity, blur: p.blur, integer, region, masks: [] };
      images = { key, value: searchImages([image], choice) };
      regions = undefined;
    }
    return images.value;
  };
  const regionsOf = (p: PreviewParams, options: FociOptions) => {
    const { images: searched } = imagesOf(p);
    const key = JSON.stringify([
      options.backgroundMethod,
      options.background,
      options.threshold,
      options.statistics,
      options.search,
      options.searchFraction,
      options.compatible,
    ]);
    if (regions?.key !== key) {
      regions = { key, value: findRegions(searched, options) };
      merged = undefined;
    }
    return regions.value;
  };
  const mergedOf = (p: PreviewParams, options: FociOptions) => {
    const before = regionsOf(p, options);
    const key = JSON.stringify([
      options.heightMethod,
      options.height,
      options.minimumSize,
      options.minimumAboveSaddle,
      options.connected,
    ]);
    if (merged?.key !== key) {
      merged = { key, value: copyRegions(before) };
      mergeRegions(merged.value, options);
      listed = undefined;
    }
    return merged.value;
  };
  const optionsOf = (p: PreviewParams): FociOptions => {
    const { turn } = imagesOf(p);
    const isLevel = turn !== null && p.backgroundMethod === "absolute";
    return {
      ...p,
      integer: isInteger(image, p),
      smoothness: p.blur,
      background: isLevel ? turn - p.background : p.background,
      connected: p.connectedAboveSaddle,
    };
  };

  return {
    run(params) {
      const known = { images, regions, merged, listed };
      const options = optionsOf(params);
      const peaks = mergedOf(params, options);
      const key = JSON.stringify([
        options.maximumSize,
        options.removeEdge,
        options.border,
        options.center,
        options.centerRadius,
        options.sort,
        options.maximumPeaks,
      ]);
      if (listed?.key !== key) {
        listed = { key, value: listPeaks(images!.value.images, copyRegions(peaks), options) };
      }
      const from: PreviewStep = known.images !== images
        ? "images"
        : known.regions !== regions
        ? "regions"
        : known.merged !== merged
        ? "merged"
        : known.listed !== listed
        ? "listed"
        : "none";
      const { value } = listed;
      return {
        peaks: peakTable(value, image.width, images!.value.turn),
        labels: value.labels,
        from,
      };
    },
    positions(params) {
      const options = optionsOf(params);
      const peaks = mergedOf(params, options);
      const leavesOut = params.removeEdge || params.maximumSize > 0;
      const own = leavesOut ? copyRegions(peaks) : peaks; // leaving out changes the neighbors
      const kept = keptPeaks(images!.value.images, own, options);
      return Int32Array.from(kept, (id) => own.peaks.position[id]);
    },
  };
}

/** Whether levels are whole numbers; blur and height are known here. */
function isInteger({ sourceType }: Image, { levels }: PreviewParams): boolean {
  return levels === "integer" ||
    levels === "auto" && (sourceType === "uint8" || sourceType === "uint16");
}
