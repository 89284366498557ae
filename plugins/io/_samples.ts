/**
 * Pixels as little-endian samples of their source type.
 *
 * @module
 */
import type { Image, SampleType } from "@core";

const ARRAYS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const RANGES: Readonly<Partial<Record<SampleType, readonly [number, number]>>> = {
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
};

/** The samples of an image in its source type; whole numbers are rounded and kept in range. */
export function toSamples(image: Image): Uint8Array {
  const out = new ARRAYS[image.sourceType](image.data.length);
  const range = RANGES[image.sourceType];
  if (range === undefined) out.set(image.data);
  else {
    const [low, high] = range;
    for (let i = 0; i < out.length; i++) {
      out[i] = Math.min(high, Math.max(low, Math.round(image.data[i])));
    }
  }
  return new Uint8Array(out.buffer);
}
