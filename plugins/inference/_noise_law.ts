/**
 * How noise grows with brightness, from one image: the photon transfer curve.
 *
 * @see Janesick, Photon Transfer, SPIE (2007). https://doi.org/10.1117/3.725073
 *
 * @module
 */
import { selectValues } from "@core";
import { fitLine } from "@core/kernels";

/** Variance of the noise of a pixel: `dark + gain * brightness`, and at least `least`. */
export interface NoiseLaw {
  readonly dark: number;
  readonly gain: number;
  readonly least: number;
}

/** The standard deviation of the noise where it is so bright. */
export function noiseAt({ dark, gain, least }: NoiseLaw, brightness: number): number {
  return Math.sqrt(Math.max(least, dark + gain * brightness));
}

/** The least variance over that at the middle level: a line that crosses zero says too little there. */
const LEAST = 0.05;

/** Levels of brightness that the line is fitted to, and the fewest blocks that tell the noise of one. */
const LEVELS = 20, TELLING = 50;

/** Blocks that are looked at, at most. */
const SAMPLE = 2 ** 14;

/**
 * The law of the noise of an image; null where its brightness says nothing of it.
 *
 * Noise is what the two diagonals of 2 x 2 px differ by: a slope in any direction is in both. Its
 * variance over most blocks, at twenty levels of equally many, is fitted by a line, each level weighted by
 * its precision. Counting electrons gives such a line; so does the speckle of a film, whose variance grows with
 * its thickness as its brightness does.
 *
 * @param pixels width * height
 * @param brightness the same without noise, as by a blur
 */
export function noiseLaw(
  pixels: Float32Array,
  brightness: Float32Array,
  width: number,
  height: number,
): NoiseLaw | null {
  const across = width >> 1, blocks = across * (height >> 1);
  const step = Math.max(1, Math.floor(blocks / SAMPLE));
  const corners = Uint32Array.from({ length: Math.floor(blocks / step) }, (_, k) => {
    const block = k * step, row = Math.floor(block / across);
    return 2 * (row * width + block - row * across);
  }).sort((a, b) => brightness[a] - brightness[b] || a - b);
  const each = Math.floor(corners.length / LEVELS);
  if (each < TELLING) return null;
  const level = new Float64Array(LEVELS), variance = new Float64Array(LEVELS);
  for (let k = 0; k < LEVELS; k++) {
    const own = corners.subarray(k * each, (k + 1) * each);
    level[k] = own.reduce((sum, at) => sum + brightness[at], 0) / each;
    const differences = Float64Array.from(
      own,
      (at) => (pixels[at] + pixels[at + width + 1] - pixels[at + 1] - pixels[at + width]) / 2,
    );
    variance[k] = varianceOfMost(differences);
  }
  // in the emptiness around a particle nothing is counted
  const used = [...variance.keys()].filter((k) => variance[k] > 0);
  const noisy = selectValues(variance, used);
  const least = LEAST * noisy[used.length >> 1];
  const line = new Float64Array(3);
  const weight = noisy.map((v) => 1 / Math.max(v, least) ** 2);
  const isLine = used.length > 2 && fitLine(selectValues(level, used), noisy, weight, line);
  const [dark, gain] = line;
  return isLine && gain > 0 && least > 0 ? { dark, gain, least } : null;
}

/** The largest of so many are left out; what is left of the variance of a Gaussian then. */
const LARGEST = 0.02, LEFT = 0.8735;

/** The variance of values around zero but for the largest; of few counts too, where a median jumps. */
function varianceOfMost(values: Float64Array): number {
  const squares = values.map((v) => v * v).sort();
  const kept = Math.ceil((1 - LARGEST) * squares.length);
  return squares.subarray(0, kept).reduce((sum, v) => sum + v, 0) / (kept * LEFT);
}
