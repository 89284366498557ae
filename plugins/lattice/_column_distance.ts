/**
 * The distance of neighboring columns in an image of which little but its lattice is left.
 *
 * @module
 */
import { selectValues } from "@core";
import {
  type BraggPeaks,
  createFft2Plan,
  frequencyAt,
  halfIndex,
  inverseFft2InPlace,
  medianNearestDistance,
  type SpectrumSet,
} from "@core/kernels";

/** Frequencies count where the power is this many times the noise: chance in a million is 14. */
const CLEAR = 14;
/**
 * No frequencies beyond this many periods in the shortest repeat vector: it takes in the orders that
 * part the columns of a honeycomb, and leaves out interference and what scanning makes of high orders.
 */
const MOST_PERIODS = 3.2;
/** Columns are at least this high, between the image's lowest and its columns' usual top. */
const LEAST_HEIGHT = 0.4;

/**
 * The median distance of maxima to their nearest neighbors, px, in the image rebuilt from the
 * frequencies that stand clear of the noise. `undefined` for fewer than two maxima.
 *
 * The lattice's own distortions stay, unlike in a mean cell; maxima lower than 0.4 of the highest, as of
 * light columns between heavy ones, are left out.
 *
 * @param shortest length of the shortest repeat vector, px
 */
export function columnDistance(
  set: SpectrumSet,
  bragg: BraggPeaks,
  shortest: number,
  polarity: "bright" | "dark",
): number | undefined {
  const picture = rebuild(set, bragg, MOST_PERIODS / shortest, polarity === "bright" ? 1 : -1);
  const { width, imageWidth, imageHeight } = set.plan;
  const x: number[] = [], y: number[] = [], height: number[] = [];
  let lowest = Infinity;
  const inset = (length: number) => Math.ceil(0.125 * length) + 1; // the taper lowers columns
  const left = inset(imageWidth), top = inset(imageHeight);
  for (let v = top; v < imageHeight - top; v++) {
    for (let u = left; u < imageWidth - left; u++) {
      const i = v * width + u, here = picture[i];
      lowest = Math.min(lowest, here);
      if (!isMaximum(picture, i, width)) continue;
      x.push(u + vertex(picture[i - 1], here, picture[i + 1]));
      y.push(v + vertex(picture[i - width], here, picture[i + width]));
      height.push(here);
    }
  }
  if (x.length < 2) return undefined;
  const usual = Float64Array.from(height).sort()[Math.floor(0.9 * height.length)];
  const least = lowest + LEAST_HEIGHT * (usual - lowest);
  const rows = height.flatMap((h, i) => h >= least ? [i] : []);
  if (rows.length < 2) return undefined;
  return medianNearestDistance(
    selectValues(x, rows),
    selectValues(y, rows),
  );
}

/** The windowed image, times `sign`, with all but the clear frequencies of the lattice taken away. */
function rebuild(
  set: SpectrumSet,
  bragg: BraggPeaks,
  cut: number,
  sign: number,
): Float64Array {
  const { plan: { width, height }, layout } = set;
  const { re: fromRe, im: fromIm } = set.spectra[0];
  const noise = set.noise[0];
  let least = Infinity;
  for (let p = 0; p < bragg.length; p++) {
    least = Math.min(least, Math.hypot(bragg.fx[p], bragg.fy[p]));
  }
  const re = new Float64Array(width * height), im = new Float64Array(width * height);
  for (let v = 0; v < height; v++) {
    const fy = frequencyAt(v, height);
    for (let u = 0; u < layout.half; u++) {
      const f = Math.hypot(u / width, fy), at = halfIndex(layout, u, v);
      const power = fromRe[at] * fromRe[at] + fromIm[at] * fromIm[at];
      if (f < least / 2 || f > cut || !(power > CLEAR * noise)) continue;
      const weight = sign * (1 - noise / power);
      const to = v * width + u, opposite = ((height - v) % height) * width + (width - u) % width;
      re[to] = re[opposite] = weight * fromRe[at];
      im[to] = weight * fromIm[at];
      im[opposite] = -im[to];
      if (to === opposite) im[to] = 0;
    }
  }
  inverseFft2InPlace(createFft2Plan(width, height), re, im);
  return re;
}

/** Whether a pixel is higher than its eight neighbors, or the first of equal ones. */
function isMaximum(data: Float64Array, i: number, width: number): boolean {
  const here = data[i];
  return here >= data[i + 1] && here >= data[i + width - 1] && here >= data[i + width] &&
    here >= data[i + width + 1] && here > data[i - 1] && here > data[i - width - 1] &&
    here > data[i - width] && here > data[i - width + 1];
}

/** Where the parabola through three points a pixel apart is highest. */
function vertex(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  return bend < 0 ? 0.5 * (before - after) / bend : 0;
}
