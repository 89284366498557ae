/**
 * Find Maxima by its definition, without regard to cost: from every pixel a flood of all that can be
 * reached without descending by more than the prominence.
 *
 * @module
 */

export interface SlowMaximum {
  readonly x: number;
  readonly y: number;
  readonly top: number;
}

export interface SlowRule {
  readonly prominence: number;
  readonly strict: boolean;
  readonly excludeEdges: boolean;
}

/** @param values pixels in rows; null for those that take no part */
export function slowFindMaxima(
  values: readonly (number | null)[],
  width: number,
  height: number,
  { prominence, strict, excludeEdges }: SlowRule,
): SlowMaximum[] {
  const isEdge = (i: number) => {
    const x = i % width, y = Math.floor(i / width);
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  };
  const flood = (start: number, passes: (v: number) => boolean): number[] => {
    const list = [start], seen = new Set(list);
    for (const i of list) {
      const x = i % width, y = Math.floor(i / width);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const n = v * width + u, value = values[n];
          if (seen.has(n) || value === null || !passes(value)) continue;
          seen.add(n);
          list.push(n);
        }
      }
    }
    return list;
  };
  const found: SlowMaximum[] = [];
  const done = new Set<number>();
  values.forEach((top, i) => {
    if (top === null || done.has(i)) return;
    const area = flood(i, (v) => top - v <= prominence);
    if (area.some((p) => values[p]! > top)) return;
    const piece = flood(i, () => true);
    const lowest = Math.min(...piece.map((p) => values[p]!));
    if (lowest === top) return;
    if (strict && !(top - lowest > prominence)) return;
    const tops = area.filter((p) => values[p] === top).sort((a, b) => a - b);
    tops.forEach((p) => done.add(p));
    if (excludeEdges && (strict ? area : tops).some(isEdge)) return;
    const n = tops.length;
    const sumX = tops.reduce((sum, p) => sum + p % width, 0);
    const sumY = tops.reduce((sum, p) => sum + Math.floor(p / width), 0);
    const farness = (p: number) =>
      (n * (p % width) - sumX) ** 2 + (n * Math.floor(p / width) - sumY) ** 2;
    const middle = tops.reduce((best, p) => farness(p) < farness(best) ? p : best);
    found.push({ x: middle % width, y: Math.floor(middle / width), top });
  });
  return found.sort((a, b) => b.top - a.top || a.y - b.y || a.x - b.x);
}

/** How far one must descend from a pixel to come to another one of at least its height that is not its own. */
export function slowProminence(
  values: readonly (number | null)[],
  width: number,
  height: number,
  start: number,
  own: ReadonlySet<number>,
): number {
  const top = values[start]!;
  const levels = [...new Set(values.filter((v) => v !== null))].filter((v) => v <= top)
    .sort((a, b) => b - a);
  let lowest = top;
  for (const level of levels) {
    const list = [start], seen = new Set(list);
    for (const i of list) {
      const x = i % width, y = Math.floor(i / width);
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const n = v * width + u, value = values[n];
          if (seen.has(n) || value === null || value < level) continue;
          seen.add(n);
          list.push(n);
        }
      }
    }
    if (list.some((i) => values[i]! > top || (values[i] === top && !own.has(i)))) {
      return top - level;
    }
    lowest = Math.min(lowest, ...list.map((i) => values[i]!));
  }
  return top - lowest;
}
