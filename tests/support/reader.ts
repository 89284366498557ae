/**
 * Reading files in tests: a context that keeps the warnings, and the files made by other programs.
 *
 * @module
 */
import type { FormatContext } from "../../core/stage/format.ts";

/** A context that keeps the codes of its warnings. */
export interface TestFormatContext extends FormatContext {
  readonly codes: string[];
  readonly messages: string[];
}

/** Makes a context for a file of this path. */
export function formatContext(path: string): TestFormatContext {
  const codes: string[] = [], messages: string[] = [];
  return {
    name: path.replace(/^.*\//, "").replace(/\.[^.]*$/, ""),
    path,
    codes,
    messages,
    warn(code, message) {
      codes.push(code);
      messages.push(message);
    },
  };
}

/** The bytes of a file of `tests/golden/io`, which `make.py` there explains. */
export function goldenFile(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../golden/io/${name}`, import.meta.url));
}

/** Width and height of the picture in these files. */
export const GOLDEN_SIZE = [13, 9] as const;

/** The value of `make.py` for each pixel of a page, changed by a function. */
export function goldenPixels(page = 0, change: (value: number) => number = (v) => v): number[] {
  const [width, height] = GOLDEN_SIZE;
  return Array.from(
    { length: width * height },
    (_, i) => change(100 * page + 7 * Math.floor(i / width) + 3 * (i % width)),
  );
}

/** The luma of the color pictures there, as float32. */
export function goldenLuma(value: number): number {
  return Math.fround(0.299 * value + 0.587 * (value + 20) + 0.114 * (value + 40));
}
