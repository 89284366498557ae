/**
 * Local maxima of windows by their definition, without regard to cost.
 *
 * @module
 */

export interface SlowWindowRule {
  readonly reach: number;
  readonly least: number;
  readonly border: number;
}

/** Pixel indices; @param values pixels in rows, -Infinity for those that take no part */
export function slowLocalMaxima(
  values: readonly number[],
  width: number,
  height: number,
  { reach, least, border }: SlowWindowRule,
): number[] {
  const all = values.map((_, i) => i);
  const far = (a: number, b: number) =>
    Math.max(
      Math.abs(a % width - b % width),
      Math.abs(Math.floor(a / width) - Math.floor(b / width)),
    );
  const isTop = all.map((i) =>
    values[i] > least && all.every((n) => far(i, n) > reach || values[n] <= values[i])
  );
  const left = new Set(all.filter((i) => isTop[i]));
  const middles: number[] = [];
  for (const i of all) {
    if (!left.delete(i)) continue;
    const flat = [i];
    for (const p of flat) {
      for (const n of [...left].filter((q) => far(p, q) === 1)) {
        left.delete(n);
        flat.push(n);
      }
    }
    flat.sort((a, b) => a - b);
    const n = flat.length;
    const sumX = flat.reduce((sum, p) => sum + p % width, 0);
    const sumY = flat.reduce((sum, p) => sum + Math.floor(p / width), 0);
    const farness = (p: number) =>
      (n * (p % width) - sumX) ** 2 + (n * Math.floor(p / width) - sumY) ** 2;
    middles.push(flat.reduce((best, p) => farness(p) < farness(best) ? p : best));
  }
  const inside = middles.filter((i) => {
    const x = i % width, y = Math.floor(i / width);
    return x >= border && y >= border && x < width - border && y < height - border;
  });
  inside.sort((a, b) => values[b] - values[a] || a - b);
  const kept: number[] = [];
  for (const i of inside) if (kept.every((k) => far(i, k) > reach)) kept.push(i);
  return kept;
}
