/**
 * Scale bars and text that a microscope program has written into an image.
 *
 * @module
 */
import { type Component, levelComponents } from "./_level_components.ts";

/** A rectangle of an image that is no picture of the specimen. */
export interface Region {
  readonly kind: "bar" | "text";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A level that more of the image has is a background, not writing. */
const MOST_OF_IMAGE = 0.1;

/** A bar or box: this much of its rectangle filled, and pixels. */
const BAR_FILL = 0.9;
const BAR_AREA = 40;

/** Least share of neighbors around a bar or letter that differ by more than {@linkcode SHARP_STEP}. */
const SHARP = 0.7;
const SHARP_STEP = 0.3;

/** A letter: pixels, and height in px. */
const LETTER_AREA = 6;
const LETTER_HEIGHTS = [4, 80];

/** Letters belong to a bar within this many of their heights; to a line with gaps up to so many. */
const NEAR_BAR = 3;
const LINE_GAP = 1.5;

/** Letters in a line that has no bar near it, and how sharp they must be. */
const LINE_LETTERS = 3;
const LINE_SHARP = 0.9;

/**
 * The rectangles of burned-in bars and letters: connected pixels of exactly the highest or lowest value
 * with sharp edges. Columns clipped at that value have soft edges; the noise of few counts has no large
 * connected pieces of it.
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
  const most = MOST_OF_IMAGE * pixels.length, step = SHARP_STEP * (high - low);
  return [high, low].flatMap((level) =>
    regionsOf(levelComponents(pixels, width, height, level, step, most))
  );
}

function regionsOf(components: readonly Component[]): Region[] {
  const isBar = (c: Component) =>
    c.area >= BAR_AREA && c.sharp >= SHARP && c.area >= BAR_FILL * c.width * c.height;
  const bars = components.filter(isBar);
  const letters = components.filter((c) =>
    !isBar(c) && c.area >= LETTER_AREA && c.sharp >= SHARP &&
    c.height >= LETTER_HEIGHTS[0] && c.height <= LETTER_HEIGHTS[1]
  );
  const written = letters.filter((letter) =>
    bars.some((bar) => gap(letter, bar) <= NEAR_BAR * letter.height) ||
    letter.sharp >= LINE_SHARP && lineOf(letter, letters) >= LINE_LETTERS
  );
  const region = (kind: Region["kind"]) => ({ x, y, width, height }: Component): Region => ({
    kind,
    x,
    y,
    width,
    height,
  });
  return [...bars.map(region("bar")), ...written.map(region("text"))];
}

/** Distance of two rectangles along the axis where they are farther apart, px. */
function gap(a: Component, b: Component): number {
  const across = Math.max(a.x - b.x - b.width, b.x - a.x - a.width);
  const down = Math.max(a.y - b.y - b.height, b.y - a.y - a.height);
  return Math.max(0, across, down);
}

/** How many letters stand in one line with a letter, without large gaps, itself among them. */
function lineOf(letter: Component, letters: readonly Component[]): number {
  const line = letters.filter((other) =>
    other.sharp >= LINE_SHARP &&
    Math.abs(other.y + other.height - letter.y - letter.height) <= 0.3 * letter.height &&
    Math.abs(other.height - letter.height) <= 0.5 * letter.height
  ).sort((a, b) => a.x - b.x);
  const at = line.indexOf(letter);
  let count = 1;
  for (let i = at; i > 0 && gap(line[i], line[i - 1]) <= LINE_GAP * letter.height; i--) count++;
  for (
    let i = at;
    i < line.length - 1 && gap(line[i], line[i + 1]) <= LINE_GAP * letter.height;
    i++
  ) count++;
  return count;
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
