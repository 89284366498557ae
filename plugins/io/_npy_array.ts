/**
 * NumPy's NPY: a header and numbers of any kind and order.
 *
 * Format versions 1 to 3, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @module
 */
import { createImage, type FormatContext, type Image, type SampleType } from "@core";
import { corrupt, startsWith, unsupported, unwritable, viewOf } from "./_file_errors.ts";
import {
  asSamples,
  FLOAT32_EXACT,
  halfToFloat,
  losesDigits,
  pixelsToBytes,
  type SampleArray,
  sampleBytes,
  swapToMachineInPlace,
  toPixels,
} from "./_samples.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Sample types by NumPy's letter and size; those of 64-bit integers are read as float64. */
const TYPES: Readonly<Record<string, SampleType>> = {
  b1: "uint8",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "float64",
  f2: "float32",
  f4: "float32",
  f8: "float64",
};

/** Whether bytes start as an NPY file does. */
export function isNpy(head: Uint8Array): boolean {
  return startsWith(head, MAGIC);
}

/** The number of axes of an NPY array. */
export function npyAxes(bytes: Uint8Array, path: string): number {
  return readHeader(bytes, path).shape.length;
}

/**
 * The images in an NPY array of two axes (y, x) or three (exposure, y, x). Further axes of one item, as
 * tensors of neural networks have them (batch, channel, y, x), are left out.
 *
 * @param name of the image, or the start of the names of several
 * @throws AdatomError FILE_CORRUPT; FORMAT_UNSUPPORTED for other axes and kinds of numbers
 */
export function npyImages(bytes: Uint8Array, name: string, context: FormatContext): Image[] {
  const { descr, fortran, shape: whole, offset } = readHeader(bytes, context.path);
  const shape = withoutBatch(whole);
  const [, order, kind, digits] = /^([<>|=])([a-zA-Z])(\d+)$/.exec(descr) ?? [];
  const sourceType = TYPES[`${kind}${digits}`];
  if (sourceType === undefined) {
    throw unsupported(
      context.path,
      "integers or floating point numbers of up to 64 bits",
      `${KINDS[kind] ?? "records"} (${descr.slice(0, 40)})`,
      "convert it with array.astype('float32')",
    );
  }
  const text = `the shape (${whole.join(", ")})`;
  if (shape.length < 2 || shape.length > 3) {
    const hint = "save one image (y, x) or one stack (exposure, y, x)";
    throw unsupported(context.path, "an array of 2 or 3 axes", text, hint);
  }
  if (shape.includes(0)) throw unsupported(context.path, "some pixels", text, "save another array");
  const [height, width] = shape.slice(-2);
  const count = shape.length === 3 ? shape[0] : 1;
  const total = count * width * height, size = Number(digits);
  if (!(offset + total * size <= bytes.length)) {
    throw corrupt(
      context.path,
      `${text} to end at byte ${offset + total * size}`,
      `a file that ends at byte ${bytes.length}`,
    );
  }
  const raw = bytes.slice(offset, offset + total * size);
  swapToMachineInPlace(raw, size, order !== ">");
  const samples = numbersOf(raw, `${kind}${digits}`, sourceType);
  if (losesDigits(samples) || (size === 8 && kind !== "f" && isLarge(samples))) {
    context.warn(
      "VALUES_ROUNDED",
      `"${context.path}" has values above ${FLOAT32_EXACT}, which are rounded to 24 bits`,
    );
  }
  const width0 = String(count - 1).length;
  return Array.from({ length: count }, (_, exposure) => {
    const data = fortran
      ? fortranPixels(samples, exposure, count, width, height)
      : toPixels(samples.slice(exposure * width * height, (exposure + 1) * width * height));
    const own = count === 1 ? name : `${name}_${String(exposure).padStart(width0, "0")}`;
    return createImage({ name: own, width, height, data, sourceType });
  });
}

/** A shape without the first axes beyond three that hold one item. */
function withoutBatch(shape: readonly number[]): readonly number[] {
  const extra = Math.max(0, shape.length - 2);
  return shape.length > 3 && shape.slice(0, extra).every((size) => size === 1)
    ? shape.slice(extra)
    : shape;
}

