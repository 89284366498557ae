/**
 * Responses of Laplacians and differences of Gaussians, one scale at a time.
 *
 * @module
 */
import { lineTransfer, transformRows, transformStrip } from "./_fourier_convolution.ts";
import {
  convolveRows,
  convolveRowsTwice,
  convolveStrip,
  convolveStripSum,
  STRIP,
  truncatedCurvature,
  truncatedGaussian,
} from "./_reflected_convolution.ts";

/** Responses of an image at a list of scales, asked for in their order. */
export interface ScaleFilter {
  /** What each scale is called in results, px; growing. */
  readonly sigmas: Float64Array;
  /** Writes the response at a scale; `tick` is called every few milliseconds. */
  fill(scale: number, out: Float32Array, tick: () => void): void;
}

/** Rows are convolved this many at a time: an even number. */
const BAND = 64;
/** Kernels that reach farther than this, px, go by Fourier transforms; about where that becomes quicker. */
const FAR = 16;

/** sigma^2 times the Laplacian of Gaussian, columns positive. Memory: two images. */
export function laplacianFilter(
  data: Float32Array,
  width: number,
  height: number,
  sigmas: Float64Array,
): ScaleFilter {
  const smooth = new Float32Array(data.length), curved = new Float32Array(data.length);
  return {
    sigmas,
    fill(scale, out, tick) {
      const sigma = sigmas[scale];
      const gaussian = truncatedGaussian(sigma), curvature = truncatedCurvature(sigma);
      const factor = -sigma * sigma;
      if (gaussian.length > FAR) {
        const rows = lineTransfer(width, [gaussian, curvature]);
        for (let y = 0; y < height; y += BAND) {
          transformRows(rows, data, width, y, Math.min(height, y + BAND), [smooth, curved]);
          tick();
        }
        const columns = lineTransfer(height, [curvature, gaussian]);
        for (let x = 0; x < width; x += STRIP) {
          transformStrip(columns, [smooth, curved], width, height, x, factor, out);
          tick();
        }
        return;
      }
      for (let y = 0; y < height; y += BAND) {
        const to = Math.min(height, y + BAND);
        convolveRowsTwice(data, width, y, to, gaussian, curvature, smooth, curved);
        tick();
      }
      for (let x = 0; x < width; x += STRIP) {
        convolveStripSum(smooth, curved, width, height, x, curvature, gaussian, factor, out);
        tick();
      }
    },
  };
}

/** The response of {@linkcode laplacianFilter} to a flat image of 1: the kernel's cut ends leave a little. */
export function laplacianOfLevel(sigma: number): number {
  const sum = (kernel: Float64Array) => 2 * kernel.reduce((a, b) => a + b) - kernel[0];
  return -2 * sigma * sigma * sum(truncatedCurvature(sigma));
}

/** The power that {@linkcode laplacianFilter} leaves of noise at a frequency in cycles per px. */
export function laplacianGain(sigma: number): (f: number) => number {
  return (f) => {
    const k2 = (2 * Math.PI * f * sigma) ** 2;
    return k2 * k2 * Math.exp(-k2);
  };
}

/**
 * The image blurred by each of the scales less the same blurred by the next one, over ratio - 1. Memory:
 * three images.
 *
 * @param sigmas one more than the filter has: the last is the wider Gaussian of the last difference
 */
export function differenceFilter(
  data: Float32Array,
  width: number,
  height: number,
  sigmas: Float64Array,
  ratio: number,
): ScaleFilter {
  const half = new Float32Array(data.length);
  let narrow = new Float32Array(data.length), wide = new Float32Array(data.length);
  const blur = (sigma: number, out: Float32Array, tick: () => void) => {
    const kernel = truncatedGaussian(sigma);
    if (kernel.length > FAR) {
      const rows = lineTransfer(width, [kernel]);
      for (let y = 0; y < height; y += BAND) {
        transformRows(rows, data, width, y, Math.min(height, y + BAND), [half]);
        tick();
      }
      const columns = lineTransfer(height, [kernel]);
      for (let x = 0; x < width; x += STRIP) {
        transformStrip(columns, [half], width, height, x, 1, out);
        tick();
      }
      return;
    }
    for (let y = 0; y < height; y += BAND) {
      convolveRows(data, width, y, Math.min(height, y + BAND), kernel, half);
      tick();
    }
    for (let x = 0; x < width; x += STRIP) {
      convolveStrip(half, width, height, x, kernel, out);
      tick();
    }
  };
  return {
    sigmas: sigmas.subarray(0, sigmas.length - 1),
    fill(scale, out, tick) {
      if (scale === 0) blur(sigmas[0], narrow, tick);
      blur(sigmas[scale + 1], wide, tick);
      for (let i = 0; i < out.length; i++) out[i] = (narrow[i] - wide[i]) / (ratio - 1);
      [narrow, wide] = [wide, narrow];
    },
  };
}

/** The power that {@linkcode differenceFilter} leaves of noise at a frequency in cycles per px. */
export function differenceGain(sigma: number, ratio: number): (f: number) => number {
  return (f) => {
    const k2 = (2 * Math.PI * f * sigma) ** 2;
    return ((Math.exp(-k2 / 2) - Math.exp(-k2 * ratio * ratio / 2)) / (ratio - 1)) ** 2;
  };
}
