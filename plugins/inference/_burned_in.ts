/**
 * Scale bars and text that a microscope program has written into an image.
 *
 * @module
 */
import {
  type Component,
  frameShare,
  type Level,
  levelComponents,
  levelShare,
} from "./_level_components.ts";

/** A rectangle of an image that is no picture of the specimen. */
export interface Region {
  readonly kind: "bar" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A level that more of the image has is a background, not writing. */
const MOST_OF_IMAGE = 0.3;

/** Values this near to the highest or lowest, over the range, are as high or low: compression moves them. */
const SAME_LEVEL = 0.02;

/** A bar: this much of its rectangle filled, pixels, and length over thickness; or as sharp as a letter. */
const BAR_FILL = 0.9;
const BAR_AREA = 40;
const BAR_ASPECT = 2.5;

/** A box behind writing: shares of its rectangle's frame and of all of it, pixels, and thickness, px. */
const BOX_FRAME = 0.95;
const BOX_FILL = 0.5;
const BOX_AREA = 400;
const BOX_SIDE = 12;

/**
 * A strip along the border: least share of the level in its first and last line, and in all; lines from the last
 * to the picture, for an edge of the vacuum around a particle is not straight; most of a side.
 */
const STRIP_END = 0.95;
const STRIP_LINE = 0.5;
const STRIP_EDGE = 2;
const MOST_STRIP = 0.25;

/** Least share of neighbors around a bar or letter that differ by more than {@linkcode SHARP_STEP}. */
const SHARP = 0.7;
const SHARP_STEP = 0.3;

/** A letter: pixels, and height in px; near a bar, where edges may be smoothed, least share of sharp ones. */
const LETTER_AREA = 6;
const LETTER_HEIGHTS = [4, 80];
const LETTER_CRISP = 0.5;

/** A piece of a letter beside those of its line, of thin strokes smoothed away: pixels, and heights from them. */
const PIECE_AREA = 2;
const PIECE_GAP = 1;

/** Letters belong to a bar within this many of their heights; to a line with gaps up to so many. */
const NEAR_BAR = 3;
const LINE_GAP = 1.5;

/** Letters in a line that has no bar near it, and how sharp they must be. */
const LINE_LETTERS = 3;
const LINE_SHARP = 0.9;

/**
 * The rectangles of burned-in bars, of boxes, and of letters: connected pixels of the highest or lowest
 * value. Bars are rectangles; letters stand near a bar, or in a line with sharp edges, each line of them in
 * one rectangle; boxes have a whole frame and are mostly empty. Columns clipped at that value have soft edges
 * and are neither; nor is the vacuum around a particle; the noise of few counts has no large connected pieces of
 * it.
 *
 * @param pixels width * height, finite
 */
export function findBurnedIn(pixels: Float32Array, width: number, height: number): Region[] {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] < low) low = pixels[i];
    if (pixels[i] > high) high = pixels[i];
  }
  if (!(high > low)) return [];
  const most = MOST_OF_IMAGE * pixels.length;
  const step = SHARP_STEP * (high - low), same = SAME_LEVEL * (high - low);
  return [{ from: high - same, to: high }, { from: low, to: low + same }].flatMap((level) => {
    const components = levelComponents(pixels, width, height, level, step, most);
    const boxes = components.filter((c) =>
      !isBar(c) && c.area >= BOX_AREA && Math.min(c.width, c.height) >= BOX_SIDE &&
      c.area >= BOX_FILL * c.width * c.height && frameShare(pixels, width, level, c) >= BOX_FRAME
    );
    const strips = stripsOf(pixels, width, height, level);
    // strips along two borders meet in a corner, but are not one rectangle
    return [...joined(boxes.map(region("text"))), ...strips, ...writingOf(components)];
  });
}

/** Strips of one level along the border with writing in them. */
function stripsOf(pixels: Float32Array, width: number, height: number, level: Level): Region[] {
  const row = (y: number) => levelShare(pixels, y * width, 1, width, level);
  const column = (x: number) => levelShare(pixels, x, width, height, level);
  const top = stripLines(height, row), bottom = stripLines(height, (y) => row(height - 1 - y));
  const left = stripLines(width, column), right = stripLines(width, (x) => column(width - 1 - x));
  const kind = "text" as const;
  return [
    { kind, x: 0, y: 0, width, height: top },
    { kind, x: 0, y: height - bottom, width, height: bottom },
    { kind, x: 0, y: 0, width: left, height },
    { kind, x: width - right, y: 0, width: right, height },
  ].filter((strip) => Math.min(strip.width, strip.height) >= BOX_SIDE);
}

/** How many lines from a border belong to a strip; 0 without one. */
function stripLines(lines: number, shareOf: (line: number) => number): number {
  if (shareOf(0) < STRIP_END) return 0;
  let last = 0;
  for (let line = 1; line <= MOST_STRIP * lines; line++) {
    const share = shareOf(line);
    if (share >= STRIP_END) last = line;
    if (share < STRIP_LINE) return line - last <= STRIP_EDGE ? last + 1 : 0;
  }
  return 0;
}

const region = (kind: Region["kind"]) => ({ x, y, width, height }: Region | Component): Region => ({
  kind,
  x,
  y,
  width,
  height,
});

function isBar(c: Component): boolean {
  const aspect = Math.max(c.width / c.height, c.height / c.width);
  return c.area >= BAR_AREA && c.area >= BAR_FILL * c.width * c.height &&
    (c.sharp >= SHARP || c.crisp >= SHARP && aspect >= BAR_ASPECT);
}

