/**
 * The formation model `probe`: what a focused electron probe sees of a column in HAADF.
 *
 * HAADF is incoherent: an image is the probe's intensity, spread over each column by its thermal
 * motion and over the scan by the size of the source, times the column's scattering.
 *
 * @see Kirkland, Advanced Computing in Electron Microscopy (2010), for the probe and its aberrations.
 * https://doi.org/10.1007/978-1-4419-6533-2
 *
 * @module
 */
import { createFft2Plan, fft2InPlace, inverseFft2InPlace } from "@core/kernels";
import { firstFrom } from "./_gaussian.ts";

/** The microscope. Angles of aberrations count from the x axis, y down. */
export interface Optics {
  /** Acceleration voltage, kV. */
  readonly voltage: number;
  /** Convergence semi-angle, mrad. */
  readonly convergence: number;
  /** Distance from focus, nm. */
  readonly defocus: number;
  /** Third-order spherical aberration, µm. */
  readonly spherical: number;
  /** Twofold astigmatism, nm, and its angle, rad. */
  readonly twofold: number;
  readonly twofoldAngle: number;
  /** Threefold astigmatism, nm, and its angle, rad. */
  readonly threefold: number;
  readonly threefoldAngle: number;
}

/** Relativistic wavelength of electrons, nm, from the voltage in kV. */
export function electronWavelength(voltage: number): number {
  const restEnergy = 510.99895, planckLight = 1.23984198; // keV, keV nm
  return planckLight / Math.sqrt(voltage * (2 * restEnergy + voltage));
}

/** The picture of one column, sampled finely around its center. */
export interface ColumnProfile {
  /** size * size values, the column at (size / 2, size / 2), 1 at the largest. */
  readonly values: Float32Array;
  readonly size: number;
  /** Samples in one px of the image. */
  readonly perPixel: number;
}

/**
 * The picture of one column in a probe.
 *
 * psi(k) = exp(-i chi(k)) inside the aperture, whose edge is one sample soft; chi = pi lambda k^2
 * (defocus + twofold cos 2(phi - phi2)) + 2 pi / 3 lambda^2 k^3 threefold cos 3(phi - phi3) + pi / 2
 * lambda^3 k^4 spherical. The intensity |psi(r)|^2 is blurred by a Gaussian of `blur`. The window of
 * size samples is periodic: it must hold the probe.
 *
 * @param blur standard deviation of the column's motion and the source together, nm
 * @param step distance of the samples, nm; perPixel of them make a px
 *
 * @example A probe of 20 mrad at 80 kV
 * ```ts
 * import { columnProfile, electronWavelength } from "./_probe.ts";
 * import { assertClose } from "@assert";
 *
 * const optics = { voltage: 80, convergence: 20, defocus: 0, spherical: 0, twofold: 0,
 *   twofoldAngle: 0, threefold: 0, threefoldAngle: 0 };
 * const { values, size } = columnProfile(optics, 0, 0.01, 128, 1);
 * assertClose(values[64 * size + 64], 1, 1e-6);
 * // half as bright at 0.257 wavelengths over the angle
 * const half = 0.257 * electronWavelength(80) / 20e-3;
 * assertClose(values[64 * size + 64 + Math.round(half / 0.01)], 0.5, 0.05);
 * ```
 */
export function columnProfile(
  optics: Optics,
  blur: number,
  step: number,
  size: number,
  perPixel: number,
): ColumnProfile {
  const re = new Float64Array(size * size), im = new Float64Array(size * size);
  const plan = createFft2Plan(size, size);
  fillAperture(optics, 1 / (size * step), size, UPRIGHT, re, im);
  fft2InPlace(plan, re, im);
  for (let i = 0; i < re.length; i++) {
    re[i] = re[i] * re[i] + im[i] * im[i];
    im[i] = 0;
  }
  if (blur > 0) {
    fft2InPlace(plan, re, im);
    dampInPlace(re, im, size, 2 * (Math.PI * blur / (size * step)) ** 2);
    inverseFft2InPlace(plan, re, im);
  }
  let largest = 0;
  for (let i = 0; i < re.length; i++) largest = Math.max(largest, re[i]);
  const values = new Float32Array(size * size), half = size >> 1;
  for (let y = 0; y < size; y++) {
    const to = ((y + half) % size) * size;
    for (let x = 0; x < size; x++) values[to + (x + half) % size] = re[y * size + x] / largest;
  }
  return { values, size, perPixel };
}

/** How an image stretches the specimen: X = M x, as a moving specimen is scanned. */
export interface Frame {
  readonly mxx: number;
  readonly mxy: number;
  readonly myx: number;
  readonly myy: number;
}

const UPRIGHT: Frame = { mxx: 1, mxy: 0, myx: 0, myy: 1 };

/** What a probe does to each frequency of a specimen: 1 for frequency 0. */
export interface ProbeSpectrum {
  /** size * size values, frequency 0 first. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly size: number;
  /** Distance of the frequencies, 1/nm; a period of 1 / spacing must hold the probe. */
  readonly spacing: number;
}

/**
 * The transform of a probe's intensity |psi(r)|^2 as a stretched image shows it, exact where `size`
 * frequencies reach to twice the aperture's edge.
 */
export function probeSpectrum(
  optics: Optics,
  spacing: number,
  size: number,
  frame: Frame,
): ProbeSpectrum {
  const re = new Float64Array(size * size), im = new Float64Array(size * size);
  const plan = createFft2Plan(size, size);
  fillAperture(optics, spacing, size, frame, re, im);
  fft2InPlace(plan, re, im);
  let total = 0;
  for (let i = 0; i < re.length; i++) {
    re[i] = re[i] * re[i] + im[i] * im[i];
    im[i] = 0;
    total += re[i];
  }
  fft2InPlace(plan, re, im);
  for (let i = 0; i < re.length; i++) {
    re[i] /= total;
    im[i] /= total;
  }
  return { re, im, size, spacing };
}

