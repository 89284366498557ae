/**
 * The discrete Fourier transform by its definition, for comparison with the fast one.
 *
 * @module
 */

/** `X[k] = sum over j of x[j] exp(-2 pi i j k / n)`, in O(n^2). */
export function slowDft(
  re: Float64Array,
  im: Float64Array,
): { re: Float64Array; im: Float64Array } {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const angle = -2 * Math.PI * ((j * k) % n) / n;
      out.re[k] += re[j] * Math.cos(angle) - im[j] * Math.sin(angle);
      out.im[k] += re[j] * Math.sin(angle) + im[j] * Math.cos(angle);
    }
  }
  return out;
}

/** The transform of an image of `width x height` by its definition along rows, then columns. */
export function slowDft2(
  re: Float64Array,
  im: Float64Array,
  width: number,
  height: number,
): { re: Float64Array; im: Float64Array } {
  const out = { re: re.slice(), im: im.slice() };
  for (let y = 0; y < height; y++) {
    const from = y * width, to = from + width;
    const row = slowDft(out.re.slice(from, to), out.im.slice(from, to));
    out.re.set(row.re, from);
    out.im.set(row.im, from);
  }
  for (let x = 0; x < width; x++) {
    const pick = (part: Float64Array) =>
      Float64Array.from({ length: height }, (_, y) => part[y * width + x]);
    const column = slowDft(pick(out.re), pick(out.im));
    for (let y = 0; y < height; y++) {
      out.re[y * width + x] = column.re[y];
      out.im[y * width + x] = column.im[y];
    }
  }
  return out;
}
