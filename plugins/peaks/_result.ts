/**
 * The last steps of FindFoci: peaks that stay, what they measure in the original, their places and order.
 *
 * @module
 */
import { selectValues } from "@core";
import { countAbove, countConnectedAbove } from "./_above_saddle.ts";
import { isListed } from "./_border.ts";
import { centerOf } from "./_center.ts";
import type { Foci, FociImages, FociOptions } from "./_foci.ts";
import type { Labeled, PeakState } from "./_merge.ts";
import { sortPeaks } from "./_sort.ts";

/**
 * Ids of the peaks that stay: not at the edge, not too large, if so asked. The neighbors of peaks left
 * out at the border keep their saddles, which are real; those of the others lose them, as the method has
 * it.
 */
export function filterPeaks(
  { box }: FociImages,
  { labels, values, volume }: Labeled,
  { count, alive, size, total, neighbor, saddle, sizeAbove, totalAbove, position }: PeakState,
  { removeEdge, border, smoothness, maximumSize }: FociOptions,
): Int32Array {
  const { width, height, depth } = volume;
  const isOut = new Uint8Array(count + 1);
  if (removeEdge) {
    for (let z = 0; z < depth; z++) {
      const row = (y: number) => (z * height + y) * width;
      for (let x = box.left; x <= box.right; x++) {
        isOut[labels[row(box.top) + x]] = isOut[labels[row(box.bottom) + x]] = 1;
      }
      for (let y = box.top; y <= box.bottom; y++) {
        isOut[labels[row(y) + box.left]] = isOut[labels[row(y) + box.right]] = 1;
      }
    }
  }
  const kept: number[] = [];
  for (let id = 1; id <= count; id++) {
    if (maximumSize > 0 && size[id] > maximumSize) isOut[id] = 1;
    if (alive[id] === 1 && isOut[id] === 0) kept.push(id);
  }
  for (const id of kept) {
    if (isOut[neighbor[id]] === 0) continue;
    neighbor[id] = 0;
    saddle[id] = -Infinity;
    sizeAbove[id] = size[id];
    totalAbove[id] = total[id];
  }
  const step = Math.max(1, Math.round(smoothness));
  return Int32Array.from(
    kept.filter((id) => isListed(values, volume, box, border, step, position[id])),
  );
}

/** Measures the peaks that stay and puts them in order, all but their saddles; labels become ranks. */
export function collectFoci(
  images: FociImages,
  image: Labeled,
  peaks: PeakState,
  kept: Int32Array,
  options: FociOptions,
  background: number,
  minimum: number,
): Omit<Foci, "saddles"> {
  const { labels, volume, flags } = image;
  const { original, searched } = images;
  if (!options.compatible) {
    if (options.connected) countConnectedAbove(image, peaks);
    else countAbove(image, peaks);
  }
  const { height, total } = measureOriginal(images, labels, peaks, options.compatible);
  const saddleOf = (id: number) =>
    peaks.saddle[id] > -Infinity
      ? peaks.saddle[id]
      : options.compatible && background >= 0
      ? 0
      : background;
  if (options.center !== "maximum") {
    const isOriginal = options.center.endsWith("original");
    const radius = options.center.startsWith("center") ? Math.max(1, options.centerRadius) : 0;
    for (const id of kept) {
      peaks.position[id] = centerOf(
        isOriginal ? original : searched,
        volume,
        flags,
        labels,
        peaks.position[id],
        saddleOf(id),
        radius,
      );
    }
  }
  const sorted = sortPeaks(kept, options.sort, {
    ...peaks,
    height,
    total,
    background,
    minimum,
    width: volume.width,
    rows: volume.height,
  });
  const ids = options.maximumPeaks > 0 ? sorted.subarray(0, options.maximumPeaks) : sorted;
  const rank = new Int32Array(peaks.count + 1);
  ids.forEach((id, k) => rank[id] = k + 1);
  for (let i = 0; i < labels.length; i++) labels[i] = rank[labels[i]];
  const numbers = (of: Float64Array) => selectValues(of, ids);
  return {
    count: ids.length,
    position: Int32Array.from(ids, (id) => peaks.position[id]),
    height: numbers(height),
    top: numbers(peaks.top),
    size: numbers(peaks.size),
    total: numbers(total),
    saddle: numbers(peaks.saddle),
    saddleId: Int32Array.from(ids, (id) => rank[peaks.neighbor[id]]),
    sizeAbove: numbers(peaks.sizeAbove),
    totalAbove: numbers(peaks.totalAbove),
    labels,
    background,
    minimum,
  };
}

/** Largest value and sum of each region in the original. */
function measureOriginal(
  { original, searched }: FociImages,
  labels: Int32Array,
  { count, top, total }: PeakState,
  compatible: boolean,
): { height: Float64Array; total: Float64Array } {
  if (original === searched) return { height: top, total };
  // the reference starts its search for the largest value at 0
  const height = new Float64Array(count + 1).fill(compatible ? 0 : -Infinity);
  const sum = new Float64Array(count + 1);
  for (let i = 0; i < labels.length; i++) {
    const id = labels[i];
    if (id === 0) continue;
    sum[id] += original[i];
    if (original[i] > height[id]) height[id] = original[i];
  }
  if (compatible) {
    for (let id = 1; id <= count; id++) {
      if (sum[id] !== 0) continue;
      sum[id] = total[id];
      height[id] = top[id];
    }
  }
  return { height, total: sum };
}