function fillAperture(
  { voltage, convergence, defocus, spherical, ...other }: Optics,
  spacing: number,
  size: number,
  { mxx, mxy, myx, myy }: Frame,
  re: Float64Array,
  im: Float64Array,
): void {
  const wavelength = electronWavelength(voltage);
  const edge = convergence * 1e-3 / wavelength;
  const second = Math.PI * wavelength, third = 2 * Math.PI / 3 * wavelength ** 2 * other.threefold;
  const fourth = Math.PI / 2 * wavelength ** 3 * spherical * 1e3;
  for (let y = 0; y < size; y++) {
    const qy = spacing * (y < size / 2 ? y : y - size);
    for (let x = 0; x < size; x++) {
      const qx = spacing * (x < size / 2 ? x : x - size);
      const kx = mxx * qx + myx * qy, ky = mxy * qx + myy * qy;
      const k = Math.hypot(kx, ky);
      const open = Math.min(1, Math.max(0, (edge - k) / spacing + 0.5));
      if (open === 0) continue;
      const phi = Math.atan2(ky, kx);
      const lens = defocus + other.twofold * Math.cos(2 * (phi - other.twofoldAngle));
      const chi = second * lens * k * k + fourth * k ** 4 +
        third * k ** 3 * Math.cos(3 * (phi - other.threefoldAngle));
      re[y * size + x] = open * Math.cos(chi);
      im[y * size + x] = -open * Math.sin(chi);
    }
  }
}

/** Multiplies a spectrum by exp(-rate (x^2 + y^2)). */
function dampInPlace(re: Float64Array, im: Float64Array, size: number, rate: number): void {
  const factor = Float64Array.from(
    { length: size },
    (_, i) => Math.exp(-rate * Math.min(i, size - i) ** 2),
  );
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const f = factor[y] * factor[x];
      re[y * size + x] *= f;
      im[y * size + x] *= f;
    }
  }
}

/** The standard deviation, px, of the Gaussian of the same height and volume. */
export function profileSigma({ values, perPixel }: ColumnProfile): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return Math.sqrt(sum / (2 * Math.PI)) / perPixel;
}

/**
 * Adds the picture of one kind of column to the pixels of an image, at each of its columns from
 * `first` up to `last`, by bilinear interpolation of the profile.
 *
 * @param outInPlace width * height pixels
 * @param tops height of each column
 * @param rowShift by how much each row is displaced along x, px
 */
export function addProfilesInPlace(
  outInPlace: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  factor: number,
  { values, size, perPixel }: ColumnProfile,
  rowShift: Float64Array,
  first: number,
  last: number,
): void {
  const half = size >> 1, reach = (half - 1) / perPixel;
  for (let i = first; i < last; i++) {
    const top = tops[i] * factor;
    const v0 = Math.max(0, Math.ceil(y[i] - reach));
    const v1 = Math.min(height - 1, Math.floor(y[i] + reach));
    for (let v = v0; v <= v1; v++) {
      const middle = x[i] + rowShift[v];
      const u0 = Math.max(0, Math.ceil(middle - reach));
      const u1 = Math.min(width - 1, Math.floor(middle + reach));
      if (u0 > u1) continue;
      const fromY = half + (v - y[i]) * perPixel, fromX = half + (u0 - middle) * perPixel;
      const sy = Math.floor(fromY), sx = Math.floor(fromX);
      const fy = fromY - sy, fx = fromX - sx;
      const a = top * (1 - fy) * (1 - fx), b = top * (1 - fy) * fx;
      const c = top * fy * (1 - fx), d = top * fy * fx;
      let from = sy * size + sx;
      for (let u = v * width + u0; u <= v * width + u1; u++) {
        outInPlace[u] += a * values[from] + b * values[from + 1] +
          c * values[from + size] + d * values[from + size + 1];
        from += perPixel;
      }
    }
  }
}

/**
 * Adds pictures where the beam is at `beamX[u]` for pixel u of a row, which grows with u; `perPixel`
 * may be any number.
 *
 * @param outInPlace width * height pixels
 */
export function addWarpedProfilesInPlace(
  outInPlace: Float64Array,
  width: number,
  height: number,
  x: Float64Array,
  y: Float64Array,
  tops: Float64Array,
  factor: number,
  { values, size, perPixel }: ColumnProfile,
  rowShift: Float64Array,
  beamX: Float64Array,
  first: number,
  last: number,
): void {
  const half = size >> 1, reach = (half - 1) / perPixel;
  for (let i = first; i < last; i++) {
    const top = tops[i] * factor;
    const v0 = Math.max(0, Math.ceil(y[i] - reach));
    const v1 = Math.min(height - 1, Math.floor(y[i] + reach));
    for (let v = v0; v <= v1; v++) {
      const middle = x[i] + rowShift[v], row = v * width;
      const fromY = half + (v - y[i]) * perPixel, sy = Math.floor(fromY), fy = fromY - sy;
      for (let u = firstFrom(beamX, middle - reach); u < width; u++) {
        const dx = beamX[u] - middle;
        if (dx > reach) break;
        const fromX = half + dx * perPixel, sx = Math.floor(fromX), fx = fromX - sx;
        const from = sy * size + sx;
        const above = values[from] + fx * (values[from + 1] - values[from]);
        const below = values[from + size] +
          fx * (values[from + size + 1] - values[from + size]);
        outInPlace[row + u] += top * (above + fy * (below - above));
      }
    }
  }
}