/**
 * An NPY file of an image (y, x), or of a stack (exposure, y, x), in the source sample type; in
 * float32 where the types differ.
 *
 * @throws AdatomError FORMAT_UNSUPPORTED for no images or images of different sizes
 */
export function writeNpy(images: readonly Image[]): Uint8Array<ArrayBuffer> {
  if (images.length === 0) {
    throw unwritable("an NPY file", "at least one image", "none", "give one");
  }
  const [{ width, height, sourceType }] = images;
  const odd = images.find((image) => image.width !== width || image.height !== height);
  if (odd !== undefined) {
    throw unwritable(
      "an NPY file",
      `images of one size (${width} x ${height} px)`,
      `one of ${odd.width} x ${odd.height} px`,
      "write them to separate files",
    );
  }
  const type = images.every((i) => i.sourceType === sourceType) ? sourceType : "float32";
  const size = sampleBytes(type);
  const kind = type.startsWith("float") ? "f" : type.startsWith("u") ? "u" : "i";
  const shape = images.length === 1
    ? `${height}, ${width}`
    : `${images.length}, ${height}, ${width}`;
  const text = `{'descr': '${size === 1 ? "|" : "<"}${kind}${size}', 'fortran_order': False, ` +
    `'shape': (${shape}), }`;
  // The numbers start at a multiple of 64 bytes, as NumPy writes them.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(start + images.length * width * height * size);
  out.set([...MAGIC, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  out.set(new TextEncoder().encode(text.padEnd(start - 11) + "\n"), 10);
  images.forEach((image, i) => {
    out.set(pixelsToBytes(image.data, type), start + i * width * height * size);
  });
  return out;
}

/** Kinds of numbers that are not read, by NumPy's letter. */
const KINDS: Readonly<Record<string, string>> = {
  c: "complex numbers",
  f: "long floating point numbers",
  O: "Python objects",
  S: "text",
  U: "text",
  M: "dates",
  m: "times",
  V: "records",
};

function readHeader(bytes: Uint8Array, path: string) {
  if (!isNpy(bytes)) throw corrupt(path, "an NPY array", "other first bytes");
  const cutShort = () => corrupt(path, "a whole NPY header", `a file of ${bytes.length} bytes`);
  if (bytes.length < 12) throw cutShort();
  const version = bytes[6];
  if (version < 1 || version > 3) {
    const hint = "save it with a current NumPy";
    throw unsupported(path, "NPY version 1, 2 or 3", `version ${version}`, hint);
  }
  const start = version > 1 ? 12 : 10;
  const view = viewOf(bytes);
  const offset = start + (version > 1 ? view.getUint32(8, true) : view.getUint16(8, true));
  if (offset > bytes.length) throw cutShort();
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1")
    .decode(bytes.slice(start, Math.min(offset, start + LONGEST_HEADER)));
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (descr === null || fortran === undefined || shape === undefined) {
    throw corrupt(path, "an NPY header with descr, fortran_order and shape", "another header");
  }
  const sizes = shape.replaceAll("L", "").split(",").map((part) => part.trim())
    .filter((part) => part !== "").map(Number);
  return { descr: descr[1] ?? "records", fortran: fortran === "True", shape: sizes, offset };
}

/** A header of one array is a line; NumPy itself refuses longer ones. */
const LONGEST_HEADER = 10000;

function numbersOf(raw: Uint8Array<ArrayBuffer>, type: string, as: SampleType): SampleArray {
  if (type === "f2") return halfToFloat(raw);
  if (type === "u8") return Float64Array.from(new BigUint64Array(raw.buffer), Number);
  if (type === "i8") return Float64Array.from(new BigInt64Array(raw.buffer), Number);
  return asSamples(raw, as);
}

function isLarge(samples: SampleArray): boolean {
  for (let i = 0; i < samples.length; i++) if (Math.abs(samples[i]) > FLOAT32_EXACT) return true;
  return false;
}

/** The pixels of one exposure of an array whose first axis runs fastest. */
function fortranPixels(
  samples: SampleArray,
  exposure: number,
  count: number,
  width: number,
  height: number,
): Float32Array {
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = samples[exposure + count * (y + height * x)];
    }
  }
  return data;
}
