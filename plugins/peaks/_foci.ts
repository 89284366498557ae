/**
 * FindFoci from an image to a table of peaks.
 *
 * @module
 */
import { createTable, type Image, PEAK_COLUMNS, type Peaks } from "@core";
import { gaussianBlur } from "@core/kernels";
import { backgroundLevel, type BackgroundMethod } from "./_background.ts";
import { type MergedPeaks, mergePeaks } from "./_merge.ts";
import { assignRegions } from "./_regions.ts";

/** Parameters of the search, all of them known. */
export interface FociOptions {
  readonly polarity: "bright" | "dark";
  readonly blur: number;
  readonly heightMethod: "absolute" | "relative" | "relative-above-background";
  readonly height: number;
  readonly backgroundMethod: BackgroundMethod;
  readonly background: number;
  readonly minimumSize: number;
  readonly minimumAboveSaddle: boolean;
  readonly maximumSize: number;
  readonly removeEdge: boolean;
  readonly maximumPeaks: number;
}

/** Finds the peaks of an image. */
export function findFoci(
  image: Image,
  options: FociOptions,
  report: (fraction: number) => void,
): Peaks {
  const { width, height } = image;
  const isInteger = /^u?int/.test(image.sourceType);
  const original = options.polarity === "dark" ? invert(image.data) : image.data;
  const search = new Float32Array(original.length);
  gaussianBlur(original, width, height, options.blur, search);
  if (isInteger && options.blur > 0) for (let i = 0; i < search.length; i++) search[i] = Math.round(search[i]);
  report(0.3);
  const background = backgroundLevel(
    search,
    options.backgroundMethod,
    options.background,
    isInteger,
  );
  const none = new Uint8Array(search.length);
  const regions = assignRegions(search, width, height, background, none);
  report(0.7);
  const merged = mergePeaks(search, width, height, regions, {
    need: (top) => neededHeight(options, top, background, isInteger),
    background,
    minimumSize: options.minimumSize,
    minimumAboveSaddle: options.minimumAboveSaddle,
  });
  report(0.9);
  const atEdge = options.removeEdge ? edgeOwners(merged, regions.labels, width, height) : undefined;
  const rows = keptPeaks(merged, options, atEdge);
  return peakTable(merged, rows, options.polarity === "dark" ? -1 : 1, image.data, width);
}

/** The least height above the saddle for a peak. */
function neededHeight(
  options: FociOptions,
  top: number,
  background: number,
  isInteger: boolean,
): number {
  const need = options.heightMethod === "absolute"
    ? options.height
    : options.heightMethod === "relative"
    ? options.height * top
    : options.height * (top - background);
  if (isInteger) return Math.max(1, Math.floor(need + 0.5));
  return need > 0 ? need : 1e-6 * (top - background);
}

/** 1 for peaks that own a pixel on the border. */
function edgeOwners(
  merged: MergedPeaks,
  labels: Int32Array,
  width: number,
  height: number,
): Uint8Array {
  const atEdge = new Uint8Array(merged.owner.length);
  for (let x = 0; x < width; x++) {
    atEdge[merged.owner[labels[x]]] = 1;
    atEdge[merged.owner[labels[(height - 1) * width + x]]] = 1;
  }
  for (let y = 0; y < height; y++) {
    atEdge[merged.owner[labels[y * width]]] = 1;
    atEdge[merged.owner[labels[y * width + width - 1]]] = 1;
  }
  return atEdge;
}

/** Ids of the peaks that stay, highest total first. */
function keptPeaks(
  merged: MergedPeaks,
  options: FociOptions,
  atEdge: Uint8Array | undefined,
): number[] {
  const ids: number[] = [];
  for (let id = 1; id < merged.alive.length; id++) {
    if (merged.alive[id] === 0 || atEdge?.[id]) continue;
    if (options.maximumSize > 0 && merged.size[id] > options.maximumSize) continue;
    ids.push(id);
  }
  ids.sort((a, b) => merged.total[b] - merged.total[a] || a - b);
  return options.maximumPeaks > 0 ? ids.slice(0, options.maximumPeaks) : ids;
}

function peakTable(
  merged: MergedPeaks,
  ids: readonly number[],
  sign: number,
  original: Float32Array,
  width: number,
): Peaks {
  const rank = new Map(ids.map((id, i) => [id, i + 1]));
  const numbers = (of: (id: number) => number) => Float64Array.from(ids, of);
  return createTable({
    x: numbers((id) => merged.x[id]),
    y: numbers((id) => merged.y[id]),
    height: numbers((id) => original[merged.y[id] * width + merged.x[id]]),
    size: numbers((id) => merged.size[id]),
    total: numbers((id) => sign * merged.total[id]),
    saddle: numbers((id) => Number.isFinite(merged.saddle[id]) ? sign * merged.saddle[id] : NaN),
    saddleId: numbers((id) => rank.get(merged.saddleId[id]) ?? 0),
    sizeAboveSaddle: numbers((id) => merged.sizeAboveSaddle[id]),
    totalAboveSaddle: numbers((id) => sign * merged.totalAboveSaddle[id]),
  }, { ...PEAK_COLUMNS, size: "px", total: "counts", saddle: "counts" });
}

function invert(data: Float32Array): Float32Array {
  return data.map((v) => -v);
}
