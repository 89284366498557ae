/**
 * NumPy's NPY: header, numbers of any kind and order.
 *
 * @module
 */
import { createImage, type FormatContext, type Image, type SampleType } from "@core";
import { corruptFile, unsupportedFile } from "./_read_errors.ts";
import { toSamples } from "./_samples.ts";

const MAGIC = "\x93NUMPY";

/** Number types by NumPy's letter and size. */
const TYPES: Readonly<Record<string, SampleType>> = {
  u1: "uint8",
  b1: "uint8",
  u2: "uint16",
  u4: "uint32",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  f4: "float32",
  f8: "float64",
  u8: "float64",
  i8: "float64",
  f2: "float32",
};

/** Whether bytes start as an NPY file does. */
export function isNpy(head: Uint8Array): boolean {
  return [...MAGIC].every((letter, i) => head[i] === letter.charCodeAt(0));
}

/** The images in an NPY array of two axes (y, x) or three (exposure, y, x). */
export function npyImages(bytes: Uint8Array, name: string, context: FormatContext): Image[] {
  const { descr, fortran, shape, offset } = readHeader(bytes, context);
  const [, order, letter, size] = /^([<>|=])([a-zA-Z])(\d+)$/.exec(descr) ?? [];
  const sourceType = TYPES[`${letter}${size}`];
  if (sourceType === undefined) {
    const got = `numbers of type ${descr}`;
    throw unsupportedFile(context, "real numbers", got, "convert it with array.astype('float32')");
  }
  if (shape.length < 2 || shape.length > 3) {
    const got = `${shape.length} axes`;
    const hint = "save one image (y, x) or one stack (exposure, y, x)";
    throw unsupportedFile(context, "an array of 2 or 3 axes", got, hint);
  }
  const [height, width] = shape.slice(-2);
  const count = shape.length === 3 ? shape[0] : 1;
  const total = count * width * height, step = Number(size);
  if (!(total * step <= bytes.length - offset)) {
    throw corruptFile(
      context,
      "NPY",
      `an end at byte ${bytes.length} instead of ${offset + total * step}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, total * step);
  const read = numberReader(view, letter, step, order !== ">");
  const digits = String(Math.max(0, count - 1)).length;
  return Array.from({ length: count }, (_, e) => {
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const index = fortran ? e + count * (y + height * x) : (e * height + y) * width + x;
        data[y * width + x] = read(index);
      }
    }
    const own = count === 1 ? name : `${name}_${String(e).padStart(digits, "0")}`;
    return createImage({ name: own, width, height, data, sourceType });
  });
}

/** An NPY file of an image, or of a stack (exposure, y, x), in the source sample type. */
export function writeNpy(images: readonly Image[]): Uint8Array {
  const [{ width, height, sourceType }] = images;
  const letter = sourceType.startsWith("float") ? "f" : sourceType.startsWith("u") ? "u" : "i";
  const step = Number(/\d+$/.exec(sourceType)![0]) / 8;
  const shape = images.length === 1
    ? `${height}, ${width}`
    : `${images.length}, ${height}, ${width}`;
  const text = `{'descr': '${step === 1 ? "|" : "<"}${letter}${step}', 'fortran_order': False, ` +
    `'shape': (${shape}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const strips = images.map(toSamples);
  const out = new Uint8Array(10 + length + strips.reduce((sum, s) => sum + s.length, 0));
  const header = text.padEnd(length - 1) + "\n";
  out.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, length & 255, length >> 8]);
  out.set(new TextEncoder().encode(header), 10);
  let at = 10 + length;
  for (const strip of strips) {
    out.set(strip, at);
    at += strip.length;
  }
  return out;
}

function readHeader(bytes: Uint8Array, context: FormatContext) {
  if (!isNpy(bytes) || bytes.length < 12) throw corruptFile(context, "NPY", "another first line");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = bytes[6] > 1;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const offset = (isLong ? 12 : 10) + length;
  if (offset > bytes.length) {
    throw corruptFile(context, "NPY", `an end at byte ${bytes.length}, within its header`);
  }
  const text = new TextDecoder("latin1").decode(bytes.slice(isLong ? 12 : 10, offset));
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (fortran === undefined || shape === undefined) {
    throw corruptFile(context, "NPY", "a header that cannot be understood");
  }
  const sizes = shape.split(",").map((part) => part.trim()).filter((part) => part !== "").map(
    Number,
  );
  if (sizes.some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw corruptFile(context, "NPY", `the shape (${shape})`);
  }
  return { descr: descr ?? "a record", fortran: fortran === "True", shape: sizes, offset };
}

function numberReader(
  view: DataView,
  letter: string,
  step: number,
  little: boolean,
): (index: number) => number {
  switch (`${letter}${step}`) {
    case "u1":
    case "b1":
      return (i) => view.getUint8(i);
    case "i1":
      return (i) => view.getInt8(i);
    case "u2":
      return (i) => view.getUint16(2 * i, little);
    case "i2":
      return (i) => view.getInt16(2 * i, little);
    case "u4":
      return (i) => view.getUint32(4 * i, little);
    case "i4":
      return (i) => view.getInt32(4 * i, little);
    case "f2":
      return (i) => view.getFloat16(2 * i, little);
    case "f4":
      return (i) => view.getFloat32(4 * i, little);
    case "u8":
      return (i) => Number(view.getBigUint64(8 * i, little));
    case "i8":
      return (i) => Number(view.getBigInt64(8 * i, little));
    default:
      return (i) => view.getFloat64(8 * i, little);
  }
}
