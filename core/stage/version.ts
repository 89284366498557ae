/**
 * Versions and ranges of them, as stages, plugins and pipelines write them.
 *
 * @module
 */

/** `1.2.3` as numbers, or `undefined` for anything else. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** Below 0 when `a` is the older version, 0 when they are equal. Both must be versions. */
export function compareVersions(a: string, b: string): number {
  const [p, q] = [parseVersion(a)!, parseVersion(b)!];
  return p[0] - q[0] || p[1] - q[1] || p[2] - q[2];
}

/** Whether a text is a range that {@linkcode inRange} understands: `1.2.3`, `^1`, `^1.2`, `^1.2.3`. */
export function isRange(text: string): boolean {
  return parseVersion(text) !== undefined || /^\^\d{1,9}(\.\d{1,9}){0,2}$/.test(text);
}

/**
 * Whether a version lies in a range: the very version for `1.2.3`; for `^1.2` any of the same major
 * version that is not older.
 */
export function inRange(version: string, range: string): boolean {
  if (!isRange(range)) return false;
  if (!range.startsWith("^")) return version === range;
  const [major, minor, patch] = parseVersion(version) ?? [-1, 0, 0];
  const want = range.slice(1).split(".").map(Number);
  if (major !== want[0]) return false;
  const [wantMinor = 0, wantPatch = 0] = want.slice(1);
  return minor > wantMinor || (minor === wantMinor && patch >= wantPatch);
}

/** The range of all versions that a caller of this one can use: `^1.2` of `1.2.3`. */
export function rangeOf(version: string): string {
  return `^${version.split(".").slice(0, 2).join(".")}`;
}
