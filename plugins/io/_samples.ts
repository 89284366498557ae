/**
 * Samples in bytes, as files hold them, to and from float32 pixels.
 *
 * @module
 */
import type { SampleType } from "@core";

/** Arrays of the sample types a file can hold. */
export type SampleArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

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

/** Lowest and highest value of the integer types. */
const RANGES: Readonly<Partial<Record<SampleType, readonly [number, number]>>> = {
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 4294967295],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
};

/** Whole numbers above this are rounded when they become float32. */
export const FLOAT32_EXACT = 16777216;

const MACHINE_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes of one sample. */
export function sampleBytes(type: SampleType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** Turns samples of `size` bytes between little-endian or big-endian and the machine's order. */
export function swapToMachineInPlace(bytes: Uint8Array, size: number, littleEndian: boolean): void {
  if (size === 1 || littleEndian === MACHINE_IS_LITTLE) return;
  const half = size >> 1;
  for (let start = 0; start + size <= bytes.length; start += size) {
    for (let b = 0; b < half; b++) {
      const swap = bytes[start + b];
      bytes[start + b] = bytes[start + size - 1 - b];
      bytes[start + size - 1 - b] = swap;
    }
  }
}

/** Bytes in the machine's order, starting at offset 0 of their buffer, as samples. */
export function asSamples(bytes: Uint8Array<ArrayBuffer>, type: SampleType): SampleArray {
  const count = Math.floor(bytes.length / sampleBytes(type));
  return new ARRAYS[type](bytes.buffer, bytes.byteOffset, count);
}

/** Half-precision samples in the machine's order as float32. */
export function halfToFloat(bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const half = new Float16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  return Float32Array.from(half);
}

/** Float32 pixels of some samples; float32 samples are taken as they are. */
export function toPixels(samples: SampleArray): Float32Array {
  return samples instanceof Float32Array ? samples : new Float32Array(samples);
}

/** Whether some whole number is too large to be a float32 exactly. */
export function losesDigits(samples: SampleArray): boolean {
  if (!(samples instanceof Int32Array) && !(samples instanceof Uint32Array)) return false;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i];
    if ((value > FLOAT32_EXACT || value < -FLOAT32_EXACT) && Math.fround(value) !== value) {
      return true;
    }
  }
  return false;
}

/**
 * Little-endian bytes of pixels in a sample type: integers are rounded to the nearest and clamped
 * to the range of the type, NaN becomes 0 in them.
 */
export function pixelsToBytes(pixels: Float32Array, type: SampleType): Uint8Array<ArrayBuffer> {
  const samples = new ARRAYS[type](pixels.length);
  const range = RANGES[type];
  if (range === undefined) {
    samples.set(pixels);
  } else {
    const [low, high] = range;
    for (let i = 0; i < pixels.length; i++) {
      const value = Math.round(pixels[i]);
      samples[i] = value >= high ? high : value > low ? value : value <= low ? low : 0;
    }
  }
  const bytes = new Uint8Array(samples.buffer);
  swapToMachineInPlace(bytes, sampleBytes(type), true);
  return bytes;
}
