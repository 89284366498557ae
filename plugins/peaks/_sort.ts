/**
 * The order of the peaks in the result.
 *
 * @module
 */

/** What peaks are sorted by. */
export const SORT_KEYS = [
  "total",
  "height",
  "size",
  "average",
  "total-above-background",
  "average-above-background",
  "total-above-minimum",
  "average-above-minimum",
  "saddle",
  "size-above-saddle",
  "total-above-saddle",
  "height-above-saddle",
  "relative-height",
  "x",
  "y",
  "z",
  "place",
] as const;

/** One of {@linkcode SORT_KEYS}; places ascend, all others descend. */
export type SortKey = typeof SORT_KEYS[number];

/** What peaks are sorted by, by id. */
export interface Sortable {
  readonly position: Int32Array;
  readonly height: Float64Array;
  readonly size: Float64Array;
  readonly total: Float64Array;
  readonly saddle: Float64Array;
  readonly sizeAbove: Float64Array;
  readonly totalAbove: Float64Array;
  readonly background: number;
  readonly minimum: number;
  /** Pixels in a row, and rows in a slice. */
  readonly width: number;
  readonly rows: number;
}

/** Sorts ids; of equal ones the highest first, then the largest, then by x, y and z. */
export function sortPeaks(ids: Int32Array, key: SortKey, peaks: Sortable): Int32Array {
  const { position, height, size, width, rows } = peaks;
  const x = (id: number) => position[id] % width;
  const y = (id: number) => Math.floor(position[id] / width) % rows;
  const value = new Float64Array(position.length);
  const of = valueOf(key, peaks, { x, y });
  for (const id of ids) value[id] = of(id);
  return ids.slice().sort((a, b) =>
    value[b] - value[a] || height[b] - height[a] || size[b] - size[a] || x(a) - x(b) ||
    y(a) - y(b) || position[a] - position[b]
  );
}

function valueOf(
  key: SortKey,
  peaks: Sortable,
  { x, y }: { x: (id: number) => number; y: (id: number) => number },
): (id: number) => number {
  const { height, size, total, saddle, background, minimum, position } = peaks;
  const above = (id: number) => height[id] - Math.max(saddle[id], background);
  switch (key) {
    case "total":
      return (id) => total[id];
    case "height":
      return (id) => height[id];
    case "size":
      return (id) => size[id];
    case "average":
      return (id) => total[id] / size[id];
    case "total-above-background":
      return (id) => total[id] - background * size[id];
    case "average-above-background":
      return (id) => total[id] / size[id] - background;
    case "total-above-minimum":
      return (id) => total[id] - minimum * size[id];
    case "average-above-minimum":
      return (id) => total[id] / size[id] - minimum;
    case "saddle":
      return (id) => saddle[id] > -Infinity ? saddle[id] : -Number.MAX_VALUE;
    case "size-above-saddle":
      return (id) => peaks.sizeAbove[id];
    case "total-above-saddle":
      return (id) => peaks.totalAbove[id];
    case "height-above-saddle":
      return above;
    case "relative-height":
      return (id) => above(id) / (height[id] - background);
    case "x":
      return (id) => -x(id);
    case "y":
      return (id) => -y(id);
    case "z":
      return (id) => -position[id];
    case "place":
      return (id) => -position[id];
  }
}