/** Bars, and lines of letters. */
function writingOf(components: readonly Component[]): Region[] {
  const bars = components.filter(isBar);
  const letters = components.filter((c) =>
    !isBar(c) && c.area >= LETTER_AREA && c.height >= LETTER_HEIGHTS[0] &&
    c.height <= LETTER_HEIGHTS[1]
  );
  const beside = bars.map((bar) =>
    letters.filter((c) => c.crisp >= LETTER_CRISP && gap(c, bar) <= NEAR_BAR * c.height)
  ).filter((line) => line.length > 0);
  const crisp = letters.filter((c) => c.sharp >= LINE_SHARP);
  const lines = crisp.map((letter) => lineOf(letter, crisp)).filter((line) =>
    line.length >= LINE_LETTERS
  );
  const pieces = components.filter((c) =>
    !isBar(c) && c.area >= PIECE_AREA && c.crisp >= LETTER_CRISP
  );
  const written = [...beside.map((line) => grown(around(line), pieces)), ...lines.map(around)];
  return [...bars.map(region("bar")), ...joined(written).map(region("text"))];
}

/** A line of letters with the pieces at its height that follow on both sides. */
function grown(line: Region, pieces: readonly Component[]): Region {
  let whole = line;
  for (;;) {
    const next = pieces.filter((c) =>
      c.y >= line.y - 1 && c.y + c.height <= line.y + line.height + 1 &&
      gap(c, whole) <= PIECE_GAP * line.height
    );
    const wider = around([whole, ...next]);
    if (wider.width === whole.width) return whole;
    whole = wider;
  }
}

/** The rectangle around several. */
function around(all: readonly (Component | Region)[]): Region {
  const x = Math.min(...all.map((c) => c.x)), y = Math.min(...all.map((c) => c.y));
  const right = Math.max(...all.map((c) => c.x + c.width));
  const bottom = Math.max(...all.map((c) => c.y + c.height));
  return { kind: "text", x, y, width: right - x, height: bottom - y };
}

/** Rectangles that touch become one. */
function joined(regions: readonly Region[]): Region[] {
  const left: Region[] = [];
  for (const one of regions) {
    let whole = one;
    for (let k = left.length - 1; k >= 0; k--) {
      if (gap(left[k], whole) > 0) continue;
      whole = around([left[k], whole]);
      left.splice(k, 1);
    }
    left.push(whole);
  }
  return left;
}

/** Distance of two rectangles along the axis where they are farther apart, px. */
function gap(a: Region | Component, b: Region | Component): number {
  const across = Math.max(a.x - b.x - b.width, b.x - a.x - a.width);
  const down = Math.max(a.y - b.y - b.height, b.y - a.y - a.height);
  return Math.max(0, across, down);
}

/** The letters that stand in one line with a letter, without large gaps, itself among them. */
function lineOf(letter: Component, letters: readonly Component[]): Component[] {
  const line = letters.filter((other) =>
    Math.abs(other.y + other.height - letter.y - letter.height) <= 0.3 * letter.height &&
    Math.abs(other.height - letter.height) <= 0.5 * letter.height
  ).sort((a, b) => a.x - b.x);
  let first = line.indexOf(letter), last = first;
  const isNear = (i: number) => gap(line[i], line[i - 1]) <= LINE_GAP * letter.height;
  while (first > 0 && isNear(first)) first--;
  while (last < line.length - 1 && isNear(last + 1)) last++;
  return line.slice(first, last + 1);
}

/** Around a bar or letter this many pixels are soft from scaling or compression, px. */
const MARGIN = 2;

/** 1 for each pixel in a region or its margin. */
export function maskOf(regions: readonly Region[], width: number, height: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (const region of regions) {
    const x0 = Math.max(0, region.x - MARGIN), y0 = Math.max(0, region.y - MARGIN);
    const x1 = Math.min(width, region.x + region.width + MARGIN);
    const y1 = Math.min(height, region.y + region.height + MARGIN);
    for (let y = y0; y < y1; y++) mask.fill(1, y * width + x0, y * width + x1);
  }
  return mask;
}

/** Half the window of the local mean, px. */
const FILL_RADIUS = 40;

/**
 * The image with masked pixels replaced by the mean of the others in the window around them; by that of
 * the image where the window holds none.
 */
export function fillMasked(
  pixels: Float32Array,
  width: number,
  height: number,
  mask: Uint8Array,
): Float32Array {
  const stride = width + 1;
  const sums = new Float64Array(stride * (height + 1)), counts = new Float64Array(sums.length);
  for (let y = 0; y < height; y++) {
    let sum = 0, count = 0;
    for (let x = 0; x < width; x++) {
      const i = y * width + x, at = (y + 1) * stride + x + 1;
      if (mask[i] === 0) sum += pixels[i], count++;
      sums[at] = sums[at - stride] + sum;
      counts[at] = counts[at - stride] + count;
    }
  }
  const all = counts[counts.length - 1];
  const mean = all > 0 ? sums[sums.length - 1] / all : 0;
  const out = Float32Array.from(pixels);
  for (let i = 0; i < out.length; i++) {
    if (mask[i] === 0) continue;
    const x = i % width, y = (i - x) / width;
    const x0 = Math.max(0, x - FILL_RADIUS), x1 = Math.min(width, x + FILL_RADIUS + 1);
    const y0 = Math.max(0, y - FILL_RADIUS) * stride;
    const y1 = Math.min(height, y + FILL_RADIUS + 1) * stride;
    const count = counts[y1 + x1] - counts[y0 + x1] - counts[y1 + x0] + counts[y0 + x0];
    const sum = sums[y1 + x1] - sums[y0 + x1] - sums[y1 + x0] + sums[y0 + x0];
    out[i] = count > 0 ? sum / count : mean;
  }
  return out;
}
