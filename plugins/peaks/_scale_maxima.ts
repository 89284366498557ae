/**
 * Local maxima of a scale space of which three scales are held at a time.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import type { ScaleFilter } from "./_scale_filters.ts";
import { type Neighborhood, topOffset } from "./_scale_parabola.ts";

/** Maxima in scale space: n of them, the strongest first. */
export interface ScaleMaxima {
  readonly length: number;
  /** Pixel index. */
  readonly pixel: Int32Array;
  /** Index into the filter's scales. */
  readonly scale: Int32Array;
  readonly response: Float64Array;
  /** Places of the tops, px; whole unless interpolated. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Their scales, px; of the list unless interpolated. */
  readonly sigma: Float64Array;
  /** The highest response of all pixels and scales. */
  readonly highest: number;
}

/** Which maxima are listed, and how. */
export interface ScaleRule {
  /** Responses are higher than this. */
  readonly least: number;
  /** Pixels nearer to the border than this are left out. */
  readonly border: number;
  /** Whether tops between pixels and scales are sought. */
  readonly interpolate: boolean;
}

/**
 * Maxima are pixels that none of their neighbors, 26 away from borders and end scales, exceeds: all pixels
 * of a flat top. Those of one response are in the order of the image, smaller scales first.
 */
export function scaleMaxima(
  filter: ScaleFilter,
  width: number,
  height: number,
  rule: ScaleRule,
  progress: (fraction: number) => void,
): ScaleMaxima {
  const { sigmas } = filter;
  const scales = sigmas.length, size = width * height;
  const ring = Array.from({ length: Math.min(3, scales) }, () => new Float32Array(size));
  const slice = (k: number) => k < 0 || k >= scales ? null : ring[k % 3];
  const found: Found = { pixel: new IntList(), scale: new IntList(), numbers: [] };
  let highest = -Infinity;
  for (let k = 0; k <= scales; k++) {
    const done = k / (scales + 1);
    if (k < scales) {
      filter.fill(k, ring[k % 3], () => progress(done));
      highest = Math.max(highest, highestOf(ring[k % 3]));
    }
    if (k === 0) continue;
    const around = {
      width,
      height,
      below: slice(k - 2),
      here: ring[(k - 1) % 3],
      above: slice(k),
      stepBelow: k > 1 ? Math.log(sigmas[k - 1] / sigmas[k - 2]) : 1,
      stepAbove: k < scales ? Math.log(sigmas[k] / sigmas[k - 1]) : 1,
    };
    listMaxima(around, k - 1, sigmas[k - 1], rule, found);
    progress((k + 1) / (scales + 1));
  }
  return ordered(found, highest);
}

/** Pixels and scales, and of each response, x, y, sigma. */
interface Found {
  readonly pixel: IntList;
  readonly scale: IntList;
  readonly numbers: number[];
}

function highestOf(values: Float32Array): number {
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > high) high = values[i];
  return high;
}

function listMaxima(
  around: Neighborhood,
  scale: number,
  sigma: number,
  { least, border, interpolate }: ScaleRule,
  { pixel, scale: scaleOf, numbers }: Found,
): void {
  const { width, height, below, here, above } = around;
  const offset = new Float64Array(3);
  for (let y = border; y < height - border; y++) {
    for (let x = border; x < width - border; x++) {
      const i = y * width + x, v = here[i];
      if (!(v > least)) continue;
      if (!isHighest(here, width, height, x, y, v)) continue;
      if (below !== null && !isHighest(below, width, height, x, y, v)) continue;
      if (above !== null && !isHighest(above, width, height, x, y, v)) continue;
      pixel.push(i);
      scaleOf.push(scale);
      if (interpolate) topOffset(around, x, y, offset);
      numbers.push(v, x + offset[0], y + offset[1], sigma * Math.exp(offset[2]));
    }
  }
}

/** Whether none of the 3 x 3 pixels around (x, y), as far as they exist, exceeds a value. */
function isHighest(
  values: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  value: number,
): boolean {
  const left = x > 0 ? x - 1 : 0, right = x < width - 1 ? x + 1 : x;
  const top = y > 0 ? y - 1 : 0, bottom = y < height - 1 ? y + 1 : y;
  for (let v = top; v <= bottom; v++) {
    for (let i = v * width + left; i <= v * width + right; i++) {
      if (values[i] > value) return false;
    }
  }
  return true;
}

function ordered({ pixel, scale, numbers }: Found, highest: number): ScaleMaxima {
  const order = Uint32Array.from({ length: pixel.length }, (_, k) => k);
  order.sort((a, b) =>
    numbers[4 * b] - numbers[4 * a] || pixel.items[a] - pixel.items[b] ||
    scale.items[a] - scale.items[b]
  );
  const numbersOf = (at: number) => Float64Array.from(order, (k) => numbers[4 * k + at]);
  return {
    length: order.length,
    pixel: Int32Array.from(order, (k) => pixel.items[k]),
    scale: Int32Array.from(order, (k) => scale.items[k]),
    response: numbersOf(0),
    x: numbersOf(1),
    y: numbersOf(2),
    sigma: numbersOf(3),
    highest,
  };
}
