/**
 * What tests of readers and writers share.
 *
 * @module
 */
import { createImage, type FormatContext, type Image, type SampleType } from "../../core/mod.ts";

/** A context that remembers warnings. */
export function formatContext(
  path = "a.file",
): FormatContext & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return { path, name: "a", warnings, warn: (code) => void warnings.push(code) };
}

/** Values at both ends of each sample type, exact in float32. */
export const EXTREMES: Readonly<Record<SampleType, readonly number[]>> = {
  uint8: [0, 1, 254, 255],
  uint16: [0, 1, 65534, 65535],
  uint32: [0, 1, 4294967040, 16777216],
  int8: [-128, -1, 0, 127],
  int16: [-32768, -1, 0, 32767],
  int32: [-2147483648, -1, 0, 2147483520],
  float32: [-1.5, 0, 3.25e10, 1e-30],
  float64: [-1.5, 0, 3.25, 0.1],
};

/** An image of 3 x 2 px that holds the extremes of a sample type. */
export function extremeImage(sourceType: SampleType, name = "a"): Image {
  const values = EXTREMES[sourceType];
  const data = Float32Array.from({ length: 6 }, (_, i) => values[i % values.length]);
  return createImage({ name, width: 3, height: 2, data, sourceType });
}
