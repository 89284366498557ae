/**
 * Persistence of local maxima: how far each stands above the pass to a higher one.
 *
 * @module
 */
import { descendingOrder, STEP_X, STEP_Y } from "./_regions.ts";

/**
 * The height of every local maximum above the highest pass to a higher maximum, in no useful order;
 * the highest one counts from the lowest pixel. O(n) after the sort of the pixels.
 */
export function persistences(values: Float32Array, width: number, height: number): Float64Array {
  const order = descendingOrder(values);
  const parent = new Int32Array(values.length).fill(-1);
  const top = new Float32Array(values.length); // by root: height of its maximum
  const found: number[] = [];
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root];
    while (parent[i] !== root) {
      const next = parent[i];
      parent[i] = root;
      i = next;
    }
    return root;
  };
  for (let k = 0; k < order.length; k++) {
    const i = order[k], v = values[i];
    parent[i] = i;
    top[i] = v;
    const px = i % width, py = (i - px) / width;
    for (let d = 0; d < 8; d++) {
      const nx = px + STEP_X[d], ny = py + STEP_Y[d];
      if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
      const n = ny * width + nx;
      if (parent[n] < 0) continue;
      const a = find(i), b = find(n);
      if (a === b) continue;
      const [low, high] = top[a] < top[b] ? [a, b] : [b, a];
      if (top[low] > v) found.push(top[low] - v);
      parent[low] = high;
    }
  }
  if (order.length > 0) found.push(values[order[0]] - values[order[order.length - 1]]);
  return Float64Array.from(found);
}
