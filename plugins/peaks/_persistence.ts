/**
 * Persistence of local maxima: how far each stands above the pass to a higher one.
 *
 * @module
 */
import { countUpInPlace } from "./_count_up.ts";
import { labelByAscent } from "./_local_maxima.ts";
import { descendingOrder } from "./_radix_order.ts";
import { findSaddles } from "./_saddles.ts";
import { createVolume, markBorder } from "./_volume.ts";

/** Local maxima of an image with the persistence of each, highest first. */
export interface PersistentMaxima {
  readonly count: number;
  /** Pixel index. */
  readonly position: Int32Array;
  /** Height above the highest pass to a higher maximum; of the highest, above the lowest pixel. */
  readonly persistence: Float32Array;
}

/** The local maxima of an image: O(n) in pixels, and near-linear in maxima. */
export function persistentMaxima(
  values: Float32Array,
  width: number,
  height: number,
): PersistentMaxima {
  const volume = createVolume(width, height, 1);
  const flags = new Uint8Array(values.length), labels = new Int32Array(values.length);
  markBorder(volume, flags);
  let lowest = Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] < lowest) lowest = values[i];
  const { count, position, top } = labelByAscent(values, volume, flags, lowest, lowest, labels);
  const { first, second, level } = findSaddles(values, volume, flags, labels, -Infinity, count);
  const persistence = new Float32Array(count);
  const owner = countUpInPlace(new Int32Array(count));
  const ownerOf = (k: number) => {
    while (owner[k] !== k) k = owner[k] = owner[owner[k]];
    return k;
  };
  for (const e of descendingOrder(level)) {
    const a = ownerOf(first[e] - 1), b = ownerOf(second[e] - 1);
    if (a === b) continue;
    const low = Math.max(a, b); // ids are in the order of height
    owner[low] = Math.min(a, b);
    persistence[low] = top[low] - level[e];
  }
  if (count > 0) persistence[0] = top[0] - lowest;
  return { count, position, persistence };
}
