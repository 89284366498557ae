/**
 * The level under an image, which filters that end at its border should not see.
 *
 * @module
 */

/**
 * Pixels less a pedestal. "auto" is the lowest pixel, or 0 where all lie between 0 and 1, as in a confidence
 * map. The pixels may be the ones given.
 */
export function liftedPixels(
  data: Float32Array,
  given: number | "auto",
): { readonly pixels: Float32Array; readonly pedestal: number } {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  const isShare = low >= 0 && high <= 1;
  const pedestal = given === "auto" ? isShare || data.length === 0 ? 0 : low : given;
  return { pixels: pedestal === 0 ? data : data.map((v) => v - pedestal), pedestal };
}
